/** Monaco's colours, from the same palette as the rest of the page (src/ui/styles/tokens.css). */
import * as monaco from 'monaco-editor/editor';

const TOKENS = [
  'bg',
  'surface',
  'sunken',
  'text',
  'muted',
  'border',
  'line',
  'accent',
  'accent-soft',
  'ok',
  'warn',
  'error',
  'leaving',
  'new',
  'focus',
] as const;
type Token = (typeof TOKENS)[number];

/** The present value of a colour, as Monaco wants it: #rrggbb. */
function readTokens(): Record<Token, string> {
  const style = getComputedStyle(document.documentElement);
  const value = (name: Token): string => {
    const text = style.getPropertyValue(`--${name}`).trim();
    return /^#[0-9a-f]{6}$/i.test(text) ? text : name === 'bg' ? '#ffffff' : '#1b2430';
  };
  return Object.fromEntries(TOKENS.map((name) => [name, value(name)])) as Record<Token, string>;
}

type Tokens = ReturnType<typeof readTokens>;

/** Colours of the text. */
function rulesOf({ text, accent, ok, leaving, warn, muted }: Tokens): monaco.editor.ITokenThemeRule[] {
  const rule = (token: string, color: string) => ({ token, foreground: color.slice(1) });
  return [
    rule('', text),
    rule('type', accent),
    rule('string', ok),
    rule('string.yaml', ok),
    rule('number', leaving),
    rule('number.yaml', leaving),
    rule('keyword', warn),
    rule('comment', muted),
    rule('operators', muted),
    rule('delimiter', muted),
    rule('tag', leaving),
    rule('namespace', leaving),
  ];
}

/** Colours of everything around it. */
function colorsOf(tokens: Tokens, dark: boolean): Record<string, string> {
  const { bg, surface, sunken, text, muted, border, line, accent, error, warn, focus, 'accent-soft': soft } = tokens;
  return {
    'editor.background': bg,
    'editor.foreground': text,
    'editorLineNumber.foreground': muted,
    'editorLineNumber.activeForeground': text,
    'editorGutter.background': bg,
    'editor.lineHighlightBackground': surface,
    'editor.lineHighlightBorder': surface,
    'editor.selectionBackground': dark ? '#284b6e' : '#bcd8f3',
    'editor.inactiveSelectionBackground': soft,
    'editorCursor.foreground': text,
    'editorIndentGuide.background1': line,
    'editorIndentGuide.activeBackground1': border,
    'editorWidget.background': surface,
    'editorWidget.foreground': text,
    'editorWidget.border': border,
    'editorHoverWidget.background': surface,
    'editorHoverWidget.foreground': text,
    'editorHoverWidget.border': border,
    'editorSuggestWidget.background': surface,
    'editorSuggestWidget.foreground': text,
    'editorSuggestWidget.selectedBackground': soft,
    'editorSuggestWidget.selectedForeground': text,
    'editorSuggestWidget.highlightForeground': accent,
    'editorSuggestWidget.focusHighlightForeground': accent,
    'editorSuggestWidget.border': border,
    'list.hoverBackground': sunken,
    'editorError.foreground': error,
    'editorWarning.foreground': warn,
    'editorInfo.foreground': muted,
    'input.background': bg,
    'input.border': border,
    'menu.background': bg,
    'menu.foreground': text,
    'menu.selectionBackground': soft,
    'menu.selectionForeground': text,
    'menu.border': border,
    'diffEditor.insertedTextBackground': dark ? '#4adba833' : '#0a7a5c2e',
    'diffEditor.insertedLineBackground': dark ? '#4adba81f' : '#0a7a5c1a',
    'diffEditor.removedTextBackground': dark ? '#ff8a8033' : '#b3261e2e',
    'diffEditor.removedLineBackground': dark ? '#ff8a801f' : '#b3261e14',
    'diffEditor.diagonalFill': line,
    focusBorder: focus,
  };
}

/** Defines the theme from the tokens as they are now, and uses it in all editors. */
export function applyTheme(dark: boolean): void {
  const tokens = readTokens();
  const name = dark ? 'kubarium-dark' : 'kubarium-light';
  monaco.editor.defineTheme(name, {
    base: dark ? 'vs-dark' : 'vs',
    inherit: true,
    rules: rulesOf(tokens),
    colors: colorsOf(tokens, dark),
  });
  monaco.editor.setTheme(name);
}

const isDark = (): boolean => document.documentElement.dataset['theme'] === 'dark';

let following = false;

/** Uses the page's theme, and follows it. */
export function followTheme(): void {
  if (following) return;
  following = true;
  applyTheme(isDark());
  new MutationObserver(() => applyTheme(isDark())).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
}
