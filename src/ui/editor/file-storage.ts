/**
 * Keeps the open texts over a reload, in an IndexedDB of their own: the cluster's storage may be erased without them. In a private
 * window, or when the browser refuses, texts last as long as the page.
 */
import { openDB } from 'idb';
import type { IDBPDatabase } from 'idb';
import { useDocuments } from '../state/documents.ts';
import type { TextFile } from '../state/documents.ts';

const DATABASE = 'kubarium-editor';
const STORE = 'session';
const KEY = 'files';
/** Writing waits this long after the last change, ms. */
const QUIET_MS = 400;

interface Stored {
  files: readonly TextFile[];
  active: string;
}

function isStored(value: unknown): value is Stored {
  const { files, active } = (typeof value === 'object' && value !== null ? value : {}) as Partial<Stored>;
  const isText = (text: unknown) => typeof text === 'string';
  return (
    isText(active) &&
    Array.isArray(files) &&
    files.every((file: Partial<TextFile>) => isText(file.id) && isText(file.name) && isText(file.text))
  );
}

async function openStorage(): Promise<IDBPDatabase | undefined> {
  try {
    return await openDB(DATABASE, 1, {
      upgrade(database) {
        database.createObjectStore(STORE);
      },
      // Somebody erases all data: give way, and write no more.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    });
  } catch {
    return undefined; // no IndexedDB here
  }
}

async function readStored(database: IDBPDatabase | undefined): Promise<Stored | undefined> {
  try {
    const value: unknown = await database?.get(STORE, KEY);
    return isStored(value) ? value : undefined;
  } catch {
    return undefined; // unreadable: begin with nothing open
  }
}

let begun: Promise<void> | undefined;

/** Restores the texts once, then writes every change. `fallback` opens something when nothing was stored and nothing is open. */
export function keepFiles(fallback: () => void): Promise<void> {
  begun ??= begin(fallback);
  return begun;
}

async function begin(fallback: () => void): Promise<void> {
  const database = await openStorage();
  const stored = await readStored(database);
  if (stored) useDocuments.getState().restore(stored.files, stored.active);
  else if (useDocuments.getState().files.length === 0) fallback();
  if (!database) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = () => {
    clearTimeout(timer);
    timer = undefined;
    const { files, active } = useDocuments.getState();
    database.put(STORE, { files, active } satisfies Stored, KEY).catch(() => undefined); // full: the texts stay in the page
  };
  useDocuments.subscribe((state, before) => {
    if (state.files === before.files && state.active === before.active) return;
    clearTimeout(timer);
    timer = setTimeout(write, QUIET_MS);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden && timer !== undefined) write();
  });
}
