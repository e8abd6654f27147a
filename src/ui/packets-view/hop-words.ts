/**
 * The sentences of a PacketTrace in the reader's language. The object holds them in English, as Kubernetes' own objects do; here each is
 * recognised by its English pattern and said anew. What is not known stays as it is.
 */
import { packetPhrasesText } from '../i18n/areas/packet-phrases.ts';
import type { packetsText } from '../i18n/areas/packets.ts';
import type { Language } from '../i18n/languages.ts';
import { fill } from '../i18n/text.ts';
import type { Say } from '../i18n/text.ts';

/** Says the messages of the packet view. */
export type SayPackets = Say<(typeof packetsText)['en']>;

type Key = keyof (typeof packetPhrasesText)['en'] & `phrase.${string}`;
interface Phrase {
  key: Key;
  pattern: RegExp;
}

/** Parameters that are sentences or places themselves. */
const NESTED: readonly string[] = ['what', 'place', 'way', 'who'];
/** Parameters that may hold a comma; in others it begins the next sentence. */
const LONG: readonly string[] = [...NESTED, 'ports'];

let phrases: readonly Phrase[] | undefined;

/** The patterns, made when the first sentence is to be said in another language. */
function allPhrases(): readonly Phrase[] {
  return (phrases ??= (Object.entries(packetPhrasesText.en) as [Key, string][]).map(([key, text]) => ({
    key,
    pattern: new RegExp(
      `^${text
        .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
        .replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${LONG.includes(name) ? '.+?' : '[^,;]+?'})`)}$`,
    ),
  })));
}

/** One sentence; undefined if it is not known. */
function said(language: Language, sentence: string): string | undefined {
  for (const { key, pattern } of allPhrases()) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, value]) => [
      name,
      NESTED.includes(name) ? inWords(language, value) : value,
    ]);
    return fill(language, packetPhrasesText[language][key], Object.fromEntries(values) as Record<string, string>);
  }
  return undefined;
}

/** Sentences that were put together: "destination … → …, mark 0x4000; 12 rules compared". */
function inWords(language: Language, text: string): string {
  const sentences = text.split('; ');
  if (sentences.length > 1) return sentences.map((one) => inWords(language, one)).join('；');
  const whole = said(language, text);
  if (whole !== undefined) return whole;
  const parts = text.split(', ');
  return parts.length > 1 ? parts.map((one) => said(language, one) ?? one).join('，') : text;
}

/** A sentence of the trace. */
export const hopWords = (language: Language, text: string): string => (language === 'en' ? text : inWords(language, text));
