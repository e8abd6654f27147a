/** Two texts as one, with what was removed and added marked. */
import * as monaco from 'monaco-editor/editor';
import { createContainer, sharedOptions } from './options.ts';

/** A comparison. */
export interface ComparisonHandle {
  show(before: string, after: string): void;
  dispose(): void;
}

interface Kept {
  container: HTMLElement;
  editor: monaco.editor.IStandaloneDiffEditor;
}

let kept: Kept | undefined;

function begin(): Kept {
  const { lineNumbersMinChars: _chars, ...shared } = sharedOptions();
  const container = createContainer();
  const editor = monaco.editor.createDiffEditor(container, {
    ...shared,
    readOnly: true,
    domReadOnly: true,
    renderSideBySide: true,
    useInlineViewWhenSpaceIsLimited: true,
    renderSideBySideInlineBreakpoint: 760,
    renderOverviewRuler: false,
    hideUnchangedRegions: { enabled: true, contextLineCount: 3, minimumLineCount: 6 },
    tabFocusMode: true,
    renderMarginRevertIcon: false,
    compactMode: true,
  });
  return { container, editor };
}

/** Makes a comparison in `host`; in a narrow one, changes stand below each other. */
export function createComparison(host: HTMLElement, labels: { before: string; after: string }): ComparisonHandle {
  const { container, editor } = (kept ??= begin());
  editor.getOriginalEditor().updateOptions({ ariaLabel: labels.before });
  editor.getModifiedEditor().updateOptions({ ariaLabel: labels.after });
  host.append(container);
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
      container.remove();
    },
  };
}
