/** The control-loop view: who did what because of one act, what each request went through, and a controller that is stopped. */
import { control, openPage } from './support/cluster.ts';
import { create } from './support/network.ts';
import { expect, test } from './support/test.ts';

const DEPLOYMENT = (name: string, replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'default' },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } },
  },
});

test('one Deployment: who acted, in order, and every request unfolded', async ({ page }) => {
  await openPage(page);
  await create(page, 'deployments', DEPLOYMENT('web', 2), 'apps');
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  await page.keyboard.press('4');
  const view = page.getByRole('tabpanel', { name: 'Control loop' });
  const story = view.getByRole('listbox', { name: /^Requests/ });
  await expect(view.getByRole('combobox', { name: 'What began it' }).locator('option:checked')).toHaveText(
    /create deployments default\/web$/,
  );
  await expect(view).toContainText('desired 2');
  await expect(view).toContainText('ready 2');
  const texts = await story
    .getByRole('option')
    .evaluateAll((options) => options.map((option) => option.firstElementChild?.textContent ?? ''));
  const order = [
    /^you asks.*create deployments default\/web/,
    /^The kube-apiserver tells kube-controller-manager/,
    /^deployment-controller asks.*create replicasets default\/web-/,
    /^replicaset-controller asks.*create pods default\/web-/,
    /^kube-scheduler asks.*create pods\/binding default\/web-/,
    /^kubelet\/node-\d asks.*pods\/status default\/web-/,
  ].map((pattern) => texts.findIndex((text) => pattern.test(text)));
  expect(
    order.every((index) => index >= 0),
    texts.join('\n'),
  ).toBe(true);
  expect(order).toEqual([...order].sort((a, b) => a - b));

  // By keyboard: arrows select, the details follow, Escape closes them and gives the focus back.
  await story.focus();
  await page.keyboard.press('Home');
  const details = view.getByRole('region', { name: 'The request, step by step' });
  await expect(details).toContainText('kubernetes-admin');
  await expect(details).toContainText('Written to etcd as revision');
  await expect(details).toContainText('The object is new.');
  await page.keyboard.press('Escape');
  await expect(details).toBeHidden();
  await expect(story).toBeFocused();
  await story.getByRole('option').filter({ hasText: 'create pods default/web-' }).first().click();
  await expect(details).toContainText('Allowed');
  await expect(details).toContainText('system:controller:replicaset-controller');
  await expect(details).toContainText(/ServiceAccount, .*changed the object/);
  await details.getByRole('button', { name: 'Show the key in the store' }).click();
  await expect(
    page.getByRole('tabpanel', { name: 'Store' }).getByRole('heading', { name: /^\/registry\/pods\/default\/web-/ }),
  ).toBeVisible();

  // The same as a table, and narrowed.
  await page.keyboard.press('4');
  const all = await story.getByRole('option').count();
  await view.getByRole('button', { name: 'Text', exact: true }).click();
  const rows = view.getByRole('group', { name: /^Requests/ }).getByRole('row');
  await expect(rows).toHaveCount(all + 1);
  await view.getByRole('searchbox').fill('binding');
  await expect(rows).toHaveCount(3);
  await view.getByRole('searchbox').fill('nothing like it');
  await view.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(rows).toHaveCount(all + 1);
});

test('a stopped controller leaves its part undone until it runs again', async ({ page }) => {
  await openPage(page);
  await create(page, 'deployments', DEPLOYMENT('first', 1), 'apps');
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  await page.keyboard.press('4');
  const view = page.getByRole('tabpanel', { name: 'Control loop' });
  await view.getByRole('button', { name: 'Stop replicaset-controller' }).click();
  await expect(view.getByRole('button', { name: 'Let replicaset-controller run' })).toBeVisible();
  await create(page, 'deployments', DEPLOYMENT('second', 1), 'apps');
  await control(page, 'runUntilIdle', { limitSeconds: 30 });
  const story = view.getByRole('listbox', { name: /^Requests/ });
  await expect(story).toContainText('create replicasets default/second-');
  await expect(story).not.toContainText('create pods default/second-');
  await view.getByRole('button', { name: 'Let replicaset-controller run' }).click();
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  await page.keyboard.press('6');
  await expect(page.getByRole('grid', { name: 'Pod' })).toContainText('second-');
});

test('a story of hundreds of requests scrolls and is walked by keyboard', async ({ page }) => {
  await openPage(page);
  await create(page, 'deployments', DEPLOYMENT('many', 40), 'apps');
  await control(page, 'runUntilIdle', { limitSeconds: 120 });
  await page.keyboard.press('4');
  const story = page.getByRole('listbox', { name: /^Requests/ });
  await expect.poll(() => story.getByRole('option').count()).toBeGreaterThan(200);
  await story.focus();
  await page.keyboard.press('End');
  const last = story.getByRole('option').last();
  await expect(last).toHaveAttribute('aria-selected', 'true');
  await expect(last).toBeInViewport();
});
