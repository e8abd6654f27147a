/**
 * The place of the YAML parser. It is larger than any component, and an idle cluster reads no YAML but the flat texts that it began with:
 * so it is loaded apart and put in place before the first request of a user comes (`installExtras` in cluster/).
 */
import { assert } from './assert.ts';

let installed: ((text: string) => unknown) | undefined;

/** Puts the parser in place, for all clusters of this process. */
export function installYaml(parse: (text: string) => unknown): void {
  installed = parse;
}

const FLAT_LINE = /^([A-Za-z]\w*): ([A-Za-z/][\w./-]*|\d+(?:\.\d+){3}\/\d+)$/;
/** Plain words that YAML does not read as text. */
const NO_TEXT = /^(?:true|false|null|yes|no|on|off)$/i;

/** The value of one YAML document. Throws the parser's error for a text that is none. */
export function parseYaml(text: string): unknown {
  const flat = flatFields(text);
  if (flat !== undefined) return flat;
  assert(installed !== undefined, 'the YAML parser has not been installed: call installExtras() before users send requests');
  return installed(text);
}

/** The fields of a text in which every line is "name: word"; undefined for any other. */
function flatFields(text: string): Record<string, string> | undefined {
  const fields: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const [, name, value] = FLAT_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined || NO_TEXT.test(value) || Object.hasOwn(fields, name)) return undefined;
    fields[name] = value;
  }
  return fields;
}
