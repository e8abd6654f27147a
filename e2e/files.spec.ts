/** Files from the visitor's computer, texts of several MB in the editor, and what the page says of a new release and of a runaway. */
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { request, openPage, waitReady } from './support/cluster.ts';
import { editorField } from './support/editor.ts';
import { measureTasks } from './support/main-thread.ts';
import type { Measured } from './support/main-thread.ts';
import { expect, test } from './support/test.ts';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const LIMIT_MS = 50;

test('files are opened by the picker and by dropping them on the page', async ({ page }) => {
  await openPage(page);
  await editorField(page);
  await page.getByRole('button', { name: 'File', exact: true }).click();
  const picker = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Open from this computer…' }).click();
  await (await picker).setFiles({ name: 'picked.yaml', mimeType: 'application/yaml', buffer: Buffer.from(configMap('picked')) });
  await expect(page.getByRole('tab', { name: /^picked\.yaml/ })).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('#editor-panel .view-lines').filter({ visible: true })).toContainText('picked');

  await page.evaluate(
    (texts) => {
      const data = new DataTransfer();
      for (const [name, text] of texts) data.items.add(new File([text], name, { type: 'application/yaml' }));
      const over = { dataTransfer: data, bubbles: true, cancelable: true };
      const target = document.querySelector('main, #root') ?? document.body;
      target.dispatchEvent(new DragEvent('dragover', over));
      if (!document.documentElement.hasAttribute('data-dropping')) throw new Error('nothing shows that files can be dropped');
      target.dispatchEvent(new DragEvent('drop', over));
    },
    ['one', 'two'].map((name): [string, string] => [`${name}.yaml`, configMap(name)]),
  );
  await expect(page.getByRole('tab', { name: /^one\.yaml/ })).toBeVisible();
  await expect(page.getByRole('tab', { name: /^two\.yaml/ })).toHaveAttribute('aria-selected', 'true');
  expect(await page.evaluate(() => document.documentElement.hasAttribute('data-dropping'))).toBe(false);
});

test('a file that is too large is refused in words', async ({ page }) => {
  await openPage(page);
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.items.add(new File(['x'.repeat(9 * 1024 * 1024)], 'huge.yaml'));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByRole('paragraph').filter({ hasText: 'huge.yaml is larger than 8 MiB' })).toBeVisible();
});

/** Makes a manifest of 4.5 MB in the page, as `window.text`: sending it there would be measured too. Resolves to its last line's number. */
async function longText(page: Page): Promise<RegExp> {
  const lines = await page.evaluate((head) => {
    const line = `  key: ${'x'.repeat(90)}\n`;
    const text = `${head}data:\n${line.repeat(Math.ceil((4.5 * 1024 * 1024) / line.length))}`;
    Object.assign(window, { text });
    return text.split('\n').length;
  }, configMap('huge'));
  await page.waitForTimeout(1000);
  return new RegExp(`^${String(lines)}$`);
}

const lineNumbers = (page: Page) => page.locator('#editor-panel .line-numbers').filter({ visible: true });
/** What follows a change: analysis, saving. */
const AFTERMATH_MS = 2000;

function expectShort(what: string, { cpu, wall }: Measured): void {
  console.log(`longest task of ${what}: ${cpu.longest.toFixed(0)} ms of CPU, ${wall.longest.toFixed(0)} ms of wall`);
  expect(cpu.over).toEqual([]);
}

test('4.5 MB pasted into the editor stop the page in no task, and are one step of undo', async ({ page, browser }) => {
  await openPage(page);
  const last = await longText(page);
  await (await editorField(page)).focus();
  const measured = await measureTasks(browser, page, LIMIT_MS, async () => {
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData('text/plain', (window as unknown as { text: string }).text);
      document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await expect(lineNumbers(page).filter({ hasText: last })).toBeVisible();
    await page.waitForTimeout(AFTERMATH_MS);
  });
  expectShort('a paste of 4.5 MB', measured);
  await page.keyboard.press('ControlOrMeta+z');
  await expect(lineNumbers(page)).toHaveCount(1);
});

test('4.5 MB opened from a file stop the page in no task', async ({ page, browser }) => {
  await openPage(page);
  const last = await longText(page);
  await editorField(page);
  const measured = await measureTasks(browser, page, LIMIT_MS, async () => {
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.items.add(new File([(window as unknown as { text: string }).text], 'big.yaml'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await expect(page.getByRole('tab', { name: /^big\.yaml/ })).toHaveAttribute('aria-selected', 'true');
    await expect(lineNumbers(page).filter({ hasText: last })).toBeVisible();
    await page.waitForTimeout(AFTERMATH_MS);
  });
  expectShort('a file of 4.5 MB', measured);
});

/** Serves what another server has, with a service worker that can be made a later one. */
async function laterRelease(origin: string): Promise<{ server: Server; url: string; release(): void }> {
  let later = '';
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const answer = await fetch(new URL(incoming.url ?? '/', origin));
      const isWorker = incoming.url?.endsWith('/sw.js');
      const body = isWorker ? Buffer.from((await answer.text()) + later) : Buffer.from(await answer.arrayBuffer());
      const type = answer.headers.get('content-type') ?? 'application/octet-stream';
      outgoing.writeHead(answer.status, { 'content-type': type, 'cache-control': 'no-cache' }).end(body);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { server, url: `http://127.0.0.1:${String(port)}`, release: () => (later = '\n// a later release\n') };
}

test('a new release waits until the visitor wants it', async ({ page, baseURL, foreign }) => {
  const { server, url, release } = await laterRelease(baseURL!);
  try {
    const address = url + new URL(baseURL!).pathname;
    await page.goto(address);
    await waitReady(page);
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await page.reload(); // the first visit is not under the service worker's control
    await waitReady(page);
    release();
    await page.evaluate(async () => void (await (await navigator.serviceWorker.getRegistration())?.update()));
    const toast = page.getByRole('paragraph').filter({ hasText: 'A new release of Kubarium is ready' });
    await expect(toast).toBeVisible();
    const loaded = page.waitForEvent('load');
    await page.getByRole('button', { name: /^Reload/ }).click();
    await loaded;
    await waitReady(page);
    await expect(toast).toBeHidden();
    foreign.splice(0, Infinity, ...foreign.filter((address) => !address.startsWith(url)));
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('a scenario that runs away is paused, says why, and goes on if it is to', async ({ page }) => {
  test.setTimeout(240_000);
  await openPage(page);
  // The kubelet refuses each pod, and the ReplicaSet replaces each refused one: that never ends.
  const spec = {
    replicas: 300,
    selector: { matchLabels: { app: 'refused' } },
    template: {
      metadata: { labels: { app: 'refused' } },
      spec: { nodeName: 'node-1', nodeSelector: { no: 'such' }, containers: [{ name: 'a', image: 'nginx' }] },
    },
  };
  const body = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'refused', namespace: 'default' }, spec };
  await request(page, { verb: 'create', group: 'apps', version: 'v1', resource: 'replicasets', namespace: 'default', body } as never);
  const ribbon = page.getByRole('paragraph').filter({ hasText: 'Time was paused: the scenario runs away.' });
  await expect(ribbon).toBeVisible({ timeout: 200_000 });
  const goOn = page.getByRole('button', { name: 'Continue anyway' });
  await expect(goOn).toBeVisible();
  await goOn.click();
  await expect(ribbon).toBeHidden();
});
