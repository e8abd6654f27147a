/** What is pasted, sent or stored in bad faith or by mistake: a marked line and Kubernetes' words, and never a lost cluster. */
import { deflateSync, strToU8 } from 'fflate';
import type { Page } from '@playwright/test';
import { encodeShareLink } from '../src/scenario/share-link.ts';
import { control, list, openPage, waitReady } from './support/cluster.ts';
import { apply, editorField, paste } from './support/editor.ts';
import { expect, test } from './support/test.ts';

const CONFIG_MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n';
const bomb = [
  'apiVersion: v1',
  'kind: ConfigMap',
  'metadata: {name: bomb}',
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefgh'.split('').map((key, at) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[at]}`).join(',')}]`),
].join('\n');
const pod = (fields: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: bad\nspec:\n  containers:\n  - name: a\n    image: nginx\n${fields}`;

/** Text, whether the page marks it before it is sent, what the answer says. */
const FAULTS: { name: string; text: string; says: string[] }[] = [
  {
    name: 'broken YAML',
    text: `${CONFIG_MAP}  bad: here: too\n`,
    says: ['Nothing was applied', 'line 5', 'mapping values are not allowed in this context'],
  },
  { name: 'a wrong type', text: CONFIG_MAP + 'data: [1, 2]\n', says: ['Refused, nothing was changed', 'cannot unmarshal', 'line 5'] },
  {
    name: 'an unknown field',
    text: pod('    imagee: nginx\n'),
    says: ['Refused, nothing was changed', 'unknown field "spec.containers[0].imagee"', 'line 9'],
  },
  {
    name: 'an unknown kind',
    text: 'apiVersion: v1\nkind: Podd\nmetadata:\n  name: bad\n',
    says: ['Refused, nothing was changed', 'no matches for kind "Podd" in version "v1"'],
  },
  {
    name: 'a key that stands twice',
    text: `${CONFIG_MAP}  name: other\n`,
    says: ['Nothing was applied', 'line 5', 'key "name" already set in map'],
  },
  { name: 'an alias bomb', text: bomb, says: ['Nothing was applied', 'excessive aliasing'] },
  {
    name: 'an impossible value',
    text: pod('    ports: [{containerPort: 99999}]\n'),
    says: ['Refused, nothing was changed', 'must be between 1 and 65535, inclusive', 'line 9'],
  },
  { name: 'no objects at all', text: '# nothing\n', says: ['The file holds no objects.'] },
];

const names = async (page: Page, resource: string) => (await list(page, resource)).map(({ metadata }) => metadata.name);

test('faults in manifests are marked, told in Kubernetes’ words, and change nothing', async ({ page }) => {
  await openPage(page);
  const before = await names(page, 'configmaps');
  for (const { name, text, says } of FAULTS) {
    await test.step(name, async () => {
      await paste(page, text);
      const result = await apply(page);
      for (const what of says) await expect(result).toContainText(what);
      if (!name.startsWith('no '))
        await expect(page.locator('#editor-panel .squiggly-error, #editor-panel .squiggly-warning').first()).toBeVisible();
      expect(await names(page, 'configmaps')).toEqual(before);
      expect(await names(page, 'pods')).toEqual([]);
      await result.getByRole('button', { name: 'Close the result' }).click();
    });
  }
});

test('a text of which a part is refused says what was applied', async ({ page }) => {
  await openPage(page);
  await paste(page, `${CONFIG_MAP}---\n${pod('    imagee: nginx\n')}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: third\n`);
  const result = await apply(page);
  await expect(result).toContainText('2 of 3 applied, 1 refused');
  await expect(result.getByRole('listitem').filter({ hasText: 'configmap/mine' })).toContainText('created');
  await expect(result.getByRole('listitem').filter({ hasText: 'pod/bad' }).first()).toContainText('refused');
  expect(await names(page, 'configmaps')).toEqual(expect.arrayContaining(['mine', 'third']));
});

test('5 MB of text are refused, and the page answers all the while', async ({ page }) => {
  await openPage(page);
  await (await editorField(page)).focus();
  await page.keyboard.press('ControlOrMeta+a');
  const line = `  key: ${'x'.repeat(90)}\n`;
  const longest = await page.evaluate(async (filler) => {
    const data = new DataTransfer();
    data.setData(
      'text/plain',
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: huge\ndata:\n${filler.repeat(Math.ceil((5 * 1024 * 1024) / filler.length))}`,
    );
    let longestGap = 0;
    let last = performance.now();
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    const until = last + 2500;
    await new Promise<void>((resolve) => {
      const frame = () => {
        const now = performance.now();
        longestGap = Math.max(longestGap, now - last);
        last = now;
        if (now < until) requestAnimationFrame(frame);
        else resolve();
      };
      requestAnimationFrame(frame);
    });
    return Math.round(longestGap);
  }, line);
  console.log(`longest pause of the page after pasting 5 MB: ${longest} ms`);
  expect(longest).toBeLessThan(1500);
  const result = await apply(page);
  await expect(result).toContainText('the text is too large: 5.0 MiB, the limit is 4 MiB');
  await page.getByRole('tab', { name: 'Objects' }).click();
  await expect(page.getByRole('grid', { name: 'Pod' })).toContainText('coredns');
});

const evil = '<img src=x onerror="window.intruded=1"><script>window.intruded=1</script>javascript:window.intruded=1';
const hostile = encodeShareLink({
  seed: 1,
  objects: [
    {
      apiVersion: 'kubarium.dev/v1alpha1',
      kind: 'Scenario',
      metadata: { name: evil, annotations: { a: evil } },
      spec: { title: { en: evil }, description: { en: evil }, view: { panel: evil } },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: evil }, data: { [evil]: evil } },
    { apiVersion: evil, kind: evil, metadata: { name: evil } },
  ] as never,
});
const good = encodeShareLink({ seed: 1, objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'theirs' } }] as never });
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');

const LINKS: [name: string, payload: string, says: string][] = [
  ['nothing', '', 'The link is empty.'],
  ['no payload', '1', 'The link is damaged'],
  ['cut off', good.slice(0, -8), 'The link is damaged'],
  ['changed on its way', `${good.slice(0, 12)}${good[12] === 'A' ? 'B' : 'A'}${good.slice(13)}`, 'The link is damaged'],
  ['of a later release', `9${good.slice(1)}`, 'newer release'],
  ['markup', encodeURIComponent('<img src=x onerror=window.intruded=1>'), 'The link is damaged'],
  ['a deflate bomb', `1${base64url(new Uint8Array([0, 0, 0, 0, ...deflateSync(new Uint8Array(8 * 1024 * 1024))]))}`, 'The link '],
  ['not deflated', `1${base64url(strToU8('{"seed":1,"objects":[]}'))}`, 'The link is damaged'],
  ['too long', `1${'A'.repeat(300_000)}`, 'holds more than a cluster in a browser can carry'],
];

test('hostile and damaged links never run, never blank the page and never replace the cluster', async ({ page }) => {
  await openPage(page);
  await paste(page, CONFIG_MAP);
  await expect(await apply(page)).toContainText('1 object applied');
  const dialog = page.getByRole('dialog');
  for (const [name, payload, says] of LINKS) {
    await test.step(name, async () => {
      await page.evaluate((hash) => (window.location.hash = hash), `#s=${payload}`);
      await expect(dialog).toContainText('This link cannot be opened');
      await expect(dialog).toContainText(says);
      await dialog.getByRole('button', { name: 'Go on with my cluster' }).click();
      await expect(dialog).toBeHidden();
    });
  }
  expect(await names(page, 'configmaps')).toContain('mine');

  // Its texts are shown as texts, and opening it shows what the apiserver refuses.
  await page.evaluate((hash) => (window.location.hash = hash), `#s=${hostile}`);
  await expect(dialog).toContainText('<img src=x');
  await dialog.getByRole('button', { name: 'Open it' }).click();
  await expect(dialog).toBeHidden();
  await waitReady(page);
  await page.getByRole('tab', { name: 'Objects' }).click();
  await expect(page.getByRole('grid', { name: 'Pod' })).toContainText('coredns');
  expect(await page.evaluate(() => 'intruded' in window)).toBe(false);
});

test('a damaged link in the address of a first visit leaves a page that works', async ({ page }) => {
  await openPage(page, `#s=${good.slice(0, -8)}`);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('This link cannot be opened');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Start your first Pod' })).toBeEnabled();
});

test('after a crash the view stays, and the cluster restarts from its last revision', async ({ page }) => {
  await openPage(page);
  await paste(page, CONFIG_MAP);
  await expect(await apply(page)).toContainText('1 object applied');
  await expect(control(page, 'crash', {})).rejects.toThrow('crashed');
  await expect(page.getByText('The simulation stopped. What you see is its last state.').first()).toBeVisible();
  await page.getByRole('button', { name: /^Restart from revision \d+/ }).click();
  await expect(page.getByRole('button', { name: /^Restart from revision/ })).toBeHidden();
  await waitReady(page);
  expect(await names(page, 'configmaps')).toContain('mine');
  const { now } = await control(page, 'setClock', { paused: false });
  await expect.poll(async () => (await control(page, 'setClock', {})).now).toBeGreaterThan(now);
});
