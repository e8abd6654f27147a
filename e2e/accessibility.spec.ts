/** axe finds no violation of WCAG 2.2 AA on the main views: light and dark, English and Chinese. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { control, openPage } from './support/cluster.ts';
import { apply, manifestSet, paste } from './support/editor.ts';
import { rowsWith, showTable } from './support/objects.ts';
import { expect, test } from './support/test.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Names of the dialogs' ways in, per language. */
const WORDS = {
  en: {
    menu: 'Kubarium menu',
    gallery: 'Scenarios…',
    share: 'Share',
    settings: 'Settings',
    keys: 'Keyboard map',
    start: 'Start your first Pod',
    show: 'Text',
    dock: 'Right dock',
  },
  'zh-CN': {
    menu: 'Kubarium 菜单',
    gallery: '场景……',
    share: '分享',
    settings: '设置',
    keys: '快捷键',
    start: '启动您的第一个 Pod',
    show: '文字',
    dock: '右侧栏',
  },
} as const;

/** What axe finds in the present theme, and of contrast, which alone depends on it, in the other. */
async function violations(page: Page): Promise<string[]> {
  const texts: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    const axe = new AxeBuilder({ page });
    const { violations: found } = await (colorScheme === 'light' ? axe.withTags(TAGS) : axe.withRules('color-contrast')).analyze();
    texts.push(
      ...found.map(
        ({ id, nodes }) =>
          `${colorScheme} ${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} — ${failureSummary ?? ''}`).join('; ')}`,
      ),
    );
  }
  return texts;
}

for (const language of ['en', 'zh-CN'] as const) {
  test.describe(`in ${language}`, () => {
    test.use({ locale: language });

    test('axe finds nothing, light or dark', async ({ page }) => {
      const words = WORDS[language];
      const found: string[] = [];
      const check = async (name: string) => {
        await test.step(name, async () => {
          for (const violation of await violations(page)) found.push(`${name}: ${violation}`);
        });
      };
      const dialog = page.getByRole('dialog');
      const inDialog = async (name: string) => {
        await expect(dialog).toBeVisible();
        await check(name);
        await page.keyboard.press('Escape');
        await expect(dialog).toBeHidden();
      };

      await openPage(page);
      await expect(page.getByRole('button', { name: words.start })).toBeEnabled();
      await expect(page.locator('.monaco-editor').first()).toBeVisible();
      await expect(page.locator('html')).toHaveAttribute('lang', language);
      await check('first screen');

      await paste(
        page,
        `${manifestSet('guestbook-go')}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: bad\nspec:\n  containers:\n  - name: a\n    imagee: nginx\n`,
      );
      await expect(page.locator('#editor-panel .squiggly-error, #editor-panel .squiggly-warning').first()).toBeVisible();
      await apply(page);
      await check('editor with problems and a result');
      await control(page, 'setClock', { paused: true });
      await control(page, 'runUntilIdle', { limitSeconds: 600 });

      await page
        .getByRole('button', { name: words.show, exact: true })
        .or(page.getByRole('radio', { name: words.show, exact: true }))
        .first()
        .click();
      // Rows below the fold are made when they are scrolled to: a pod that is surely above it.
      await expect(page.getByRole('tree')).toContainText('guestbook-');
      await check('the picture as text');

      const pods = await showTable(page, 'Pod');
      await rowsWith(pods, '1/1', /Running$/)
        .filter({ hasText: 'redis-master' })
        .click();
      await expect(page.getByRole('complementary', { name: words.dock }).getByRole('heading', { level: 2 })).toContainText('redis-master');
      await check('objects view, inspector with a pod');

      await page.getByRole('button', { name: words.menu }).click();
      await check('menu');
      await page.getByRole('menuitem', { name: words.gallery }).click();
      await expect(dialog.getByRole('listitem').first()).toBeVisible();
      await inDialog('gallery');
      await page.getByRole('button', { name: words.share, exact: true }).click();
      await expect(dialog.getByRole('textbox')).toBeVisible();
      await inDialog('share');
      await page.getByRole('button', { name: words.settings, exact: true }).click();
      await inDialog('settings');
      await page.getByRole('button', { name: words.keys, exact: true }).click();
      await inDialog('keyboard map');
      expect(found.join('\n')).toBe('');
    });
  });
}
