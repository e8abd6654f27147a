/** Everything a first lesson needs, without a mouse: write a Pod, apply it, find it, read about it. */
import { openPage } from './support/cluster.ts';
import { pasteIntoFocus } from './support/editor.ts';
import { expect, test } from './support/test.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: by-keyboard\nspec:\n  containers:\n  - name: web\n    image: nginx:1.27\n';

test('a Pod is created and inspected by keyboard only', async ({ page }) => {
  const focused = (selector: string) => page.evaluate((wanted) => document.activeElement?.closest(wanted) !== null, selector);
  const pressUntil = async (key: string, selector: string, most: number) => {
    for (let pressed = 0; pressed < most && !(await focused(selector)); pressed++) await page.keyboard.press(key);
    expect(await focused(selector), `${key} leads to ${selector}`).toBe(true);
  };

  await openPage(page);
  await expect(page.locator('#editor-panel .monaco-editor').first()).toBeVisible();

  // F6 goes from region to region; Tab goes on from there into the text.
  await pressUntil('F6', '[data-region=right]', 8);
  await pressUntil('Tab', '.monaco-editor', 20);
  await page.keyboard.type('# typed');
  await expect(page.locator('#editor-panel .view-lines').first()).toContainText('# typed');
  await page.keyboard.press('Control+a');
  await pasteIntoFocus(page, POD);
  await page.keyboard.press('Control+Enter');
  const result = page.getByRole('region', { name: 'Result' });
  await expect(result).toContainText('pod/by-keyboard created');

  // Tab alone indents; after Escape it leaves.
  expect(await focused('.monaco-editor')).toBe(true);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  expect(await focused('.monaco-editor')).toBe(false);

  await page.keyboard.press('6');
  const grid = page.getByRole('grid', { name: 'Pod' });
  await expect(grid).toBeVisible();
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox', { name: 'Filter pods' })).toBeFocused();
  await page.keyboard.type('by-keyboard');
  await expect(grid.getByRole('row').filter({ hasText: 'by-keyboard' })).toHaveCount(1);
  await expect(grid.getByRole('row')).toHaveCount(2);
  await pressUntil('Tab', '[role=grid] [role=row][data-index]', 20);
  await page.keyboard.press('Enter');
  const inspector = page.getByRole('complementary', { name: 'Right dock' });
  await expect(inspector.getByRole('heading', { name: 'by-keyboard' })).toBeVisible();

  // Time by keyboard: the view has no text field under the focus.
  await expect(inspector).toContainText('Running · 1/1');
  await pressUntil('F6', '[data-region=right]', 8);
  await pressUntil('Tab', '[role=tab][id^=inspector]', 20);
  await page.keyboard.press('ArrowRight');
  await expect(inspector.getByRole('tab', { name: /^Events/ })).toHaveAttribute('aria-selected', 'true');
  await expect(inspector).toContainText('Successfully assigned default/by-keyboard to node-');
  await page.keyboard.press('ArrowRight');
  await expect(inspector.getByRole('tab', { name: 'YAML' })).toHaveAttribute('aria-selected', 'true');
  await expect(inspector).toContainText('podIP: 10.244.');
});
