/** `printf` and the escapes of `echo -e`. */

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
};

/** Backslash escapes as characters. */
export function unescape(text: string): string {
  return text.replace(/\\(?:0?([0-7]{1,3})|x([0-9a-fA-F]{1,2})|(.))/g, (whole, octal?: string, hex?: string, char?: string) => {
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    if (hex !== undefined) return String.fromCharCode(parseInt(hex, 16));
    return ESCAPES[char ?? ''] ?? whole;
  });
}

/** A format with its arguments; it is used again while there are arguments left. */
export function formatPrintf(format: string, parameters: readonly string[]): string {
  let text = '';
  let used = 0;
  do {
    const before = used;
    text += unescape(format).replace(
      /%(-?0?\d*)(?:\.(\d+))?([sdiuxXocbq%f])/g,
      (_whole, width: string, precision: string | undefined, kind: string) =>
        kind === '%' ? '%' : pad(convert(kind, parameters[used++] ?? '', precision), width),
    );
    if (used === before) break;
  } while (used < parameters.length);
  return text;
}

function convert(kind: string, value: string, precision: string | undefined): string {
  const number = Number(value === '' ? 0 : value);
  switch (kind) {
    case 's':
      return precision === undefined ? value : value.slice(0, Number(precision));
    case 'b':
      return unescape(value);
    case 'q':
      return `'${value}'`;
    case 'c':
      return value.slice(0, 1);
    case 'x':
      return Math.trunc(number).toString(16);
    case 'X':
      return Math.trunc(number).toString(16).toUpperCase();
    case 'o':
      return Math.trunc(number).toString(8);
    case 'f':
      return number.toFixed(precision === undefined ? 6 : Number(precision));
    default:
      return Number.isNaN(number) ? '0' : String(Math.trunc(number));
  }
}

function pad(text: string, width: string): string {
  const length = Math.abs(Number(width));
  if (width.startsWith('-')) return text.padEnd(length);
  return text.padStart(length, width.startsWith('0') ? '0' : ' ');
}
