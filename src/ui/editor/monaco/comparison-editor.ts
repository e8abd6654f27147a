/** Two texts as one, with what was removed and added marked. */
import * as monaco from 'monaco-editor/editor';
import { sharedOptions } from './options.ts';

/** A comparison. */
export interface ComparisonHandle {
  show(before: string, after: string): void;
  dispose(): void;
}

/** Makes a comparison in `host`; in a narrow one, changes stand below each other. */
export function createComparison(host: HTMLElement, labels: { before: string; after: string }): ComparisonHandle {
  const { lineNumbersMinChars: _chars, ...shared } = sharedOptions();
  const editor = monaco.editor.createDiffEditor(host, {
    ...shared,
    readOnly: true,
    domReadOnly: true,
    renderSideBySide: true,
    useInlineViewWhenSpaceIsLimited: true,
    renderSideBySideInlineBreakpoint: 760,
    renderOverviewRuler: false,
    hideUnchangedRegions: { enabled: true, contextLineCount: 3, minimumLineCount: 6 },
    originalAriaLabel: labels.before,
    modifiedAriaLabel: labels.after,
    tabFocusMode: true,
    renderMarginRevertIcon: false,
    compactMode: true,
  });
  const clear = () => {
    const model = editor.getModel();
    editor.setModel(null);
    model?.original.dispose();
    model?.modified.dispose();
  };
  return {
    show(before, after) {
      clear();
      editor.setModel({ original: monaco.editor.createModel(before, 'yaml'), modified: monaco.editor.createModel(after, 'yaml') });
    },
    dispose() {
      clear();
      editor.dispose();
    },
  };
}
