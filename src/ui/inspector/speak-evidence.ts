/** Says a line of evidence. The parameters of a line are those of its message: evidence.test.ts holds the two together. */
import type { inspectorText } from '../i18n/areas/inspector.ts';
import type { Say } from '../i18n/text.ts';
import type { Evidence } from '../model/evidence.ts';

/** Says the messages of the inspector. */
export type SayInspector = Say<(typeof inspectorText)['en']>;

/** The line as text. */
export function speakEvidence(t: SayInspector, { key, params }: Evidence): string {
  const say = t as (key: string, params: Evidence['params']) => string;
  return say(`why.${key}`, params).trim();
}
