/** The language changes at once and takes nothing with it. That every message exists in both is src/ui/i18n/i18n.test.ts. */
import { control, list, openPage, waitReady } from './support/cluster.ts';
import { apply, paste } from './support/editor.ts';
import { chooseNamespace, rowsWith, showTable } from './support/objects.ts';
import { expect, test } from './support/test.ts';

test('switching to Chinese changes the texts and keeps the state', async ({ page }) => {
  await openPage(page);
  const text = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: kept\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27\n';
  await paste(page, text);
  await expect(await apply(page)).toContainText('1 object applied');
  await chooseNamespace(page, 'default');
  await rowsWith(await showTable(page, 'Pod'), 'kept').click();
  await control(page, 'setClock', { paused: true });
  const before = await control(page, 'hash', {});

  await page.getByRole('button', { name: 'Kubarium menu' }).click();
  await page.getByRole('menuitemradio', { name: '简体中文' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  for (const name of ['集群', '对象']) await expect(page.getByRole('tab', { name })).toBeVisible();
  await expect(page.getByRole('button', { name: '分享', exact: true })).toBeVisible();
  await expect(page.getByText('已暂停')).toBeVisible();

  // The same table, the same selection, the same cluster, to the last bit.
  await expect(rowsWith(page.getByRole('grid', { name: 'Pod' }), 'kept')).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('complementary', { name: '右侧栏' }).getByRole('heading', { name: 'kept' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: /^命名空间/ })).toHaveValue('default');
  expect(await control(page, 'hash', {})).toEqual(before);
  await page.getByRole('tab', { name: '编辑器' }).click();
  await expect(page.locator('#editor-panel .view-lines').first()).toContainText('name: kept');

  await page.reload();
  await waitReady(page);
  await expect(page.locator('html')).toHaveAttribute('lang', 'zh-CN');
  await expect(page.getByRole('region', { name: '开始使用' })).toContainText('欢迎回来');
  expect((await list(page, 'pods')).map(({ metadata }) => metadata.name)).toEqual(['kept']);
});

test.describe('a browser that asks for Chinese', () => {
  test.use({ locale: 'zh-CN' });

  test('gets it from the first screen on', async ({ page }) => {
    await openPage(page);
    await page.getByRole('button', { name: '启动您的第一个 Pod' }).click();
    await expect(page.getByRole('region', { name: '开始使用' })).toContainText('您只写了一个对象，就有五个组件行动起来。');
  });
});
