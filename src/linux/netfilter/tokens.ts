/** Words of a line as iptables-restore cuts them, and strings as iptables-save quotes them (`libxtables/xtables.c`). */

const BLANK = 32;
const TAB = 9;
const QUOTE = 34;
const BACKSLASH = 92;

/** Cuts a line into words. Double quotes hold blanks together; inside them a backslash takes the next character as it is. */
export function tokenize(line: string): string[] {
  const words: string[] = [];
  let i = 0;
  while (i < line.length) {
    const code = line.charCodeAt(i);
    if (code === BLANK || code === TAB) {
      i++;
      continue;
    }
    const end = plainEnd(line, i);
    if (line.charCodeAt(end) !== QUOTE) {
      words.push(line.slice(i, end));
      i = end;
    } else {
      const [word, next] = quotedWord(line, i);
      words.push(word);
      i = next;
    }
  }
  return words;
}

/** Where the blank or quote after `from` is. */
function plainEnd(line: string, from: number): number {
  let i = from;
  for (; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === BLANK || code === TAB || code === QUOTE) break;
  }
  return i;
}

function quotedWord(line: string, from: number): [string, number] {
  let word = '';
  let open = false;
  let i = from;
  for (; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === QUOTE) open = !open;
    else if (open && code === BACKSLASH && i + 1 < line.length) word += line[++i];
    else if (!open && (code === BLANK || code === TAB)) break;
    else word += line[i];
  }
  return [word, i];
}

/** A string as iptables-save prints it: quoted unless it holds only letters, digits, "-" and "_". */
export function quote(text: string): string {
  if (/^[\w-]+$/.test(text)) return text;
  return `"${text.replace(/["\\']/g, '\\$&')}"`;
}
