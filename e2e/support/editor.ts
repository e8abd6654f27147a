/** The YAML editor, as a person uses it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import type { Locator, Page } from '@playwright/test';

const MANIFESTS = join(import.meta.dirname, '../fixtures/manifests');

/** All files of a set of manifests, in the order of their names, as one text. */
export function manifestSet(name: string): string {
  const files = readdirSync(join(MANIFESTS, name)).sort();
  return files.map((file) => readFileSync(join(MANIFESTS, name, file), 'utf8')).join('\n---\n');
}

/** The editor's text field, once Monaco is there. Brings the panel to the front first. */
export async function editorField(page: Page): Promise<Locator> {
  const tab = page.getByRole('tab', { name: /^(Editor|编辑器)/ });
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  const editor = page.locator('#editor-panel .monaco-editor').filter({ visible: true }).first();
  await expect(editor).toBeVisible();
  return editor.getByRole('textbox').first();
}

/** Pastes a text into whatever has the focus, as the browser would: typing would be indented anew. */
export async function pasteIntoFocus(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const data = new DataTransfer();
    data.setData('text/plain', pasted);
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);
}

/** Replaces the text of the file in front. */
export async function paste(page: Page, text: string): Promise<void> {
  const field = await editorField(page);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await pasteIntoFocus(page, text);
}

/** Applies the file in front; resolves to the strip with the result. */
export async function apply(page: Page): Promise<Locator> {
  await (await editorField(page)).focus();
  await page.keyboard.press('ControlOrMeta+Enter');
  const result = page.getByRole('region', { name: /^(Result|结果)$/ });
  await expect(result).toBeVisible();
  return result;
}
