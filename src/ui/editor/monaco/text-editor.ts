/** The editor for files: one Monaco editor whose model changes with the tab, each model with its own undo history. */
import * as monaco from 'monaco-editor/editor';
import type { Fix, TextEdit, TextRange } from '../../model/findings.ts';
import type { TextEditorHandle, TextEditorOptions, WordedFinding } from '../editor-handle.ts';
import { Insertion, MAX_LANGUAGE_LENGTH, nextTask, sizeOptions } from './large-text.ts';
import { createContainer, sharedOptions } from './options.ts';

/** The text is handed on this long after a key, ms. */
const QUIET_MS = 150;
const OWNER = 'kubarium';

const SEVERITY = {
  blocks: monaco.MarkerSeverity.Error,
  useless: monaco.MarkerSeverity.Warning,
  outdated: monaco.MarkerSeverity.Info,
};

const uriOf = (id: string): monaco.Uri => monaco.Uri.parse(`file:///${id}.yaml`);
const rangeOf = ({ line, column, endLine, endColumn }: TextRange): monaco.IRange => ({
  startLineNumber: line,
  startColumn: column,
  endLineNumber: endLine,
  endColumn,
});

/** The findings that models show, for the light bulb. */
const shown = new Map<string, readonly WordedFinding[]>();

function touches(range: TextRange, at: monaco.IRange): boolean {
  return range.line <= at.endLineNumber && range.endLine >= at.startLineNumber;
}

function codeAction(finding: WordedFinding, fix: Fix, model: monaco.editor.ITextModel): monaco.languages.CodeAction {
  const edits = fix.edits.map((edit) => ({
    resource: model.uri,
    versionId: model.getVersionId(),
    textEdit: { range: rangeOf(edit), text: edit.text },
  }));
  return { title: finding.fixTitle ?? '', kind: 'quickfix', isPreferred: true, edit: { edits }, diagnostics: [markerOf(finding)] };
}

let offersFixes = false;

function offerFixes(): void {
  if (offersFixes) return;
  offersFixes = true;
  monaco.languages.registerCodeActionProvider('yaml', {
    provideCodeActions(model, range) {
      const found = (shown.get(model.uri.toString()) ?? []).filter((finding) => finding.fix && touches(finding.range, range));
      const actions = found.flatMap((finding) => (finding.fix ? [codeAction(finding, finding.fix, model)] : []));
      return { actions, dispose: () => undefined };
    },
  });
}

function markerOf({ grade, message, range, code }: WordedFinding): monaco.editor.IMarkerData {
  const tags = code === 'deprecated' ? [monaco.MarkerTag.Deprecated] : [];
  return { ...rangeOf(range), severity: SEVERITY[grade], message, tags };
}

/** The one editor for files. It outlives the panel, so that closing a dock loses neither undo nor the place in a text. */
interface Shared {
  container: HTMLElement;
  editor: monaco.editor.IStandaloneCodeEditor;
  models: Map<string, monaco.editor.ITextModel>;
  views: Map<string, monaco.editor.ICodeEditorViewState | null>;
  options: TextEditorOptions;
  /** Id of the file in front. */
  current: string;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** A long text comes in part by part; it is the file's once it is whole. */
  insertion: Insertion | undefined;
}

let shared: Shared | undefined;

/** Hands the text on, if keys wait for it. */
function flush(state: Shared): void {
  if (state.timer === undefined || state.insertion) return;
  clearTimeout(state.timer);
  state.timer = undefined;
  const model = state.models.get(state.current);
  if (model) state.options.onChange(state.current, model.getValue());
}

const languageFor = (length: number): string => (length > MAX_LANGUAGE_LENGTH ? 'plaintext' : 'yaml');

function begin(options: TextEditorOptions): Shared {
  const container = createContainer();
  const editor = monaco.editor.create(container, {
    ...sharedOptions(),
    model: null,
    ariaLabel: options.label,
    tabSize: 2,
    insertSpaces: true,
    detectIndentation: false,
    quickSuggestions: { other: true, comments: false, strings: true },
    suggest: { showWords: false, preview: false },
    wordBasedSuggestions: 'off',
    formatOnPaste: false,
    autoIndent: 'advanced',
  });
  const state: Shared = {
    container,
    editor,
    models: new Map(),
    views: new Map(),
    options,
    current: '',
    timer: undefined,
    insertion: undefined,
  };
  editor.addAction({
    id: 'kubarium.apply',
    label: options.applyLabel,
    keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter],
    run: () => state.options.onApply(),
  });
  // Escape, then Tab, leaves the editor; any other key makes Tab indent again.
  editor.onKeyDown(({ keyCode }) => {
    if (keyCode === monaco.KeyCode.Tab || keyCode === monaco.KeyCode.Shift) return;
    editor.updateOptions({ tabFocusMode: keyCode === monaco.KeyCode.Escape });
  });
  editor.onDidFocusEditorText(() => editor.updateOptions({ tabFocusMode: false }));
  editor.onDidChangeModelContent(() => {
    clearTimeout(state.timer);
    state.timer = setTimeout(() => flush(state), QUIET_MS);
    if (!state.insertion) adaptToSize(state, editor.getModel()?.getValueLength() ?? 0);
  });
  container.addEventListener('paste', (event) => takePaste(state, event), { capture: true });
  return state;
}

const optionsNow = ({ editor }: Shared) => ({ ...sharedOptions(), ...sizeOptions(editor.getModel()?.getLanguageId() === 'plaintext') });

/** Colours and help for a text of this length. */
function adaptToSize({ editor }: Shared, length: number): void {
  const model = editor.getModel();
  const language = languageFor(length);
  if (!model || model.getLanguageId() === language) return;
  monaco.editor.setModelLanguage(model, language);
  editor.updateOptions(sizeOptions(language === 'plaintext'));
}

/** A long text is taken from Monaco's hands. */
function takePaste(state: Shared, event: ClipboardEvent): void {
  const text = event.clipboardData?.getData('text/plain') ?? '';
  const range = state.editor.getSelection();
  if (text.length <= MAX_LANGUAGE_LENGTH || !range || state.editor.getSelections()?.length !== 1) return;
  event.preventDefault();
  event.stopPropagation();
  if (!state.insertion) void insertLong(state, range, text);
}

/** What is still to come of a long text, at once. */
function finishInsertion(state: Shared): void {
  state.insertion?.finish();
  state.insertion = undefined;
}

/** Puts a long text in, as one step of undo. */
async function insertLong(state: Shared, range: monaco.IRange, text: string): Promise<void> {
  const { editor } = state;
  const model = editor.getModel();
  if (!model) return;
  adaptToSize(state, text.length);
  editor.pushUndoStop();
  editor.updateOptions({ readOnly: true });
  let at = range;
  const insertion = new Insertion(text, (part) => {
    if (model.isDisposed() || editor.getModel() !== model) return false;
    model.pushEditOperations(editor.getSelections(), [{ range: at, text: part, forceMoveMarkers: true }], ([inverse]) => {
      const { endLineNumber: line = 1, endColumn: column = 1 } = inverse?.range ?? {};
      at = { startLineNumber: line, startColumn: column, endLineNumber: line, endColumn: column };
      return [new monaco.Selection(line, column, line, column)];
    });
    return true;
  });
  state.insertion = insertion;
  await insertion.run();
  if (!model.isDisposed()) {
    // Monaco packs the undo step here, which takes as long as a part; so does reading the whole text afterwards.
    model.pushStackElement();
    await nextTask();
  }
  if (state.insertion === insertion) state.insertion = undefined;
  if (state.insertion === undefined) editor.updateOptions({ readOnly: false });
  if (model.isDisposed()) return;
  if (editor.getModel() === model) editor.revealPosition(editor.getPosition() ?? { lineNumber: 1, column: 1 });
  flush(state);
}

function modelOf({ models }: Shared, id: string, text: string): monaco.editor.ITextModel {
  let model = models.get(id);
  if (!model) models.set(id, (model = monaco.editor.createModel(text, languageFor(text.length), uriOf(id))));
  return model;
}

function show(state: Shared, id: string, text: string): void {
  const { editor, views, current } = state;
  if (id === current && state.insertion) return; // the text outside is the one before
  finishInsertion(state);
  const isLong = text.length > MAX_LANGUAGE_LENGTH && !state.models.has(id);
  const model = modelOf(state, id, isLong ? '' : text);
  if (id === current) {
    if (state.timer === undefined && model.getValue() !== text)
      model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
    return;
  }
  flush(state);
  views.set(current, editor.saveViewState());
  if (!isLong && model.getValue() !== text) model.setValue(text);
  state.current = id;
  editor.setModel(model);
  editor.updateOptions(sizeOptions(model.getLanguageId() === 'plaintext'));
  const view = views.get(id);
  if (view) editor.restoreViewState(view);
  if (isLong) void insertLong(state, model.getFullModelRange(), text);
}

function forget({ models, views }: Shared, id: string): void {
  shown.delete(uriOf(id).toString());
  models.get(id)?.dispose();
  models.delete(id);
  views.delete(id);
}

/** Puts the editor into `host`. */
export function createTextEditor(host: HTMLElement, options: TextEditorOptions): TextEditorHandle {
  offerFixes();
  const state = (shared ??= begin(options));
  const { editor, container } = state;
  state.options = options;
  editor.updateOptions(optionsNow(state));
  host.append(container);
  return {
    show: (id, text) => show(state, id, text),
    forget(id) {
      if (state.current === id) state.current = '';
      forget(state, id);
    },
    getText() {
      finishInsertion(state);
      flush(state);
      return state.models.get(state.current)?.getValue() ?? '';
    },
    setFindings(id, findings) {
      const model = state.models.get(id);
      if (!model) return;
      shown.set(model.uri.toString(), findings);
      monaco.editor.setModelMarkers(model, OWNER, findings.map(markerOf));
    },
    applyEdits(edits: readonly TextEdit[]) {
      editor.pushUndoStop();
      editor.executeEdits(
        OWNER,
        edits.map((edit) => ({ range: rangeOf(edit), text: edit.text, forceMoveMarkers: true })),
      );
      editor.pushUndoStop();
      flush(state);
    },
    reveal(range) {
      editor.setSelection(rangeOf(range));
      editor.revealRangeInCenterIfOutsideViewport(rangeOf(range));
      editor.focus();
    },
    focus: () => editor.focus(),
    resize: () => editor.updateOptions(optionsNow(state)),
    relabel: (label) => editor.updateOptions({ ariaLabel: label }),
    dispose() {
      flush(state);
      container.remove();
    },
  };
}
