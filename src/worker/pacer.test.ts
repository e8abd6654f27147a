import { describe, expect, it } from 'vitest';
import { Simulation } from '../sim/simulation.ts';
import { Pacer } from './pacer.ts';
import type { Host, Pace } from './pacer.ts';

/** A host whose time the test moves by hand. */
class ManualHost implements Host {
  time = 0;
  #soon: (() => void)[] = [];
  #later: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }
  soon(run: () => void): void {
    this.#soon.push(run);
  }
  later(ms: number, run: () => void): () => void {
    const entry = { at: this.time + ms, run };
    this.#later.push(entry);
    return () => (this.#later = this.#later.filter((other) => other !== entry));
  }
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      for (let run = this.#soon.shift(); run !== undefined; run = this.#soon.shift()) run();
      const next = this.#later.sort((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#later.shift();
      this.time = Math.max(this.time, next.at);
      next.run();
    }
    this.time = end;
  }
}

function setUp(pace: Pace) {
  const host = new ManualHost();
  const sim = new Simulation({ startTime: 0 });
  const ticks: number[] = [];
  const tick = () => {
    ticks.push(sim.now);
    sim.schedule(1000, 'test', 'tick', '', tick, { background: true });
  };
  sim.schedule(1000, 'test', 'tick', '', tick, { background: true });
  const pacer = new Pacer(host, sim, pace, {
    onProgress: () => undefined,
    onCrash: (error) => {
      throw error;
    },
  });
  return { host, sim, pacer, ticks };
}

describe('the pacer', () => {
  it('keeps step with real time at speed 1, and ten times as fast at 10', () => {
    const one = setUp({ paused: false, speed: 1 });
    one.host.advance(5050);
    expect(one.ticks).toEqual([1000, 2000, 3000, 4000, 5000]);
    const ten = setUp({ paused: false, speed: 10 });
    ten.host.advance(1010);
    expect(ten.ticks).toHaveLength(10);
  });

  it('stands still while paused and goes on without catching up', () => {
    const { host, sim, pacer, ticks } = setUp({ paused: true, speed: 1 });
    host.advance(60_000);
    expect(sim.now).toBe(0);
    pacer.set({ paused: false });
    host.advance(1050);
    expect(ticks).toEqual([1000]);
  });

  it('runs what is in the foreground at once at top speed, and then keeps step', () => {
    const { host, sim } = setUp({ paused: false, speed: 'max' });
    let done = 0;
    sim.schedule(90_000, 'test', 'work', '', () => (done = sim.now));
    host.advance(50);
    expect(done).toBe(90_000);
    host.advance(1000);
    expect(sim.now).toBeLessThan(92_000);
  });

  it('does not jump after the tab slept', () => {
    const { host, sim } = setUp({ paused: false, speed: 1 });
    host.advance(100);
    host.time += 3_600_000;
    host.advance(500);
    expect(sim.now).toBeLessThan(2000);
  });
});
