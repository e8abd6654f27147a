/** The scheduler view: why a pod is where it is, what would have to change, and the same by keyboard and in words. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import type { KubernetesObject } from '../src/apimachinery/meta.ts';
import type { ConfigMap, Pod } from '../src/api/generated/types.ts';
import { control, openPage, request } from './support/cluster.ts';
import { expect, test } from './support/test.ts';

const SCENARIO = {
  apiVersion: 'kubarium.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'places' },
  spec: {
    seed: 1,
    title: { en: 'Places' },
    clock: { start: 'running', speed: 1 },
    cluster: {
      nodePools: [
        { name: 'small', count: 2, cpu: '2', memory: '4Gi' },
        { name: 'node', count: 1, cpu: '4', memory: '8Gi' },
        { name: 'big', count: 1, cpu: '8', memory: '16Gi' },
      ],
    },
  },
};

const pod = (name: string, cpu: string, memory: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'nginx:1.27', resources: { requests: { cpu, memory } } }], ...more },
});

const create = (page: Page, body: object, resource = 'pods', group = '', namespace: string | undefined = 'default') =>
  request(page, { verb: 'create', group, version: 'v1', resource, namespace, body: body as KubernetesObject });

/** Opens the view on a cluster of its own and creates the pods one after the other. */
async function openScheduler(page: Page, pods: readonly object[]): Promise<void> {
  await openPage(page);
  await control(page, 'reset', { scenario: { objects: [SCENARIO] as never, seed: 1 } });
  await control(page, 'setClock', { paused: false, speed: 'max' });
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  for (const one of pods) {
    await create(page, one);
    await control(page, 'runUntilIdle', { limitSeconds: 20 });
  }
  await page.getByRole('tab', { name: /^(Scheduler|调度器)/ }).click();
}

const view = (page: Page) => page.getByRole('region', { name: /^(Scheduler|调度器)$/ });
const choose = (page: Page, name: string) => view(page).getByRole('combobox').first().selectOption(`default/${name}`);
const details = (page: Page) => page.locator('#scheduler-panel');

test('tells with numbers why no node fits, and what was scored where one does', async ({ page }) => {
  await openScheduler(page, [pod('web', '500m', '1Gi'), pod('giant', '20', '1Gi')]);
  await expect(view(page)).toContainText('None of 5 nodes fits.');
  await expect(view(page).getByRole('button', { name: /^giant ≤ \d/ })).toHaveAttribute(
    'title',
    /default\/giant, attempts: 1, tried again in/,
  );
  const grid = page.getByRole('grid', { name: 'Nodes and plugins for giant, attempt 1' });
  await grid.getByRole('row').filter({ hasText: 'big-1' }).getByText('Insufficient cpu').click();
  await expect(details(page)).toContainText('Why big-1 was refused');
  await expect(details(page)).toContainText(/cpu: requested 20000m, free \d+m of 8000m/);
  await expect(details(page)).toContainText('Removing other pods could help.');

  await choose(page, 'web');
  const scored = page.getByRole('grid', { name: /^Nodes and plugins for web/ });
  await expect(scored.getByRole('rowheader', { name: /winner/ })).toHaveCount(1);
  const { node, fit } = await scored
    .getByRole('row')
    .nth(1)
    .evaluate((row) => ({ node: row.children[0]?.textContent, fit: row.children[2]?.textContent }));
  await scored.getByRole('row').nth(1).locator('[data-column="2"]').click();
  await expect(details(page)).toContainText(`NodeResourcesFit on ${node?.replace(/★.*/, '').trim() ?? ''}: ${fit ?? ''}`);
  await expect(details(page)).toContainText(/cpu: \(\d+m − \d+m\) · 100 \/ \d+m = \d+/);
  await expect(details(page)).toContainText(new RegExp(`⌊\\(\\d+ \\+ \\d+\\) / 2⌋ = ${fit ?? ''}`));
});

test('by keyboard every cell is reached, and the text says what the table says', async ({ page }) => {
  await openScheduler(page, [pod('web', '500m', '1Gi')]);
  const grid = page.getByRole('grid', { name: /^Nodes and plugins for web/ });
  await grid.locator('[tabindex="0"]').focus();
  const at = () =>
    page.evaluate(() => [document.activeElement?.getAttribute('data-row'), document.activeElement?.getAttribute('data-column')].join());
  await expect.poll(at).toBe('0,0');
  const columns = Number(await grid.getAttribute('aria-colcount'));
  const rows = Number(await grid.getAttribute('aria-rowcount')) - 1;
  for (let row = 0; row < rows; row++) {
    for (let column = 1; column < columns; column++) {
      await page.keyboard.press('ArrowRight');
      await expect.poll(at).toBe(`${String(row)},${String(column)}`);
    }
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('End');
  await expect.poll(at).toBe(`0,${String(columns - 1)}`);
  await page.keyboard.press('Enter');
  await expect(details(page)).toContainText(/^Total of /);

  const totals = await grid.getByRole('row').evaluateAll((all) =>
    all
      .slice(1)
      .map((row) => ({
        node: row.firstElementChild?.textContent?.replace(/★.*/, '').trim() ?? '',
        total: row.lastElementChild?.textContent ?? '',
      }))
      .filter(({ total }) => /\d/.test(total)),
  );
  await view(page).getByRole('button', { name: 'Text', exact: true }).click();
  const text = page.getByRole('region', { name: 'The decision in words' });
  for (const { node, total } of totals) await expect(text.getByRole('listitem').filter({ hasText: node })).toContainText(`total ${total}`);
  await expect(text).toContainText(/control-plane: node\(s\) had untolerated taint/);
  await view(page).getByRole('button', { name: 'YAML', exact: true }).click();
  await expect(view(page).getByText('kind: SchedulingDecision')).toBeVisible();
});

test('a what-if shows another winner without changing the cluster, until it is applied', async ({ page }) => {
  await openScheduler(page, [pod('load', '3', '1Gi', { nodeName: 'node-1' }), pod('web', '500m', '1Gi')]);
  await choose(page, 'web');
  await page.getByRole('tab', { name: 'What if' }).click();
  await control(page, 'setClock', { paused: true });
  const before = await control(page, 'hash', {});
  await details(page).getByRole('slider', { name: 'cpu' }).focus();
  await page.keyboard.press('End');
  await expect(details(page)).toContainText('No node would fit.');
  await details(page).getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('tab', { name: 'Compare' }).click();
  await expect(details(page)).toContainText(/“packer \(MostAllocated\)” chooses (small-\d|node-1)/);
  await expect(details(page)).toContainText(/▲ up \d place/);
  expect(await control(page, 'hash', {})).toEqual(before);

  await page.getByRole('tab', { name: 'What if' }).click();
  await details(page).getByRole('slider', { name: 'NodeResourcesFit' }).focus();
  for (let pressed = 0; pressed < 4; pressed++) await page.keyboard.press('ArrowRight');
  await details(page).getByRole('button', { name: 'Apply to profile' }).click();
  await expect(page.getByText('Profile default-scheduler has new weights.').first()).toBeVisible();
  const map = (await request(page, {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'configmaps',
    namespace: 'kube-system',
    name: 'kube-scheduler',
  })) as ConfigMap;
  expect(map.data?.['config.yaml']).toMatch(/name: NodeResourcesFit\n\s+weight: 5/);
  await control(page, 'runUntilIdle', { limitSeconds: 10 });
  await create(page, pod('after', '500m', '1Gi'));
  await control(page, 'runUntilIdle', { limitSeconds: 20 });
  await choose(page, 'after');
  await expect(
    page.getByRole('grid', { name: /for after/ }).getByRole('columnheader', { name: 'NodeResourcesFit, weight 5' }),
  ).toBeVisible();
});

test('preemption is told in four frames, and the attempts are kept', async ({ page }) => {
  await openScheduler(page, [pod('cheap', '6', '1Gi')]);
  await create(
    page,
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'prod' }, value: 1000 },
    'priorityclasses',
    'scheduling.k8s.io',
    undefined,
  );
  await create(page, pod('prod', '6', '1Gi', { priorityClassName: 'prod' }));
  await control(page, 'runUntilIdle', { limitSeconds: 120 });
  await choose(page, 'prod');
  await view(page).getByRole('combobox', { name: 'Attempt' }).selectOption('1');
  await expect(view(page)).toContainText('None of 5 nodes fits now. Preemption makes room on big-1.');
  await page.getByRole('tab', { name: 'Preemption' }).click();
  const next = details(page).getByRole('button', { name: 'Next' });
  await expect(details(page)).toContainText('refused by NodeResourcesFit: Insufficient cpu');
  await next.click();
  await expect(details(page)).toContainText('cheap');
  await next.click();
  await expect(details(page)).toContainText('big-1 is the only candidate');
  await next.click();
  await expect(details(page)).toContainText('prod is nominated to big-1');
  await page.getByRole('tab', { name: /^Attempts/ }).click();
  await expect(details(page)).toContainText('Queued by AssignedPodDelete');
  await details(page).getByRole('button', { name: 'Show attempt 2' }).click();
  await expect(view(page)).toContainText('big-1 was the only node of 5 that fits. Scoring skipped: one node left.');
});

test('asks first when wanted, and says who the scheduler never saw', async ({ page }) => {
  await openScheduler(page, [pod('web', '500m', '1Gi'), pod('by-hand', '100m', '1Gi', { nodeName: 'small-1' })]);
  await choose(page, 'by-hand');
  await expect(view(page)).toContainText('nodeName was set by hand: the scheduler never saw this pod.');
  await view(page).getByRole('button', { name: 'Ask first' }).click();
  await choose(page, 'web');
  await expect(page.getByRole('grid', { name: /for web/ })).toBeHidden();
  await page
    .getByRole('region', { name: 'Which node will win?' })
    .getByRole('button', { name: /^small-1/ })
    .click();
  const { spec } = (await request(page, {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'pods',
    namespace: 'default',
    name: 'web',
  })) as Pod;
  await expect(view(page)).toContainText(spec.nodeName === 'small-1' ? 'Your guess was right: small-1.' : 'Your guess: small-1.');
  await expect(page.getByRole('grid', { name: /for web/ }).getByText('your guess')).toHaveCount(1);
});

for (const language of ['en', 'zh-CN'] as const) {
  test.describe(`in ${language}`, () => {
    test.use({ locale: language });

    test('axe finds nothing, light or dark', async ({ page }) => {
      await openScheduler(page, [pod('web', '500m', '1Gi'), pod('giant', '20', '1Gi')]);
      await choose(page, 'web');
      const tabs = page.getByRole('tablist', { name: /^(About the decision|关于这个决定)$/ });
      await expect(tabs).toBeVisible();
      const found: string[] = [];
      for (const tab of await tabs.getByRole('tab').all()) {
        await tab.click();
        await expect(tab).toHaveAttribute('aria-selected', 'true');
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
          const { violations } = await new AxeBuilder({ page }).include('#view-panel').analyze();
          found.push(...violations.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map(({ html }) => html).join(' ')}`));
        }
      }
      await choose(page, 'giant');
      await page.getByRole('button', { name: /^(Text|文字)$/, exact: true }).click();
      const { violations } = await new AxeBuilder({ page }).include('#view-panel').analyze();
      found.push(...violations.map(({ id }) => id));
      expect(found.join('\n')).toBe('');
    });
  });
}
