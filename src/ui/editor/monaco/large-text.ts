/**
 * Texts of several MB: Monaco takes a paste in one task, which would stop the page for a quarter of a second. Here it comes in
 * parts, and what would read the whole text again after each part (folding, links, occurrences ...) is off.
 */
import type * as monaco from 'monaco-editor/editor';

/** Longer texts are shown without colours and completion, which would parse them again at each key. */
export const MAX_LANGUAGE_LENGTH = 400_000;
/** So much is put in within one task, in UTF-16 units. */
const PART = 64 * 1024;

/** What is different for a large text. */
export function sizeOptions(isLarge: boolean): monaco.editor.IEditorOptions {
  return {
    folding: !isLarge,
    links: !isLarge,
    occurrencesHighlight: isLarge ? 'off' : 'singleFile',
    selectionHighlight: !isLarge,
    matchBrackets: isLarge ? 'never' : 'always',
    guides: { indentation: !isLarge },
    unicodeHighlight: isLarge
      ? { ambiguousCharacters: false, invisibleCharacters: false, nonBasicASCII: false }
      : { ambiguousCharacters: false, invisibleCharacters: true },
  };
}

/** The parts of a text; none ends within a line break or a character. */
export function partsOf(text: string, size = PART): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + size, text.length);
    const cutsPair = /[\uD800-\uDBFF]/.test(text[end - 1] ?? '') || (text[end - 1] === '\r' && text[end] === '\n');
    if (cutsPair && end < text.length) end++;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

/** Ends the task, so that keys and frames get their turn. */
export const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** A text on its way into an editor, part by part. `put` puts a part in; it returns false where it no longer can. */
export class Insertion {
  readonly #put: (part: string) => boolean;
  #parts: string[];

  constructor(text: string, put: (part: string) => boolean) {
    this.#parts = partsOf(text);
    this.#put = put;
  }

  /** One part a task, each a task of its own; resolves when all are in, or none can be put in any more. */
  async run(): Promise<void> {
    do await nextTask();
    while (this.#step());
  }

  /** What is left, at once: for somebody who needs the whole text now. */
  finish(): void {
    while (this.#step());
  }

  #step(): boolean {
    const part = this.#parts.shift();
    if (part !== undefined && !this.#put(part)) this.#parts = [];
    return this.#parts.length > 0;
  }
}
