/**
 * Go's regular expressions by JavaScript's: the parts of RE2's syntax that differ are rewritten.
 * Differs: JavaScript backtracks, so a pattern that RE2 runs in linear time may be slow here.
 */
import { ownEntry } from '../own-entry.ts';
import { CelError } from './values.ts';

const compiled = new Map<string, RegExp>();
const MAX_COMPILED = 256;
const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\t\\n\\v\\f\\r ',
  punct: '!-\\/:-@\\[-`{-~',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** The compiled pattern; throws `CelError` for one that Go could not read either. */
export function goRegExp(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const made = tryRegExp(pattern);
  if (made === undefined) throw new CelError(`error parsing regexp: invalid or unsupported syntax: \`${pattern}\``);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(pattern, made);
  return made;
}

/** Undefined for a pattern that cannot be read. */
export function tryRegExp(pattern: string): RegExp | undefined {
  let flags = 'u';
  // Flags for the whole pattern stand at its start.
  const source = pattern.replace(/^\(\?([ims]+)\)/, (_whole, letters: string) => {
    flags += letters;
    return '';
  });
  // What RE2 does not know is refused: look-around and back-references.
  if (/\(\?(?:[=!]|<[=!])/.test(source) || /(?:^|[^\\])(?:\\\\)*\\[1-9]/.test(source)) return undefined;
  const rewritten = source
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => ownEntry(POSIX, name) ?? whole);
  for (const flag of [flags, flags.replace('u', '')]) {
    try {
      return new RegExp(rewritten, flag);
    } catch {
      // The second way is more lenient about escapes.
    }
  }
  return undefined;
}
