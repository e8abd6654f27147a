/**
 * Erases what this browser keeps for the visitor: saved clusters (the worker deletes them), open texts, settings. The program itself, which
 * the service worker keeps for use without a network, stays: it is the same for everybody.
 */
import type { ClusterConnection } from '../cluster/connection.ts';
import type { shell } from '../i18n/en/shell.ts';
import type { Say } from '../i18n/text.ts';
import { forgetSaved } from '../state/saved.ts';
import { showToast } from '../state/toasts.ts';

/** All our databases begin so. */
const PREFIX = 'kubarium';
/** Names where the browser does not list databases. */
const KNOWN = ['kubarium', 'kubarium-editor'];
/** Tells the next page that the data is gone. */
const DONE = 'kubarium.erased';
/** A worker that does not answer is not waited for, ms. */
const PATIENCE_MS = 3000;

const within = (ms: number, act: Promise<unknown>): Promise<unknown> =>
  Promise.race([act, new Promise((resolve) => setTimeout(resolve, ms))]);

/** Erases everything; every tab hears of it and begins anew. */
export async function eraseAll(connection: ClusterConnection): Promise<void> {
  // Without an answer (the simulation crashed, or another tab is frozen) this tab goes on alone; databases in use go when they are closed.
  await within(
    PATIENCE_MS,
    connection.control('erase', {}).catch(() => undefined),
  );
  await beginAnew();
}

let begun = false;

/** Erases what the pages keep, and loads the page as on a first visit. */
export async function beginAnew(): Promise<void> {
  if (begun) return;
  begun = true;
  await within(PATIENCE_MS, deleteDatabases());
  forgetSaved();
  try {
    sessionStorage.setItem(DONE, 'true');
  } catch {
    // a private window: then the next page says nothing
  }
  window.location.replace(window.location.pathname);
}

async function deleteDatabases(): Promise<void> {
  try {
    const names = (await indexedDB.databases?.())?.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX)) ?? KNOWN;
    await Promise.all(names.map(deleteDatabase));
  } catch {
    // no IndexedDB: nothing was kept
  }
}

function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = request.onerror = request.onblocked = () => resolve();
  });
}

/** After the page was loaded again: says what was done. */
export function tellErased(t: Say<typeof shell>): void {
  try {
    if (sessionStorage.getItem(DONE) === null) return;
    sessionStorage.removeItem(DONE);
    showToast({ text: t('erased') });
  } catch {
    // a private window
  }
}
