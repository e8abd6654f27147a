/** Links in which a scenario travels: a preview first, then the same run in every browser and without one. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { readScenario } from '../src/scenario/scenario.ts';
import { encodeShareLink } from '../src/scenario/share-link.ts';
import { finalHash, list, openPage } from './support/cluster.ts';
import { apply, manifestSet, paste } from './support/editor.ts';
import { expect, test } from './support/test.ts';

const ROOT = join(import.meta.dirname, '..');
const SCENARIO = join(import.meta.dirname, 'fixtures/scenarios/seed-7.yaml');

/** Runs the same file without a browser; resolves to what it printed. */
async function headlessHash(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['src/headless/main.ts', ...args, '--until', 'idle', '--print', 'hash'], {
    cwd: ROOT,
  });
  return stdout.trim();
}

/** Opens a link, looks at the preview, accepts it, and runs the scenario to its end. */
async function runLink(page: Page, fragment: string, preview: (dialog: ReturnType<Page['getByRole']>) => Promise<void>): Promise<string> {
  await openPage(page, fragment);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  await preview(dialog);
  await dialog.getByRole('button', { name: 'Open it' }).click();
  await expect(dialog).toBeHidden();
  return finalHash(page);
}

test('a link made here opens as a preview elsewhere, and runs to the same end everywhere', async ({ page, newProfile }) => {
  await openPage(page);
  await paste(page, manifestSet('guestbook-go'));
  await expect(await apply(page)).toContainText('6 objects applied');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  expect(link).toContain('/sub/kubarium/#s=1');
  await page.keyboard.press('Escape');

  const hashes: string[] = [];
  for (const run of [1, 2]) {
    const other = await (await newProfile()).newPage();
    const hash = await runLink(other, new URL(link).hash, async (dialog) => {
      await expect(dialog).toContainText('Someone shared a cluster with you');
      for (const what of ['3 × Service', '2 × ReplicationController', '1 × Deployment', 'Starts running.', 'Seed 1.'])
        await expect(dialog).toContainText(what);
      // Nothing of it has happened yet.
      expect(await list(other, 'replicationcontrollers')).toEqual([]);
    });
    hashes.push(hash);
    expect(await list(other, 'replicationcontrollers')).toHaveLength(2);
    expect(await list(other, 'pods'), `run ${run}`).toHaveLength(6);
  }
  console.log(`hashes ${hashes.join(' ')}`);
  expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
  expect(hashes[1]).toBe(hashes[0]);
});

test('a scenario ends with the same hash in two browsers and without one', async ({ page, newProfile }) => {
  const link = `#s=${encodeShareLink(readScenario(readFileSync(SCENARIO, 'utf8')))}`;
  const preview = async (dialog: ReturnType<Page['getByRole']>) => {
    for (const what of ['Shared with you: Seven', 'Starts paused.', 'Seed 7.', '1 × StatefulSet']) await expect(dialog).toContainText(what);
  };
  const other = await (await newProfile()).newPage();
  const hashes = [
    await runLink(page, link, preview),
    await runLink(other, link, preview),
    await headlessHash('--scenario', SCENARIO, '--seed', '7'),
    await headlessHash('--scenario', SCENARIO, '--seed', '7'),
  ];
  console.log(`hashes ${hashes.join(' ')}`);
  expect(new Set(hashes).size, hashes.join(' ')).toBe(1);
});

test('a link does not replace the visitor’s own cluster unless he says so', async ({ page }) => {
  const link = `#s=${encodeShareLink(readScenario(readFileSync(SCENARIO, 'utf8')))}`;
  await openPage(page);
  await paste(page, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n');
  await expect(await apply(page)).toContainText('1 object applied');
  await page.evaluate((hash) => (window.location.hash = hash), link);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('1 object of yours would be lost');
  await dialog.getByRole('button', { name: 'Keep mine' }).click();
  await expect(dialog).toBeHidden();
  expect((await list(page, 'configmaps')).map(({ metadata }) => metadata.name)).toContain('mine');
  expect(await list(page, 'apps/deployments')).toEqual([]);
  expect(new URL(page.url()).hash).toBe('');
});
