/** Colours for a line of YAML as Kubernetes objects are printed: keys, strings, and words with a meaning. No parser: it is for reading only. */

/** A piece of a line; without a kind it is plain. */
export interface Piece {
  text: string;
  kind?: 'key' | 'literal' | 'string' | 'comment';
}

const LINE = /^(\s*(?:- )*)(?:("(?:[^"\\]|\\.)*"|'[^']*'|[^\s:#"'][^:#]*?)(:)(?=\s|$))?(.*)$/;
const LITERAL = /^(?:-?\d+(?:\.\d+)?|true|false|null|~)$/;

/** The pieces of a line; together they are the line. */
export function colourLine(line: string): Piece[] {
  const [, indent = '', key, colon = '', rest = ''] = LINE.exec(line) ?? [];
  const value = rest.trimStart();
  const pieces: Piece[] = [];
  if (indent) pieces.push({ text: indent });
  if (key) pieces.push({ text: key, kind: 'key' });
  const gap = colon + rest.slice(0, rest.length - value.length);
  if (gap) pieces.push({ text: gap });
  if (value.startsWith('#')) pieces.push({ text: value, kind: 'comment' });
  else if (LITERAL.test(value)) pieces.push({ text: value, kind: 'literal' });
  else if (value) pieces.push({ text: value, ...(key || indent.trim() ? { kind: 'string' as const } : {}) });
  return pieces;
}
