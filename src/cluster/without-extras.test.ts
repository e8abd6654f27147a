/** The cluster of a first visit runs before the extras are there: its modules are loaded once more here, without them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import type { SavedState } from './restore.ts';

const QUARTER_DAY_MS = 6 * 3_600_000;

describe('the shipped default cluster', () => {
  it('is idle for hours without the extras', async () => {
    const shipped = JSON.parse(readFileSync('generated/first-cluster.json', 'utf8')) as SavedState;
    vi.resetModules();
    const { Cluster } = await import('./cluster.ts');
    const { userWorld } = await import('./late-parts.ts');
    const { NodeResource } = await import('../api/core/node.ts');
    const cluster = Cluster.restore({ seed: 1, layout: {} }, shipped);
    cluster.startComponents();
    cluster.sim.runUntil(cluster.sim.now + QUARTER_DAY_MS);
    expect(userWorld.installed).toBe(false);
    const ready = cluster
      .client('test')
      .list(NodeResource)
      .items.map(({ status }) => status?.conditions?.find(({ type }) => type === 'Ready')?.status);
    expect(new Set(ready)).toEqual(new Set(['True']));
  }, 60_000);
});
