/** The editor for files: one Monaco editor whose model changes with the tab, each model with its own undo history. */
import * as monaco from 'monaco-editor/editor';
import type { Fix, TextEdit, TextRange } from '../../model/findings.ts';
import type { TextEditorHandle, TextEditorOptions, WordedFinding } from '../editor-handle.ts';
import { sharedOptions } from './options.ts';

/** Longer texts are shown without colours and completion, which would parse them again at each key. */
const MAX_LANGUAGE_LENGTH = 400_000;
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

function addKeys(editor: monaco.editor.IStandaloneCodeEditor, { onApply, applyLabel }: TextEditorOptions): void {
  editor.addAction({ id: 'kubarium.apply', label: applyLabel, keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.Enter], run: onApply });
  // Escape, then Tab, leaves the editor; any other key makes Tab indent again.
  editor.onKeyDown(({ keyCode }) => {
    if (keyCode === monaco.KeyCode.Tab || keyCode === monaco.KeyCode.Shift) return;
    editor.updateOptions({ tabFocusMode: keyCode === monaco.KeyCode.Escape });
  });
  editor.onDidFocusEditorText(() => editor.updateOptions({ tabFocusMode: false }));
}

/** Makes the editor in `host`. */
export function createTextEditor(host: HTMLElement, options: TextEditorOptions): TextEditorHandle {
  offerFixes();
  const editor = monaco.editor.create(host, {
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
  addKeys(editor, options);
  const views = new Map<string, monaco.editor.ICodeEditorViewState | null>();
  const models = new Map<string, monaco.editor.ITextModel>();
  let current = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const model = models.get(current);
    if (model) options.onChange(current, model.getValue());
  };
  editor.onDidChangeModelContent(() => {
    clearTimeout(timer);
    timer = setTimeout(flush, QUIET_MS);
    const model = editor.getModel();
    const language = (model?.getValueLength() ?? 0) > MAX_LANGUAGE_LENGTH ? 'plaintext' : 'yaml';
    if (model && model.getLanguageId() !== language) monaco.editor.setModelLanguage(model, language);
  });
  const modelOf = (id: string, text: string): monaco.editor.ITextModel => {
    let model = models.get(id);
    if (!model) {
      const language = text.length > MAX_LANGUAGE_LENGTH ? 'plaintext' : 'yaml';
      model = monaco.editor.getModel(uriOf(id)) ?? monaco.editor.createModel(text, language, uriOf(id));
      models.set(id, model);
    }
    return model;
  };

  return {
    show(id, text) {
      const model = modelOf(id, text);
      if (id === current) {
        if (timer === undefined && model.getValue() !== text) model.pushEditOperations([], [{ range: model.getFullModelRange(), text }], () => null);
        return;
      }
      if (timer !== undefined) flush();
      views.set(current, editor.saveViewState());
      current = id;
      if (model.getValue() !== text) model.setValue(text);
      clearTimeout(timer);
      timer = undefined;
      editor.setModel(model);
      const view = views.get(id);
      if (view) editor.restoreViewState(view);
    },
    forget(id) {
      shown.delete(uriOf(id).toString());
      models.get(id)?.dispose();
      models.delete(id);
      views.delete(id);
      if (current === id) current = '';
    },
    getText: () => {
      if (timer !== undefined) flush();
      return models.get(current)?.getValue() ?? '';
    },
    setFindings(id, findings) {
      const model = models.get(id);
      if (!model) return;
      shown.set(model.uri.toString(), findings);
      monaco.editor.setModelMarkers(model, OWNER, findings.map(markerOf));
    },
    applyEdits(edits: readonly TextEdit[]) {
      editor.pushUndoStop();
      editor.executeEdits(OWNER, edits.map((edit) => ({ range: rangeOf(edit), text: edit.text, forceMoveMarkers: true })));
      editor.pushUndoStop();
      flush();
    },
    reveal(range) {
      editor.setSelection(rangeOf(range));
      editor.revealRangeInCenterIfOutsideViewport(rangeOf(range));
      editor.focus();
    },
    focus: () => editor.focus(),
    relabel: (label) => editor.updateOptions({ ariaLabel: label }),
    dispose() {
      if (timer !== undefined) flush();
      editor.dispose();
      for (const [id, model] of models) {
        shown.delete(uriOf(id).toString());
        model.dispose();
      }
    },
  };
}
