/** Findings in the reader's words. */
import type { editor } from '../i18n/en/editor.ts';
import type { Say } from '../i18n/text.ts';
import type { Finding, Fix } from '../model/findings.ts';
import type { WordedFinding } from './editor-handle.ts';

/** Says the editor's messages. */
export type SayEditor = Say<typeof editor>;
/** A message with whatever parameters: the analysis and the message files agree on them, which a test checks. */
type SayLoosely = (key: keyof typeof editor, values: Readonly<Record<string, string>>) => string;

const TYPES: Record<string, keyof typeof editor> = {
  string: 'typeString',
  number: 'typeNumber',
  integer: 'typeInteger',
  boolean: 'typeBoolean',
  map: 'typeMap',
  list: 'typeList',
  integerOrString: 'typeIntegerOrString',
  quantity: 'typeQuantity',
};

const FIXES: Record<Fix['code'], keyof typeof editor> = {
  rename: 'fixRename',
  move: 'fixMove',
  quote: 'fixQuote',
  unquote: 'fixUnquote',
  wrap: 'fixWrap',
  convert: 'fixConvert',
  encode: 'fixEncode',
  value: 'fixValue',
};

function keyOf({ code, params, path }: Finding): keyof typeof editor {
  if (code === 'unknownKind' && params['meant']) return path === 'apiVersion' ? 'unknownVersionNear' : 'unknownKindNear';
  if (code === 'removedVersion' && !params['now']) return 'removedForGood';
  return code;
}

/** The sentence of a finding, and the name of its repair. */
export function word(finding: Finding, say: SayEditor): WordedFinding {
  const loosely = say as SayLoosely;
  const values = { ...finding.params };
  for (const name of ['expected', 'got']) {
    const type = TYPES[values[name] ?? ''];
    if (type) values[name] = loosely(type, {});
  }
  if (values['place'] === '') values['place'] = say('topLevel');
  const message = loosely(keyOf(finding), values);
  const { fix } = finding;
  if (!fix) return { ...finding, message };
  const params = fix.params['place'] === '' ? { ...fix.params, place: say('topLevel') } : fix.params;
  return { ...finding, message, fixTitle: loosely(FIXES[fix.code], params) };
}
