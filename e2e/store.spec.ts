/** The store view: keys, versions, any two of them compared, what has been compacted, and how far each watch has come. */
import type { Page } from '@playwright/test';
import type { KubernetesObject } from '../src/apimachinery/meta.ts';
import { control, openPage, request } from './support/cluster.ts';
import { create } from './support/network.ts';
import { expect, test } from './support/test.ts';

const map = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});
const write = async (page: Page, name: string, value: string): Promise<number> => {
  const call = { verb: 'patch' as const, group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name };
  const object = (await request(page, { ...call, patchType: 'merge', body: { data: { value } } })) as KubernetesObject;
  return Number(object.metadata.resourceVersion);
};

test('the versions of a key, any two compared, and back by keyboard', async ({ page }) => {
  await openPage(page);
  await create(page, 'configmaps', map('settings', 'one'));
  await write(page, 'settings', 'two');
  const third = await write(page, 'settings', 'three');
  await page.keyboard.press('5');
  const view = page.getByRole('tabpanel', { name: 'Store' });
  const filter = view.getByRole('searchbox', { name: 'Filter keys' });
  await expect(filter).toBeVisible();
  await page.keyboard.press('/');
  await expect(filter).toBeFocused();
  await page.keyboard.type('default/settings');
  const key = view.getByRole('button', { name: /^configmaps\/default\/settings/ });
  await key.focus();
  await page.keyboard.press('Enter');
  const history = view.getByRole('region', { name: '/registry/configmaps/default/settings' });
  await expect(history.getByRole('list', { name: 'Versions of the key' }).getByRole('button')).toHaveText([
    /created/,
    /version 2/,
    /version 3/,
  ]);
  const changed = history.getByRole('row').filter({ hasText: 'data.value' });
  await expect(changed).toContainText('two');
  await expect(changed).toContainText('three');
  await history.getByRole('combobox', { name: 'Compare with revision' }).selectOption({ index: 0 });
  await expect(changed).toContainText('one');
  await history.getByRole('button', { name: 'Value' }).click();
  await expect(history).toContainText(`Value at revision ${String(third)}`);
  await expect(history).toContainText('value: three');
  await page.keyboard.press('Escape');
  await expect(history).toBeHidden();
  await expect(key).toBeFocused();

  await filter.fill('nothing like it');
  await view.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(view.getByRole('button', { name: /^pods \d+/ })).toBeVisible();
  const newest = view.getByRole('region', { name: 'The newest revisions' });
  await newest
    .getByRole('button')
    .filter({ hasText: String(third) })
    .click();
  await expect(history).toContainText('three');
});

test('a deleted key keeps its history, and every watch has a lane', async ({ page }) => {
  await openPage(page);
  await create(page, 'configmaps', map('gone', 'x'));
  await request(page, { verb: 'delete', group: '', version: 'v1', resource: 'configmaps', namespace: 'default', name: 'gone' });
  await page.keyboard.press('5');
  const view = page.getByRole('tabpanel', { name: 'Store' });
  await view
    .getByRole('region', { name: 'The newest revisions' })
    .getByRole('button')
    .filter({ hasText: /DELETE.*configmaps\/default\/gone/ })
    .click();
  await expect(view).toContainText('The key is gone with this revision.');
  const lanes = view.getByRole('region', { name: 'Watches' });
  for (const component of ['kube-scheduler', 'kubelet/node-1', 'kube-controller-manager'])
    await expect(lanes.getByRole('row').filter({ hasText: component }).first()).toContainText(/at revision \d+|no change yet/);
});

test('ten thousand keys: found by name, and the view stays quick', async ({ page }) => {
  await openPage(page);
  await control(page, 'setClock', { paused: true });
  await page.evaluate(async () => {
    for (let start = 0; start < 10_000; start += 500) {
      await Promise.all(
        Array.from({ length: 500 }, (_unused, index) =>
          window.kubarium!.request({
            verb: 'create',
            group: '',
            version: 'v1',
            resource: 'configmaps',
            namespace: 'default',
            body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `map-${String(start + index)}` } } as never,
          }),
        ),
      );
    }
  });
  await page.keyboard.press('5');
  const view = page.getByRole('tabpanel', { name: 'Store' });
  await view.getByRole('button', { name: /^configmaps 1\d{4}/ }).click();
  await expect(view).toContainText(/The first 300 of 10,\d{3} keys are shown/);
  const found = view.getByRole('button', { name: /^configmaps\/default\/map-9876/ });
  const before = Date.now();
  await view.getByRole('searchbox', { name: 'Filter keys' }).fill('map-9876');
  await expect(found).toBeVisible();
  console.log(`found among 10,000 keys after ${String(Date.now() - before)} ms`);
  await found.click();
  await expect(view).toContainText('name: map-9876');
});
