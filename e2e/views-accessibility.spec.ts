/** The views Packets, Control loop and Store: axe finds nothing, light or dark, English and Chinese; large enough for a projector. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { control } from './support/cluster.ts';
import { create, DENY, openNetwork, packets, send } from './support/network.ts';
import { expect, test } from './support/test.ts';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** Least type for a projector, px. */
const PRESENTER_PX = 18;

/** What axe finds in the view, in both themes. */
async function violations(page: Page, name: string): Promise<string[]> {
  const texts: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    const axe = new AxeBuilder({ page }).include('#view-panel');
    const { violations: found } = await (colorScheme === 'dark' ? axe.withRules('color-contrast') : axe.withTags(TAGS)).analyze();
    texts.push(...found.map(({ id, nodes }) => `${name}, ${colorScheme} ${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' ')}`));
  }
  return texts;
}

/** Visits every state of the three views. */
async function visit(page: Page, look: (name: string) => Promise<void>): Promise<void> {
  const view = packets(page);
  const button = (name: RegExp) => page.locator('#view-panel').getByRole('button', { name }).filter({ visible: true });
  await page.keyboard.press('2');
  await expect(view.getByRole('button', { name: /^(Send a packet|发送一个数据包)/ })).toBeVisible();
  await view.getByRole('combobox', { name: /^(To|到)$/ }).selectOption({ label: 'svc/mistyped' });
  await expect(view.getByRole('note')).toBeVisible();
  await look('packets, a Service without pods');
  await send(page, 'client', { place: 'svc/web' });
  await expect(view.getByRole('listbox')).toBeVisible();
  await look('packets, denied');
  await page.evaluate(() =>
    window.kubarium!.request({
      verb: 'delete',
      group: 'networking.k8s.io',
      version: 'v1',
      resource: 'networkpolicies',
      namespace: 'default',
      name: 'deny',
    }),
  );
  await control(page, 'runUntilIdle', { limitSeconds: 10 });
  await send(page, 'client', { place: 'svc/web' });
  const translated = view.getByRole('option').filter({ hasText: 'PREROUTING' }).first();
  await translated.click();
  await button(/^(Why this rule\?|为什么有这条规则？)$/).click();
  await look('packets, a step explained');
  await button(/^(Under ipvs|ipvs 模式下)$/).click();
  await look('packets, IPVS');
  await button(/^(Text|文字)$/).click();
  await look('packets, as text');
  await button(/^(Matrix|矩阵)$/).click();
  await button(/^(Send from every Pod|从每个 Pod 发送)$/).click();
  await expect(view.getByRole('row').filter({ hasText: 'default/client' })).toContainText('✓');
  await look('packets, matrix');
  await button(/^(Cost|代价)$/).click();
  await look('packets, cost');

  await page.keyboard.press('4');
  const story = page.getByRole('listbox', { name: /^(Requests|按先后)/ });
  await story.focus();
  await page.keyboard.press('Home');
  await expect(page.getByRole('region', { name: /^(The request, step by step|逐步查看这个请求)$/ })).toBeVisible();
  await look('control loop, details');
  await button(/^(Text|文字)$/).click();
  await look('control loop, as text');

  await page.keyboard.press('5');
  await expect(button(/^pods \d+/)).toBeVisible();
  await look('store, overview');
  await button(/^pods \d+/).click();
  await button(/^default\/web/).click();
  await look('store, a key');
}

for (const language of ['en', 'zh-CN'] as const) {
  test.describe(`in ${language}`, () => {
    // Without motion: a colour half way from one theme to the other has no meaning.
    test.use({ locale: language, contextOptions: { reducedMotion: 'reduce' } });

    test('axe finds nothing, light or dark', async ({ page }) => {
      test.slow();
      await openNetwork(page);
      await create(page, 'networkpolicies', DENY, 'networking.k8s.io');
      await control(page, 'runUntilIdle', { limitSeconds: 10 });
      const found: string[] = [];
      await visit(page, async (name) => {
        found.push(...(await violations(page, name)));
      });
      expect(found.join('\n')).toBe('');
    });
  });
}

test('a projector shows no text below 18 px, and everything that can be pressed has 24 px', async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 720 });
  await openNetwork(page);
  await create(page, 'networkpolicies', DENY, 'networking.k8s.io');
  await control(page, 'runUntilIdle', { limitSeconds: 10 });
  await page.getByRole('button', { name: /^Present/ }).click();
  const found = new Set<string>();
  await visit(page, async (name) => {
    const small = await page.locator('#view-panel').evaluate((panel, least) => {
      const texts: string[] = [];
      const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        const text = node.textContent?.trim() ?? '';
        if (!element || text === '' || !element.checkVisibility()) continue;
        const svg = element.closest('svg');
        const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
        const size = Number.parseFloat(getComputedStyle(element).fontSize) * scale;
        if (size < least - 0.05) texts.push(`${size.toFixed(1)} px: ${text.slice(0, 40)}`);
      }
      for (const target of panel.querySelectorAll<HTMLElement>('button, select, input, summary')) {
        const { width, height } = target.getBoundingClientRect();
        if (target.checkVisibility() && (width < 24 || height < 24))
          texts.push(`${width} x ${height}: ${target.textContent?.slice(0, 40) ?? ''}`);
      }
      return texts;
    }, PRESENTER_PX);
    for (const one of small) found.add(`${name}: ${one}`);
  });
  expect([...found].join('\n')).toBe('');
});

test('by keyboard alone: digits choose views, Tab reaches every control, F6 goes round', async ({ page }) => {
  await openNetwork(page);
  for (const [digit, name] of [
    ['2', 'Packets'],
    ['4', 'Control loop'],
    ['5', 'Store'],
  ] as const) {
    await page.keyboard.press(digit);
    const panel = page.getByRole('tabpanel', { name });
    await expect(panel.locator('select, input').filter({ visible: true }).first()).toBeVisible();
    expect(await missedByTab(page)).toEqual([]);
  }
  const regions = new Set<string>();
  for (let pressed = 0; pressed < 8; pressed++) {
    await page.keyboard.press('F6');
    regions.add(await page.evaluate(() => document.activeElement?.closest('[data-region]')?.getAttribute('data-region') ?? ''));
  }
  expect([...regions]).toEqual(expect.arrayContaining(['view', 'right', 'timeline']));
});

/** Tabs from the beginning of the view to its end; resolves to the controls that were not reached. */
async function missedByTab(page: Page): Promise<string[]> {
  const panel = page.locator('#view-panel');
  await panel.evaluate((element) => {
    const controls = [...element.querySelectorAll<HTMLElement>('button, select, input, [tabindex="0"], summary')].filter(
      (one) => one.checkVisibility() && one.tabIndex >= 0 && !one.matches(':disabled'),
    );
    const missed = new Set(controls);
    element.addEventListener('focusin', ({ target }) => missed.delete(target as HTMLElement));
    Object.assign(window, { missed });
    element.tabIndex = -1;
    element.focus();
  });
  for (let stops = 0; stops < 400; stops++) {
    await page.keyboard.press('Tab');
    if (!(await page.evaluate(() => document.activeElement?.closest('#view-panel') !== null))) break;
  }
  return page.evaluate(() =>
    [...(window as unknown as { missed: Set<HTMLElement> }).missed]
      .filter((one) => one.isConnected && one.checkVisibility())
      .map((one) => one.outerHTML.slice(0, 120)),
  );
}
