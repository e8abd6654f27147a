/** The cluster of a page: opening it, waiting for it, and speaking to it through the console API (src/ui/cluster/console-api.ts). */
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import type {} from '../../src/ui/cluster/console-api.ts'; // window.kubarium
import type { ApiCall, Controls } from '../../src/worker/protocol.ts';

/** Opens the page (with a fragment, if given) and waits until its cluster can be used. */
export async function openPage(page: Page, fragment = ''): Promise<void> {
  await page.goto(`./${fragment}`);
  await waitReady(page);
}

/** Waits until the page shows a cluster, and the cluster behind it answers: a first visit draws its picture before the engine has come. */
export async function waitReady(page: Page): Promise<void> {
  await expect(
    page
      .getByLabel('Timeline')
      .or(page.getByLabel('时间轴'))
      .getByText(/^(rev|修订) ?[\d,]+/),
  ).toBeVisible();
  await control(page, 'recentTasks', { limit: 1 });
}

/** Runs a control of the worker. */
export function control<Name extends keyof Controls>(
  page: Page,
  name: Name,
  params: Controls[Name]['params'],
): Promise<Controls[Name]['result']> {
  const run = ([which, how]: [Name, Controls[Name]['params']]) => window.kubarium!.control(which, how);
  return page.evaluate(run as never, [name, params] as never) as Promise<Controls[Name]['result']>;
}

/** Sends a request to the API. */
export async function request(page: Page, call: ApiCall): Promise<unknown> {
  const { object } = await page.evaluate((sent) => window.kubarium!.request(sent), call);
  return object;
}

/** Lists the objects of a resource of the core group ("pods"), or of another ("apps/deployments"). */
export async function list<T extends KubernetesObject>(
  page: Page,
  resource: string,
  namespace: string | undefined = 'default',
): Promise<T[]> {
  const [group, plural] = resource.includes('/') ? resource.split('/') : ['', resource];
  const found = (await request(page, { verb: 'list', group: group!, version: 'v1', resource: plural!, namespace })) as { items: T[] };
  return found.items;
}

/** Hash of the whole store, once all that is under way has been done. Time stands still afterwards, so that nothing follows. */
export async function finalHash(page: Page): Promise<string> {
  await control(page, 'setClock', { paused: true });
  await control(page, 'runUntilIdle', { limitSeconds: 3600 });
  const { hash } = await control(page, 'hash', {});
  return hash;
}
