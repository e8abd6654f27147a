/** Preferences and layout in localStorage: read with suspicion (any version, any hand may have written them), written when they change. */
import { LANGUAGES } from '../i18n/languages.ts';
import type { DockId, DockState, SavedState } from './ui-state.ts';

const KEY = 'kubarium.ui';

const DEFAULTS: SavedState = {
  language: 'en',
  theme: 'system',
  motion: 'system',
  textSize: 100,
  singleKeys: true,
  view: 'cluster',
  docks: {
    left: { open: true, size: 264, panel: 'explorer' },
    right: { open: true, size: 400, panel: 'editor' },
    bottom: { open: true, size: 200, panel: 'events' },
  },
  namespace: undefined,
  welcomed: false,
  openedLink: undefined,
};

/** A predicate per field: whether a stored value can be used. */
const VALID: { [Key in keyof SavedState]: (value: unknown) => boolean } = {
  language: (value) => LANGUAGES.includes(value as never),
  theme: oneOf('system', 'light', 'dark'),
  motion: oneOf('system', 'reduce', 'full'),
  textSize: oneOf(100, 115, 130, 150),
  singleKeys: (value) => typeof value === 'boolean',
  view: (value) => typeof value === 'string',
  docks: (value) => isRecord(value) && (['left', 'right', 'bottom'] satisfies DockId[]).every((dock) => isDock(value[dock])),
  namespace: (value) => typeof value === 'string',
  welcomed: (value) => typeof value === 'boolean',
  openedLink: (value) => typeof value === 'string',
};

function oneOf(...allowed: unknown[]): (value: unknown) => boolean {
  return (value) => allowed.includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isDock(value: unknown): value is DockState {
  return (
    isRecord(value) &&
    typeof value['open'] === 'boolean' &&
    typeof value['panel'] === 'string' &&
    typeof value['size'] === 'number' &&
    value['size'] > 0
  );
}

function stored(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return isRecord(value) ? value : {};
  } catch {
    return {}; // storage refused, or not ours: begin with the defaults
  }
}

/** The saved state; what is missing or unusable has its default, the language that of the browser, docks what the window has room for. */
export function loadSaved(): SavedState {
  const found = Object.entries(stored()).filter(([key, value]) => VALID[key as keyof SavedState]?.(value));
  return { ...DEFAULTS, language: browserLanguage(), docks: docksFor(windowSize()), ...Object.fromEntries(found) };
}

function windowSize(): { width: number; height: number } {
  return typeof window === 'undefined' ? { width: 1440, height: 900 } : { width: window.innerWidth, height: window.innerHeight };
}

function docksFor({ width, height }: { width: number; height: number }): Record<DockId, DockState> {
  const { left, right, bottom } = DEFAULTS.docks;
  return {
    left: { ...left, open: width >= 1360 },
    right: { ...right, size: width >= 1360 ? 400 : 360 },
    bottom: { ...bottom, open: height >= 800 },
  };
}

function browserLanguage(): SavedState['language'] {
  const wanted = typeof navigator === 'undefined' ? [] : navigator.languages;
  for (const tag of wanted) {
    if (/^zh\b/i.test(tag)) return 'zh-CN';
    if (/^en\b/i.test(tag)) return 'en';
  }
  return 'en';
}

let written: string | undefined = '';

/** Writes the part that survives, if it changed. */
export function save(state: SavedState): void {
  const text = JSON.stringify(Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, state[key as keyof SavedState]])));
  if (text === written || written === undefined) return;
  written = text;
  try {
    localStorage.setItem(KEY, text);
  } catch {
    // A private window: preferences last as long as the page.
    written = text;
  }
}

/** Erases what was saved; nothing is saved any more until the page is loaded again. */
export function forgetSaved(): void {
  written = undefined;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // a private window: nothing was saved
  }
}
