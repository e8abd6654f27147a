/** The objects view: tables of a kind as a person finds them. */
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';

/** Shows the table of a kind; resolves to its grid. */
export async function showTable(page: Page, kind: string): Promise<Locator> {
  await page.getByRole('tab', { name: /^(Objects|对象)/ }).click();
  const list = page.getByRole('navigation', { name: /^(Kinds|种类)$/ });
  const select = page.getByRole('combobox', { name: /^(Kind|种类)/ });
  await expect(list.or(select).filter({ visible: true }).first()).toBeVisible();
  if (await list.isVisible())
    await list
      .getByRole('button', { name: new RegExp(`^${kind} ?\\d*`) })
      .first()
      .click();
  else {
    const value = await select
      .locator('option')
      .filter({ hasText: new RegExp(`^${kind} \\(`) })
      .first()
      .getAttribute('value');
    await select.selectOption(value);
  }
  return page.getByRole('grid', { name: kind, exact: true });
}

/** Limits the views to a namespace. */
export async function chooseNamespace(page: Page, namespace: string): Promise<void> {
  await page.getByRole('combobox', { name: /^(Namespace|命名空间)/ }).selectOption(namespace);
}

/** The rows of a table below its head that hold all the texts. */
export function rowsWith(grid: Locator, ...texts: (string | RegExp)[]): Locator {
  const cell = (text: string | RegExp) => grid.page().getByRole('gridcell', { name: text, exact: true });
  return texts.reduce(
    (rows, text) => rows.filter({ has: cell(text) }),
    grid.getByRole('row').filter({ has: grid.page().getByRole('gridcell') }),
  );
}

/** Sets the speed of time by its menu. */
export async function setSpeed(page: Page, speed: '×1' | '×10' | '×60' | 'max'): Promise<void> {
  await page.getByRole('button', { name: /^(Speed of time|时间速度)/ }).click();
  await page.getByRole('menuitemradio', { name: speed, exact: true }).click();
}
