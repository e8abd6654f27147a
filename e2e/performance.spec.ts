/** The main thread stays free while a cluster works hard: no task over 50 ms while 300 pods roll out. */
import type { Browser, Page } from '@playwright/test';
import type { Deployment } from '../src/api/generated/types.ts';
import { control, openPage } from './support/cluster.ts';
import { measureTasks } from './support/main-thread.ts';
import type { Measured } from './support/main-thread.ts';
import { expect, test } from './support/test.ts';

// Playwright's own snapshots and questions run on the main thread: none are taken, and the page itself notices the end.
test.use({ trace: 'off', screenshot: 'off' });

const LIMIT_MS = 50;
const PODS = 300;
const RUNS = 3;

const CLUSTER = {
  apiVersion: 'kubarium.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'roll' },
  spec: {
    seed: 1,
    title: { en: 'Roll' },
    clock: { start: 'running', speed: 10 },
    cluster: { workers: 3, node: { cpu: '32', memory: '64Gi', pods: 200 } },
  },
};
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: PODS,
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx:1.27', resources: { requests: { cpu: '50m', memory: '32Mi' } } }] },
    },
  },
};

/** Starts a fresh cluster, creates the Deployment, and measures until all pods are ready and drawn. */
async function roll(browser: Browser, page: Page, speed: number | 'max'): Promise<Measured> {
  await control(page, 'reset', { scenario: { objects: [CLUSTER] as never, seed: 1 } });
  await control(page, 'setClock', { paused: false, speed });
  await expect(page.getByLabel('Timeline').getByText(/^rev [\d,]+/)).toBeVisible();
  return measureTasks(browser, page, LIMIT_MS, () =>
    page.evaluate(async (body) => {
      const where = { group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default' };
      await window.kubarium!.request({ ...where, verb: 'create', body });
      for (;;) {
        const { object } = await window.kubarium!.request({ ...where, verb: 'get', name: body.metadata.name });
        if ((object as Deployment).status?.readyReplicas === body.spec.replicas) break;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      for (let drawn = 0; drawn < 30; drawn++) await new Promise(requestAnimationFrame); // what is still to be drawn
    }, DEPLOYMENT),
  );
}

const told = ({ longest, over }: Measured['cpu']) => `longest ${Math.round(longest)} ms, ${over.length} over ${LIMIT_MS} ms`;

test(`no task of the main thread over ${LIMIT_MS} ms while ${PODS} pods roll out`, async ({ browser, page }) => {
  await openPage(page);
  await expect(page.locator('#view-panel canvas').first()).toBeVisible();
  await expect(page.locator('.monaco-editor').first()).toBeVisible();
  await roll(browser, page, 'max'); // what is loaded and compiled at its first use
  for (const speed of [10, 'max'] as const) {
    const runs: Measured[] = [];
    for (let run = 0; run < RUNS; run++) runs.push(await roll(browser, page, speed));
    for (const { cpu, wall } of runs) console.log(`speed ${speed}: CPU time ${told(cpu)}; wall time ${told(wall)}`);
    const median = runs.map(({ cpu }) => cpu.longest).sort((a, b) => a - b)[Math.floor(RUNS / 2)];
    expect(median, `speed ${speed}`).toBeLessThanOrEqual(LIMIT_MS);
  }
});
