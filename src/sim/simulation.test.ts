import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';
import { Simulation, SimulationError } from './simulation.ts';
import { TaskScope } from './task-scope.ts';

function recorder() {
  const sim = new Simulation({ seed: 3, startTime: 1000 });
  const seen: string[] = [];
  const add = (delayMs: number, name: string, background = false) =>
    sim.schedule(delayMs, 'test', name, '', () => void seen.push(`${name}@${sim.now}`), { background });
  return { sim, seen, add };
}

describe('the run queue', () => {
  it('runs by time and then by insertion', () => {
    const { sim, seen, add } = recorder();
    add(10, 'b');
    add(5, 'a');
    add(10, 'c');
    add(0, 'now');
    sim.runUntil(1020);
    expect(seen).toEqual(['now@1000', 'a@1005', 'b@1010', 'c@1010']);
    expect(sim.now).toBe(1020);
  });

  it('runs a timer that is due before tasks posted at the same instant later', () => {
    const { sim, seen, add } = recorder();
    sim.schedule(5, 'test', 'first', '', () => add(0, 'posted'));
    add(5, 'timer');
    sim.runUntil(1005);
    expect(seen).toEqual(['timer@1005', 'posted@1005']);
  });

  it('is idle when only background tasks wait, and knows each cause', () => {
    const { sim, add } = recorder();
    const causes: number[] = [];
    const first = sim.schedule(
      0,
      'test',
      'first',
      '',
      () => void sim.schedule(0, 'test', 'second', '', () => causes.push(sim.current?.cause ?? -1)),
    );
    add(60_000, 'heartbeat', true);
    expect(sim.isIdle).toBe(false);
    expect(sim.runUntilIdle(1000)).toBe(true);
    expect(causes).toEqual([first.id]);
    expect(sim.now).toBe(1000);
  });

  it('does not run what was cancelled, and counts it no longer', () => {
    const { sim, seen, add } = recorder();
    sim.cancel(add(5, 'never'));
    expect(sim.isIdle).toBe(true);
    sim.runUntil(2000);
    expect(seen).toEqual([]);
  });

  it('can be interrupted and goes on where it was', () => {
    const { sim, seen, add } = recorder();
    for (let index = 0; index < 100; index++) add(index, String(index));
    expect(sim.runUntil(1100, () => true)).toBe(false);
    expect(seen.length).toBe(32);
    expect(sim.now).toBe(1031);
    sim.runUntil(1100);
    expect(seen.length).toBe(100);
  });

  it('stops with seed and last tasks when a task throws', () => {
    const { sim } = recorder();
    sim.schedule(0, 'kubelet/node-1', 'sync', 'pods/default/web', () => {
      throw new Error('broken');
    });
    expect(() => sim.step()).toThrow(SimulationError);
    expect(() => new Simulation()).not.toThrow();
  });

  it('stops a runaway', () => {
    const sim = new Simulation({ maxTasksPerInstant: 50 });
    const again = () => void sim.schedule(0, 'loop', 'spin', 'x', again);
    again();
    expect(() => sim.runUntil(sim.now + 1)).toThrow(/tasks run away[^]*loop spin x/);
  });

  it('performs a request from outside at once, with errors for the caller', () => {
    const { sim } = recorder();
    expect(sim.perform('you', 'get', '', () => 7)).toBe(7);
    expect(() =>
      sim.perform('you', 'get', '', () => {
        throw new Error('refused');
      }),
    ).toThrow('refused');
    expect(sim.executed).toBe(2);
  });
});

describe('a process', () => {
  it('drops what it had waiting when it is killed, with its children', () => {
    const sim = new Simulation();
    const scope = new TaskScope(sim, 'node');
    const seen: string[] = [];
    scope.after(10, 'a', '', () => void seen.push('a'));
    scope.child('pod').after(10, 'b', '', () => void seen.push('b'));
    scope.onKill(() => seen.push('closed'));
    scope.kill();
    sim.runUntil(sim.now + 100);
    expect(seen).toEqual(['closed']);
    expect(sim.isIdle).toBe(true);
  });

  it('repeats in the background until stopped', () => {
    const sim = new Simulation();
    let count = 0;
    const timer = new TaskScope(sim, 'x').every(10, 'tick', '', () => void count++);
    expect(sim.isIdle).toBe(true);
    sim.runUntil(sim.now + 35);
    timer.stop();
    sim.runUntil(sim.now + 100);
    expect(count).toBe(3);
  });
});

describe('chance', () => {
  it('is the same for the same seed, and independent between forks', () => {
    const draw = (random: Random) => Array.from({ length: 4 }, () => random.uint32());
    expect(draw(new Random('7'))).toEqual(draw(new Random('7')));
    expect(draw(new Random('7'))).not.toEqual(draw(new Random('8')));
    const parent = new Random('7');
    const before = draw(parent.fork('a'));
    parent.uint32();
    expect(draw(parent.fork('a'))).toEqual(before);
  });

  it('is spread evenly enough', () => {
    const random = new Random('spread');
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 100_000; index++) counts[random.int(10)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('makes uuids, names and ids of the right form', () => {
    const random = new Random('form');
    for (let index = 0; index < 200; index++) {
      expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(random.suffix(5)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(random.hex(7)).toMatch(/^[0-9a-f]{7}$/);
    }
  });
});
