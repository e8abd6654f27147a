/**
 * Messages in the reader's language. Each area has one file a language, typed by the English one; `useText(area)` gives the
 * function that says them. Placeholders are `{name}`; a message with plural forms is an object of `Intl.PluralRules` categories,
 * chosen by the parameter `n`. Kubernetes' names, fields and reasons are parameters or stay as they are.
 */
import { useMemo } from 'react';
import { useUiState } from '../state/ui-state.ts';
import type { Language } from './languages.ts';

/** A text, or one per plural category. */
export type Message = string | ({ readonly other: string } & { readonly [Category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string });
/** The messages of an area in one language. */
export type Messages = Readonly<Record<string, Message>>;
/** What a translation must hold: the same keys. */
export type Translation<M extends Messages> = { readonly [Key in keyof M]: Message };
/** An area in all languages. */
export interface TextArea<M extends Messages> {
  en: M;
  'zh-CN': Translation<M>;
}

type Names<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type TextOf<M extends Message> = M extends string ? M : M extends { other: string } ? M[keyof M] & string : never;
type NeedsCount<M extends Message> = M extends string ? never : 'n';
/** The names of the parameters that a message takes. */
export type Parameters<M extends Message> = Names<TextOf<M>> | NeedsCount<M>;
type Values<Name extends string> = Readonly<Record<Name, string | number>>;

/** Says a message. */
export type Say<M extends Messages> = <Key extends keyof M & string>(
  key: Key,
  ...values: [Parameters<M[Key]>] extends [never] ? [] : [Values<Parameters<M[Key]>>]
) => string;

const pluralRules = new Map<Language, Intl.PluralRules>();
const numberFormats = new Map<Language, Intl.NumberFormat>();

function cached<T>(map: Map<Language, T>, language: Language, make: () => T): T {
  let found = map.get(language);
  if (!found) map.set(language, (found = make()));
  return found;
}

/** A number with the language's grouping ("1,024"). Not for YAML or ports. */
export function formatNumber(language: Language, value: number): string {
  return cached(numberFormats, language, () => new Intl.NumberFormat(language)).format(value);
}

/** Fills in a message. */
export function fill(language: Language, message: Message, values: Values<string> = {}): string {
  const text = typeof message === 'string' ? message : pickPlural(language, message, values['n']);
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === 'number' ? formatNumber(language, value) : value;
  });
}

function pickPlural(language: Language, message: Exclude<Message, string>, count: string | number | undefined): string {
  const category = cached(pluralRules, language, () => new Intl.PluralRules(language)).select(Number(count ?? 0));
  return message[category] ?? message.other;
}

/** The function that says an area's messages in a language. */
export function speaker<M extends Messages>(area: TextArea<M>, language: Language): Say<M> {
  const messages: Record<string, Message> = area[language];
  return (key, ...values) => fill(language, messages[key] ?? area.en[key] ?? key, values[0]);
}

/** The function that says an area's messages in the reader's language; the component follows a change of language. */
export function useText<M extends Messages>(area: TextArea<M>): Say<M> {
  const language = useLanguage();
  return useMemo(() => speaker(area, language), [area, language]);
}

/** The language of the interface. */
export function useLanguage(): Language {
  return useUiState((state) => state.language);
}

/** The text for the reader's language of one that carries all its languages, as scenarios do (`{en, zh}`). */
export function localText(text: Readonly<Record<string, string>> | undefined, language: Language): string {
  return text?.[language] ?? text?.[language.split('-')[0] ?? ''] ?? text?.['en'] ?? '';
}
