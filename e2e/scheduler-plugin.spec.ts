/** Schedulers of one's own and of the past: plugins from the editor, with consent and with every mistake, the classic mode, and packing. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { KubernetesObject } from '../src/apimachinery/meta.ts';
import type { ConfigMap, Pod } from '../src/api/generated/types.ts';
import type { SchedulerPlugin } from '../src/api/kubarium/scheduler-plugin.ts';
import { control, list, openPage, request } from './support/cluster.ts';
import { apply, paste } from './support/editor.ts';
import { expect, test } from './support/test.ts';

const SCENARIO = {
  apiVersion: 'kubarium.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'places' },
  spec: {
    seed: 1,
    title: { en: 'Places' },
    clock: { start: 'running', speed: 1 },
    cluster: { nodePools: [{ name: 'node', count: 3, cpu: '4', memory: '8Gi' }] },
  },
};

const pod = (name: string, cpu = '100m') => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27', resources: { requests: { cpu, memory: '128Mi' } } }] },
});

async function createPod(page: Page, body: object): Promise<void> {
  await request(page, { verb: 'create', group: '', version: 'v1', resource: 'pods', namespace: 'default', body: body as KubernetesObject });
  await control(page, 'runUntilIdle', { limitSeconds: 5 });
}

const nodeOf = async (page: Page, name: string): Promise<string | undefined> =>
  (await list<Pod>(page, 'pods')).find(({ metadata }) => metadata.name === name)?.spec.nodeName;

const plugins = async (page: Page): Promise<SchedulerPlugin[]> =>
  (
    (await request(page, { verb: 'list', group: 'kubarium.dev', version: 'v1alpha1', resource: 'schedulerplugins' })) as {
      items: SchedulerPlugin[];
    }
  ).items;

const view = (page: Page) => page.getByRole('region', { name: /^(Scheduler|调度器)$/ });
const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

async function openCluster(page: Page): Promise<void> {
  await openPage(page);
  await control(page, 'reset', { scenario: { objects: [SCENARIO] as never, seed: 1 } });
  await control(page, 'setClock', { paused: false, speed: 'max' });
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  await page.getByRole('tab', { name: /^(Scheduler|调度器)/ }).click();
}

/** Opens a sample from the view and applies it, as a person does. */
async function applySample(page: Page, sample: string): Promise<void> {
  await view(page)
    .getByRole('button', { name: /^(Your plugin|您的插件)$/ })
    .click();
  await view(page)
    .getByRole('combobox', { name: /^(Sample|示例)$/ })
    .selectOption(sample);
  await view(page)
    .getByRole('button', { name: /^(Open in the editor|在编辑器中打开)$/ })
    .click();
  await expect(await apply(page)).toContainText('schedulerplugin.kubarium.dev/');
}

async function allow(page: Page, name: string): Promise<void> {
  await card(page, name).getByRole('button', { name: 'Allow it to run' }).click();
  await expect(card(page, name)).not.toContainText('waits for your consent');
  await control(page, 'runUntilIdle', { limitSeconds: 5 });
}

test('a plugin from the editor runs once it is allowed, as one more column; its link carries no consent', async ({ page, newProfile }) => {
  await openCluster(page);
  await applySample(page, 'even');
  await expect(card(page, 'even-nodes')).toContainText('waits for your consent');
  await expect(card(page, 'even-nodes')).toContainText('It stands in even-nodes.yaml, which was applied in this editor.');
  await expect(card(page, 'even-nodes')).toContainText('No network, no page, no storage, no clock, no chance');
  await createPod(page, pod('before'));
  await allow(page, 'even-nodes');
  await expect(card(page, 'even-nodes')).toContainText('takes part in score');
  await createPod(page, pod('web'));
  expect(await nodeOf(page, 'web')).toBe('node-2');

  await card(page, 'even-nodes')
    .getByRole('button', { name: /^Try it on/ })
    .click();
  await expect(card(page, 'even-nodes')).toContainText(/node-2 won/);
  await view(page).getByRole('combobox').first().selectOption('default/web');
  const grid = page.getByRole('grid', { name: /^Nodes and plugins for web/ });
  await expect(grid.getByRole('columnheader', { name: 'even-nodes, weight 10' })).toBeVisible();
  await view(page).getByRole('combobox').first().selectOption('default/before');
  await expect(page.getByRole('grid', { name: /for before/ }).getByRole('columnheader', { name: /even-nodes/ })).toHaveCount(0);

  await page.getByRole('button', { name: 'Share' }).first().click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const visitor = await (await newProfile()).newPage();
  await openPage(visitor, new URL(link).hash);
  await visitor.getByRole('button', { name: 'Open it' }).click();
  await expect.poll(async () => (await plugins(visitor)).map(({ spec }) => spec.approved === true)).toEqual([false]);
  await control(visitor, 'runUntilIdle', { limitSeconds: 30 });
  expect((await plugins(visitor))[0]?.status?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'NotApproved' });
  await visitor.getByRole('tab', { name: /^Scheduler/ }).click();
  await view(visitor).getByRole('button', { name: 'Your plugin' }).click();
  await expect(card(visitor, 'even-nodes')).toContainText('it came with the link that was opened');
});

test('a plugin in TypeScript is compiled when it is applied, and a mistake in it is shown at its line', async ({ page }) => {
  await openCluster(page);
  await applySample(page, 'typed');
  await expect(card(page, 'even-nodes').getByRole('region', { name: /^What runs/ })).not.toContainText(': number');
  await expect(card(page, 'even-nodes').getByRole('region', { name: /^What runs/ })).toContainText('score(pod, node)');
  await allow(page, 'even-nodes');
  await createPod(page, pod('web'));
  expect(await nodeOf(page, 'web')).toBe('node-2');

  await paste(
    page,
    'apiVersion: kubarium.dev/v1alpha1\nkind: SchedulerPlugin\nmetadata:\n  name: wrong\nspec:\n  language: TypeScript\n  source: |\n    const a: number = 1;\n    function score(: number { return a; }\n',
  );
  const result = await apply(page);
  await expect(result).toContainText('spec.source:');
  await expect(result.getByRole('button', { name: /9/ }).first()).toBeVisible();
  expect((await plugins(page)).map(({ metadata }) => metadata.name)).toEqual(['even-nodes']);
});

test('a whole scheduler from the editor binds the pods that name it, once it is allowed, and tells its reasons', async ({ page }) => {
  await openCluster(page);
  await applySample(page, 'roundRobin');
  await expect(card(page, 'round-robin')).toContainText('a scheduler of the pods with schedulerName: round-robin');
  await expect(card(page, 'round-robin')).toContainText('as user kubarium:scheduler:round-robin');
  await control(page, 'runUntilIdle', { limitSeconds: 5 });
  const nodesOf = async () =>
    (await list<Pod>(page, 'pods'))
      .filter(({ metadata }) => metadata.labels?.['app'] === 'by-round-robin')
      .map(({ spec }) => spec.nodeName ?? '')
      .sort();
  expect(await nodesOf()).toEqual(['', '', '', '']);
  await view(page).getByRole('button', { name: 'Your plugin' }).click();
  await expect(view(page)).toContainText('Scheduler round-robin is in the cluster, and waits for your consent to run.');
  await view(page).getByRole('button', { name: 'Read it, and decide' }).click();
  await allow(page, 'round-robin');
  await expect(card(page, 'round-robin')).toContainText(/schedules\s*JavaScript, a scheduler of/);
  await expect.poll(nodesOf).toEqual(['node-1', 'node-1', 'node-2', 'node-3']);
  const bound = (await list<Pod>(page, 'pods')).find(({ metadata }) => metadata.labels?.['app'] === 'by-round-robin');
  await view(page)
    .getByRole('combobox')
    .first()
    .selectOption(`default/${bound?.metadata.name ?? ''}`);
  await expect(view(page)).toContainText(/round-robin chose node-\d: turn \d/);
});

for (const [sample, name, message] of [
  ['loops', 'for-ever', 'it was stopped after 2,000,000 steps: it seems to loop for ever'],
  ['throws', 'thrower', /TypeError: .*\(line 2\)/],
  ['nonsense', 'nonsense', 'returned "quite good" for node'],
  ['fetch', 'fetcher', "ReferenceError: 'fetch' is not defined"],
] as const) {
  test(`a plugin with a mistake (${sample}) says what is wrong, and pods go on without it`, async ({ page, foreign }) => {
    await openCluster(page);
    await applySample(page, sample);
    await allow(page, name);
    await createPod(page, pod('web'));
    await expect(card(page, name)).toContainText(message);
    await view(page).getByRole('combobox').first().selectOption('default/web');
    await view(page).getByRole('combobox', { name: 'Attempt' }).selectOption('1');
    await expect(view(page)).toContainText(`The attempt failed: running Score plugins: plugin "${name}": score(pod, node)`);
    await expect(view(page)).toContainText(message);
    // Back-off between the attempts takes its time: 1, 2, 4 and 8 seconds of the cluster's.
    await control(page, 'setClock', { speed: 60 });
    await expect.poll(() => nodeOf(page, 'web'), { timeout: 60_000 }).toBeDefined();
    await createPod(page, pod('other'));
    await expect.poll(() => nodeOf(page, 'other')).toBeDefined();
    await view(page).getByRole('button', { name: 'Your plugin' }).click();
    await expect(card(page, name)).toContainText('stopped after 5 failures, so that other pods go on');
    expect(foreign).toEqual([]);
  });
}

test('classic mode and the ways of Borg are asked, framed as the past, and can take over', async ({ page }) => {
  await openCluster(page);
  await createPod(page, pod('web'));
  await view(page).getByRole('combobox').first().selectOption('default/web');
  await page.getByRole('tab', { name: 'Compare' }).click();
  const details = page.locator('#scheduler-panel');
  for (const id of ['worstFit', 'bestFit', 'hybrid']) {
    await details.getByRole('combobox', { name: 'against' }).selectOption(id);
    await expect(details).toContainText(/Both choose|chooses/);
    await expect(details).toContainText('weighed how full a machine gets');
  }
  await details.getByRole('combobox', { name: 'against' }).selectOption('classic');
  await expect(details).toContainText('GeneralPredicates');
  await expect(details).toContainText('LeastRequestedPriority');
  await expect(details).toContainText('10 points at most each');
  await details.getByRole('button', { name: /^Use “classic/ }).click();
  await expect(page.getByText(/^default-scheduler schedules as “classic/).first()).toBeVisible();
  const { data = {} } = (await request(page, {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'kube-system',
    name: 'kube-scheduler',
  })) as ConfigMap;
  expect(data['config.yaml']).toContain('policy: {}');
  await control(page, 'runUntilIdle', { limitSeconds: 10 });
  await createPod(page, pod('then'));
  await createPod(page, pod('giant', '40'));
  await view(page).getByRole('combobox').first().selectOption('default/then');
  const grid = page.getByRole('grid', { name: /for then/ });
  await view(page).getByRole('button', { name: 'Text', exact: true }).click();
  await expect(page.getByRole('region', { name: 'The decision in words' })).toContainText(/LeastRequestedPriority \d0?[,\s]/);
  await view(page).getByRole('button', { name: 'Table', exact: true }).click();
  await expect(grid).toBeVisible();
  await view(page).getByRole('combobox').first().selectOption('default/giant');
  await page
    .getByRole('grid', { name: /for giant/ })
    .getByText('Insufficient cpu')
    .first()
    .click();
  await expect(page.getByRole('tabpanel').filter({ hasText: 'GeneralPredicates' }).first()).toBeVisible();
});

test('the packing experiment gives the same numbers for the same seed', async ({ page }) => {
  await openCluster(page);
  await view(page).getByRole('button', { name: 'Packing experiment' }).click();
  const lab = page.getByRole('region', { name: 'Packing experiment' });
  await expect(lab).toContainText(/Separate clusters need 2\d(\.\d)? % more machines/);
  const first = await lab.getByRole('table').innerText();
  await lab.getByRole('textbox', { name: 'Seed' }).fill('another');
  await lab.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => lab.getByRole('table').innerText()).not.toBe(first);
  await lab.getByRole('textbox', { name: 'Seed' }).fill('kubarium');
  await lab.getByRole('button', { name: 'Run' }).click();
  await expect.poll(() => lab.getByRole('table').innerText()).toBe(first);
});

for (const language of ['en', 'zh-CN'] as const) {
  test.describe(`in ${language}`, () => {
    test.use({ locale: language });

    test('axe finds nothing on the pages beside the decision, light or dark', async ({ page }) => {
      await openCluster(page);
      await applySample(page, 'typed');
      const found: string[] = [];
      for (const name of [/^(Your plugin|您的插件)$/, /^(Packing experiment|装箱实验)$/]) {
        const button = view(page).getByRole('button', { name });
        if ((await button.getAttribute('aria-pressed')) !== 'true') await button.click();
        await expect(page.getByRole('region', { name })).toContainText(/\?|？|%/);
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
          const { violations } = await new AxeBuilder({ page }).include('#view-panel').analyze();
          found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`));
        }
      }
      expect(found.join('\n')).toBe('');
    });
  });
}
