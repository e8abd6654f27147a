/** Bad days of the storage (UX: private window, full, damaged): the cluster runs on, and the page says what is not saved. */
import type { Page } from '@playwright/test';
import { list, openPage, waitReady } from './support/cluster.ts';
import { apply, paste } from './support/editor.ts';
import { expect, test } from './support/test.ts';

// The worker's script is changed on its way, which a service worker would hide from the test.
test.use({ serviceWorkers: 'block' });

/** Runs a script in the cluster's worker before its own. */
async function beforeWorker(page: Page, script: string): Promise<void> {
  let changed = false;
  await page.route(/cluster-worker-[\w-]+\.js$/, async (route) => {
    const response = await route.fetch();
    changed = true;
    await route.fulfill({ response, body: `${script};\n${await response.text()}` });
  });
  await openPage(page);
  expect(changed, 'the worker’s script came past').toBe(true);
}

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

for (const [name, script] of [
  ['IndexedDB is missing', 'Object.defineProperty(self, "indexedDB", { value: undefined })'],
  ['IndexedDB refuses', 'IDBFactory.prototype.open = () => { throw new DOMException("denied", "SecurityError"); }'],
  [
    'IndexedDB fails to open',
    'IDBFactory.prototype.open = () => { const request = new EventTarget(); setTimeout(() => { Object.assign(request, { error: new DOMException("internal", "UnknownError") }); request.dispatchEvent(new Event("error")); }); return request; }',
  ],
] as const) {
  test(`${name}: the cluster runs in memory, and a ribbon says so`, async ({ page }) => {
    await page.addInitScript(script);
    await beforeWorker(page, script);
    await expect(page.getByText('This window cannot save anything: the cluster will be lost when it is closed.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Export as YAML' })).toBeVisible();
    await paste(page, configMap('mine'));
    await expect(await apply(page)).toContainText('1 object applied');
    expect((await list(page, 'configmaps')).map(({ metadata }) => metadata.name)).toContain('mine');
  });
}

test('a full storage stops saving, says so, and the cluster runs on', async ({ page }) => {
  const full = `const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (value, ...key) {
      if (JSON.stringify(value).includes('fills-the-disk')) throw new DOMException('full', 'QuotaExceededError');
      return put.call(this, value, ...key);
    }`;
  await beforeWorker(page, full);
  await paste(page, configMap('small'));
  await expect(await apply(page)).toContainText('1 object applied');
  const ribbon = page.getByText('The storage is full. The cluster runs on, but its history is no longer saved.');
  await expect(ribbon).toBeHidden();
  await paste(page, configMap('fills-the-disk'));
  await expect(await apply(page)).toContainText('1 object applied');
  await expect(ribbon).toBeVisible();
  await paste(page, configMap('after'));
  await expect(await apply(page)).toContainText('1 object applied');
  await page.getByRole('button', { name: 'Manage data' }).click();
  await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();

  // What was acknowledged before the storage was full is there after a reload.
  await page.keyboard.press('Escape');
  await page.reload();
  await waitReady(page);
  const names = (await list(page, 'configmaps')).map(({ metadata }) => metadata.name);
  expect(names).toContain('small');
  expect(names).not.toContain('fills-the-disk');
});

test('damaged storage gives a fresh cluster, and a copy of the old one is kept', async ({ page }) => {
  await openPage(page);
  await paste(page, configMap('mine'));
  await expect(await apply(page)).toContainText('1 object applied');
  await page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('kubarium');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(new Error('not opened'));
    });
    const clearing = db.transaction('snapshot', 'readwrite');
    clearing.objectStore('snapshot').clear();
    await new Promise((resolve) => clearing.addEventListener('complete', resolve));
    db.close();
  });
  await page.reload();
  await waitReady(page);
  await expect(
    page.getByText('The saved cluster was damaged, so a fresh one was started. A copy of the damaged one is kept.'),
  ).toBeVisible();
  const databases = await page.evaluate(async () => (await indexedDB.databases()).map(({ name }) => name ?? ''));
  expect(databases.filter((name) => name.startsWith('kubarium-damaged-'))).toHaveLength(1);
  await page.reload();
  await waitReady(page);
  await expect(page.getByText('The saved cluster was damaged')).toBeHidden();
});

test('erasing takes everything: cluster, texts, settings', async ({ page }) => {
  await openPage(page);
  await paste(page, configMap('mine'));
  await expect(await apply(page)).toContainText('1 object applied');
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Erase all data…' }).click();
  await page.getByRole('button', { name: 'Erase', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Start your first Pod' })).toBeEnabled();
  expect((await list(page, 'configmaps')).map(({ metadata }) => metadata.name)).not.toContain('mine');
  await expect(page.locator('#editor-panel .monaco-editor').first()).toBeVisible();
  await expect(page.locator('#editor-panel .view-lines').first()).not.toContainText('mine');
});
