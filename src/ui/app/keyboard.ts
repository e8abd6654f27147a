/**
 * The keys that act everywhere. Single keys act only outside of text fields and of widgets that use them, and can be switched off
 * (WCAG 2.1.4); F6 always works. A panel that uses a key for itself calls `preventDefault()`.
 */
import { useEffect } from 'react';
import type { ClusterActions } from '../cluster/actions.ts';
import { useCluster } from '../cluster/hooks.ts';
import type { SessionState } from '../cluster/session-state.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { useText } from '../i18n/text.ts';
import { PANELS } from '../panels.ts';
import { useUiState } from '../state/ui-state.ts';
import { stepAndTell } from './step.ts';
import { undoAndTell } from './undo.ts';
import { attempt } from '../state/attempt.ts';

/** Where typing goes into the text. */
const TEXT = 'input, textarea, select, [contenteditable=true], [role=textbox], .monaco-editor, .xterm';
/** Where space and arrows have a meaning of their own. */
const WIDGET =
  'button, a[href], summary, [role=tab], [role=separator], [role=slider], [role=tree], [role=grid], [role=listbox], [role=menu], [role=application]';
const SPEEDS = [1, 10, 60] as const;

/** Regions that F6 visits, in their order in the document. */
const REGION = '[data-region]';

/** Listens as long as the frame is there. */
export function useKeyboard(): void {
  const t = useText(shellText);
  const { actions, session } = useCluster();
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      if (event.key === 'F6') {
        event.preventDefault();
        moveRegion(event.shiftKey ? -1 : 1);
        return;
      }
      const { singleKeys } = useUiState.getState();
      const target = event.target instanceof Element ? event.target : document.body;
      if (isUndo(event) && !target.closest(TEXT)) {
        event.preventDefault();
        void undoAndTell(t);
        return;
      }
      if (!singleKeys || event.ctrlKey || event.metaKey || event.altKey || target.closest(TEXT)) return;
      if (onSingleKey(event, target.closest(WIDGET) !== null, actions, session)) event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [actions, session, t]);
}

const isUndo = ({ key, ctrlKey, metaKey, shiftKey, altKey }: KeyboardEvent): boolean =>
  (ctrlKey || metaKey) && !shiftKey && !altKey && key.toLowerCase() === 'z';

/** True when the key did something. */
function onSingleKey(event: KeyboardEvent, inWidget: boolean, actions: ClusterActions, session: SessionState): boolean {
  const state = useUiState.getState();
  const view = PANELS.find(({ digit }) => digit !== undefined && String(digit) === event.key);
  if (view) {
    state.set({ view: view.id });
    return true;
  }
  if (event.key === '?') {
    state.set({ dialog: 'keys' });
    return true;
  }
  if (event.key === '/') return focusFilter();
  return !inWidget && onTimeKey(event, actions, session);
}

function onTimeKey(event: KeyboardEvent, actions: ClusterActions, session: SessionState): boolean {
  const clock = session.clock();
  if (!clock) return false;
  switch (event.key) {
    case ' ':
      attempt(actions.setClock({ paused: !clock.paused }));
      return true;
    case 'ArrowRight':
      attempt(stepAndTell(actions, clock.paused, event.shiftKey ? 'revision' : 'event'));
      return true;
    case '+':
    case '-': {
      const at = SPEEDS.findIndex((speed) => speed === clock.speed);
      const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + (event.key === '+' ? 1 : -1)))];
      if (next !== undefined) attempt(actions.setClock({ speed: next }));
      return true;
    }
  }
  return false;
}

/** Focuses the filter of the view, or else of any panel that is seen. */
function focusFilter(): boolean {
  const filters = [...document.querySelectorAll<HTMLElement>('[data-filter]')].filter((element) => element.checkVisibility());
  const inView = filters.find((element) => element.closest('[data-region=view]'));
  const filter = inView ?? filters[0];
  filter?.focus();
  return filter !== undefined;
}

function moveRegion(by: number): void {
  const regions = [...document.querySelectorAll<HTMLElement>(REGION)].filter((element) => element.checkVisibility());
  const at = regions.findIndex((region) => region.contains(document.activeElement));
  const next = regions[(at + by + regions.length) % regions.length];
  next?.focus();
}
