/** Drives a headless cluster against the wall clock, in slices, so that requests get in between. */
import type { Cluster } from '../cluster/cluster.ts';

const SLICE_MS = 10;
const TICK_MS = 10;
const FAST_STEP_MS = 1000;

/** Starts the clock. The result runs what is due at once, after a request. */
export function paceInRealTime(cluster: Cluster, speed: 'paused' | 'max' | number): () => void {
  const { sim } = cluster;
  let pace: { paused: boolean; speed: number | 'max' } = { paused: speed === 'paused', speed: speed === 'paused' ? 1 : speed };
  cluster.clock.attach({ state: () => pace, set: (next) => (pace = { ...pace, ...next }) });
  let before = performance.now();
  const slice = () => {
    const begin = performance.now();
    const elapsed = Math.min(begin - before, 250);
    before = begin;
    if (pace.paused) return;
    const shouldYield = () => performance.now() - begin > SLICE_MS;
    // At top speed time still passes when there is nothing to do: a hundred virtual seconds each real one.
    const target = pace.speed === 'max' ? sim.now + FAST_STEP_MS : sim.now + elapsed * pace.speed;
    sim.runUntil(Math.round(target), shouldYield);
  };
  setInterval(slice, TICK_MS);
  return slice;
}
