/** Applies edits to a text, for the plain editor and for tests; Monaco applies them itself. */
import type { TextEdit } from '../../model/findings.ts';

/** The text after all edits, whose ranges refer to the text before. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const offset = (line: number, column: number): number => Math.min((starts[line - 1] ?? text.length) + column - 1, text.length);
  const placed = edits.map((edit) => ({
    start: offset(edit.line, edit.column),
    end: offset(edit.endLine, edit.endColumn),
    text: edit.text,
  }));
  // Of an insertion and a removal at the same place, the removal goes first: it must not take what was inserted.
  placed.sort((a, b) => b.start - a.start || b.end - a.end);
  return placed.reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text);
}
