/** What the address asks for: `#gallery`, or `#s=<payload>` for a share link. The fragment is never sent to a server. */
import { useSyncExternalStore } from 'react';

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

/** The fragment without "#". */
export function useHash(): string {
  return useSyncExternalStore(subscribe, () => window.location.hash.slice(1));
}

/** The payload of a share link in a fragment. */
export function sharePayload(hash: string): string | undefined {
  return hash.startsWith('s=') ? hash.slice(2) : undefined;
}

/** Takes the fragment away, without a new entry in the history. */
export function clearHash(): void {
  if (!window.location.hash) return;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
