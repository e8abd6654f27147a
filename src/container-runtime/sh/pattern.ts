/** Shell patterns (`*`, `?`, `[a-z]`) as regular expressions. */

const SPECIAL = /[\\^$.*+?()[\]{}|/-]/g;

/** Text that stands for itself. */
export const escapePattern = (text: string): string => text.replace(SPECIAL, '\\$&');

/** A pattern's source. `crossesSlash`: whether `*` matches "/", as in `case`. */
export function patternSource(pattern: string, crossesSlash = true): string {
  const any = crossesSlash ? '[^]' : '[^/]';
  let source = '';
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index] ?? '';
    const bracket = char === '[' ? /^\[([!^]?)(\]?[^\]]+)\]/.exec(pattern.slice(index)) : null;
    if (bracket !== null) {
      source += `[${bracket[1] === '' ? '' : '^'}${(bracket[2] ?? '').replaceAll('[:digit:]', '0-9').replace(/[\\[\]]/g, '\\$&')}]`;
      index += bracket[0].length - 1;
    } else if (char === '*') source += `${any}*`;
    else if (char === '?') source += any;
    else source += escapePattern(char);
  }
  return source;
}

/** Whether all of `text` matches a pattern's source. */
export const matches = (source: string, text: string): boolean => new RegExp(`^(?:${source})$`).test(text);
