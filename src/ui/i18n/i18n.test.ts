import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { GLOSSARY } from './glossary.ts';
import { fill, speaker } from './text.ts';
import type { Message, Messages, TextArea } from './text.ts';

const files = import.meta.glob<Record<string, TextArea<Messages>>>('./areas/*.ts', { eager: true });
const areas = Object.entries(files).map(([file, exports]) => ({
  name: path.basename(file, '.ts'),
  texts: Object.values(exports)[0] as TextArea<Messages>,
}));

const texts = (message: Message) => (typeof message === 'string' ? [message] : Object.values(message));
/** The placeholders that any form of a message has. */
const placeholders = (message: Message) =>
  [...new Set(texts(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)))].sort();

function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'i18n' ? [] : sources(file);
    return /\.tsx?$/.test(entry.name) && !/\.test\./.test(entry.name) ? [fs.readFileSync(file, 'utf8')] : [];
  });
}

describe.each(areas)('texts of $name', ({ texts: { en, 'zh-CN': zh } }) => {
  it('exist in both languages, in the same order', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  it('have the same placeholders', () => {
    for (const key of Object.keys(en)) expect(placeholders(zh[key]!), key).toEqual(placeholders(en[key]!));
  });

  it('have every plural form that the language needs', () => {
    for (const [key, message] of Object.entries(en)) if (typeof message !== 'string') expect(message, key).toHaveProperty('one');
  });

  it('use the glossary in Chinese, and full-width punctuation', () => {
    for (const [key, message] of Object.entries(zh)) {
      for (const text of texts(message)) {
        for (const { never } of GLOSSARY) for (const word of never) expect(text, key).not.toContain(word);
        expect(text, key).not.toMatch(/[\u4e00-\u9fff][,;?!]/u);
      }
    }
  });
});

describe('texts', () => {
  it('are all used', () => {
    const code = sources('src/ui').join('\n');
    // Keys that are put together: t(`why.${reason}`)
    const prefixes = new Set([...code.matchAll(/`([\w.]+)\$\{/g)].map(([, prefix = '']) => prefix));
    const built = (key: string) => [...prefixes].some((prefix) => key.startsWith(prefix));
    const unused = areas.flatMap(({ name, texts: { en } }) =>
      Object.keys(en)
        .filter((key) => !built(key) && !new RegExp(`['"\`]${key}['"\`]|\\b${key}:`).test(code))
        .map((key) => `${name}.${key}`),
    );
    expect(unused).toEqual([]);
  });

  it.each([
    ['en', 1, '1 Pod ready.'],
    ['en', 1200, '1,200 Pods ready.'],
    ['zh-CN', 1, '1 个 Pod 就绪。'],
  ] as const)('count in %s', (language, n, text) => {
    const shell = areas.find(({ name }) => name === 'shell')!.texts;
    expect(speaker(shell, language)('podsReady', { n })).toBe(text);
  });

  it('leave a placeholder without a value as it is', () => {
    expect(fill('en', '{a} {b}', { a: '{b}' })).toBe('{b} {b}');
  });
});
