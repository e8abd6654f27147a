/** The editor of last resort: a text area, for when Monaco does not load. It cannot mark lines; the list of problems still leads to them. */
import { applyEdits } from './analysis/edits.ts';
import type { TextEditorHandle, TextEditorOptions } from './editor-handle.ts';

const QUIET_MS = 150;

/** The offset of a place; lines and columns count from 1. */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const next = text.indexOf('\n', start);
    if (next < 0) return text.length;
    start = next + 1;
  }
  return Math.min(start + column - 1, text.length);
}

/** Makes the editor in `host`. */
export function createPlainEditor(host: HTMLElement, { label, onChange, onApply }: TextEditorOptions, className: string): TextEditorHandle {
  const area = document.createElement('textarea');
  area.className = className;
  area.spellcheck = false;
  area.autocapitalize = 'off';
  area.wrap = 'off';
  area.setAttribute('aria-label', label);
  area.setAttribute('aria-describedby', 'editor-help');
  host.append(area);
  let current = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (current) onChange(current, area.value);
  };
  area.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(flush, QUIET_MS);
  });
  area.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    onApply();
  });
  return {
    show(id, text) {
      if (id !== current && timer !== undefined) flush();
      if (id !== current || timer === undefined) area.value = text;
      current = id;
    },
    forget(id) {
      if (id === current) current = '';
    },
    getText() {
      if (timer !== undefined) flush();
      return area.value;
    },
    setFindings: () => undefined,
    applyEdits(edits) {
      area.value = applyEdits(area.value, edits);
      flush();
    },
    reveal({ line, column, endLine, endColumn }) {
      area.focus();
      area.setSelectionRange(offsetOf(area.value, line, column), offsetOf(area.value, endLine, endColumn));
      area.scrollTop = ((line - 1) / Math.max(area.value.split('\n').length, 1)) * area.scrollHeight - area.clientHeight / 2;
    },
    focus: () => area.focus(),
    resize: () => undefined,
    relabel: (text) => area.setAttribute('aria-label', text),
    dispose() {
      if (timer !== undefined) flush();
      area.remove();
    },
  };
}
