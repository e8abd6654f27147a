/** What all editors share: the page's type, and nothing that takes room in a narrow dock. */
import type * as monaco from 'monaco-editor/editor';

/** Options of every editor. Sizes follow the page's text size. */
export function sharedOptions(): monaco.editor.IEditorOptions & monaco.editor.IGlobalEditorOptions {
  const style = getComputedStyle(document.documentElement);
  const fontSize = Math.max(12, Math.round(parseFloat(style.fontSize) * 0.929));
  return {
    automaticLayout: true,
    fontFamily: style.getPropertyValue('--mono') || 'monospace',
    fontLigatures: false,
    fontSize,
    lineHeight: 1.45,
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    overviewRulerLanes: 2,
    overviewRulerBorder: false,
    glyphMargin: false,
    folding: true,
    lineNumbersMinChars: 3,
    lineDecorationsWidth: 8,
    padding: { top: 8, bottom: 8 },
    renderLineHighlight: 'line',
    renderWhitespace: 'selection',
    smoothScrolling: false,
    fixedOverflowWidgets: true,
    stickyScroll: { enabled: false },
    bracketPairColorization: { enabled: false },
    guides: { indentation: true },
    scrollbar: { alwaysConsumeMouseWheel: false, verticalScrollbarSize: 12, horizontalScrollbarSize: 12 },
    unicodeHighlight: { ambiguousCharacters: false },
  };
}

/**
 * An element for an editor that is kept and moved between places. Editors are never disposed: monaco's shared parts (lists, hover)
 * hold on to the services of the last one made, and stop working with it.
 */
export function createContainer(): HTMLElement {
  const container = document.createElement('div');
  container.style.cssText = 'position:absolute;inset:0';
  return container;
}
