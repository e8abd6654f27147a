/** A text that is only read and follows an object: changes replace no more than what changed, and light up once. */
import * as monaco from 'monaco-editor/editor';
import { changedRegion, sectionsOf } from '../live-text.ts';
import { createContainer, sharedOptions } from './options.ts';

/** A reader. */
export interface ReaderHandle {
  /** Shows a text; `fresh` when it is another object, whose lines are not changes. */
  show(text: string, fresh: boolean): void;
  dispose(): void;
}

/** What a reader needs to begin. */
export interface ReaderOptions {
  label: string;
  /** Says more about a line (from 1), in Markdown; undefined when there is nothing to say. */
  explain(line: number): string | undefined;
  /** Class of a changed line, and of the strip beside each section. */
  classes: { changed: string; metadata: string; spec: string; status: string };
}

const FLASH_MS = 1500;
const explainers = new Map<string, (line: number) => string | undefined>();
let explains = false;
let count = 0;

function offerHover(): void {
  if (explains) return;
  explains = true;
  monaco.languages.registerHoverProvider('yaml', {
    provideHover(model, { lineNumber }) {
      const value = explainers.get(model.uri.toString())?.(lineNumber);
      return value === undefined ? null : { contents: [{ value }] };
    },
  });
}

interface Kept {
  container: HTMLElement;
  editor: monaco.editor.IStandaloneCodeEditor;
  model: monaco.editor.ITextModel;
}

/** Readers that are not in use. */
const spare: Kept[] = [];

function begin(): Kept {
  const container = createContainer();
  const model = monaco.editor.createModel('', 'yaml', monaco.Uri.parse(`live:///${String(++count)}.txt`));
  const editor = monaco.editor.create(container, {
    ...sharedOptions(),
    model,
    readOnly: true,
    domReadOnly: true,
    tabFocusMode: true,
    lineNumbers: 'off',
    lineDecorationsWidth: 14,
    renderLineHighlight: 'none',
    wordWrap: 'on',
  });
  return { container, editor, model };
}

/** Makes a reader in `host`. */
export function createReader(host: HTMLElement, { label, explain, classes }: ReaderOptions): ReaderHandle {
  offerHover();
  const kept = spare.pop() ?? begin();
  const { container, editor, model } = kept;
  explainers.set(model.uri.toString(), explain);
  editor.updateOptions({ ariaLabel: label });
  host.append(container);
  const strips = editor.createDecorationsCollection();
  const flashes = editor.createDecorationsCollection();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lines = (from: number, to: number, options: monaco.editor.IModelDecorationOptions) => ({
    range: new monaco.Range(from, 1, to, 1),
    options: { isWholeLine: true, ...options },
  });
  const replace = (before: string, text: string) => {
    const { from, to, replacement, changed } = changedRegion(before, text);
    model.applyEdits([{ range: new monaco.Range(from, 1, to, 1), text: replacement }]);
    flashes.set(changed.map((line) => lines(line, line, { className: classes.changed })));
    clearTimeout(timer);
    timer = setTimeout(() => flashes.clear(), FLASH_MS);
  };
  return {
    show(text, fresh) {
      const before = model.getValue();
      if (before === text) return;
      if (fresh || before === '') model.setValue(text);
      else replace(before, text);
      strips.set(sectionsOf(text).map(({ name, from, to }) => lines(from, to, { linesDecorationsClassName: classes[name] })));
    },
    dispose() {
      clearTimeout(timer);
      explainers.delete(model.uri.toString());
      strips.clear();
      flashes.clear();
      model.setValue('');
      container.remove();
      spare.push(kept);
    },
  };
}
