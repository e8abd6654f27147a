/** What screen readers are told: one polite message a second at most, the newest of its kind; lost work at once. */
import { create } from 'zustand';

interface AnnouncerState {
  polite: string;
  assertive: string;
}

const EVERY_MS = 1000;

/** What the live regions hold now. */
export const useAnnouncer = create<AnnouncerState>()(() => ({ polite: '', assertive: '' }));

const waiting = new Map<string, string>();
let timer: ReturnType<typeof setTimeout> | undefined;

function tell(): void {
  timer = undefined;
  const texts = [...waiting.values()];
  waiting.clear();
  if (texts.length === 0) return;
  useAnnouncer.setState({ polite: texts.join(' ') });
  timer = setTimeout(tell, EVERY_MS);
}

/** Has a text read aloud when there is time. A newer text of the same `kind` replaces one that still waits. */
export function announce(text: string, kind = text): void {
  waiting.set(kind, text);
  timer ??= setTimeout(tell, 50);
}

/** Has a text read aloud at once: only for work that is lost. */
export function alarm(text: string): void {
  useAnnouncer.setState({ assertive: text });
}
