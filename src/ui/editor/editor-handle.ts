/** What the panel asks of an editor, be it Monaco or the plain one. */
import type { Finding, TextEdit, TextRange } from '../model/findings.ts';

/** A finding in the reader's words. */
export interface WordedFinding extends Finding {
  message: string;
  /** What its repair would do. */
  fixTitle?: string;
}

/** What an editor needs to begin. */
export interface TextEditorOptions {
  /** Its name for screen readers. */
  label: string;
  /** The name of the command that applies, for the list of commands. */
  applyLabel: string;
  /** The text of a file changed; told a moment after the last key. */
  onChange(id: string, text: string): void;
  onApply(): void;
}

/** An editor that shows one file at a time. */
export interface TextEditorHandle {
  /** Shows a file. The text counts where it differs from what the editor has. */
  show(id: string, text: string): void;
  /** Forgets a closed file. */
  forget(id: string): void;
  /** The text in front, with keys that `onChange` has not heard of yet. */
  getText(): string;
  setFindings(id: string, findings: readonly WordedFinding[]): void;
  /** As one step of undo. */
  applyEdits(edits: readonly TextEdit[]): void;
  reveal(range: TextRange): void;
  focus(): void;
  /** The page's text size has changed. */
  resize(): void;
  relabel(label: string): void;
  dispose(): void;
}
