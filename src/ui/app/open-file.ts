/** Opens a file that somebody saved: a share link too long to send otherwise, or manifests. Nothing of it is used before it was looked at. */
import type { shell } from '../i18n/en/shell.ts';
import type { Say } from '../i18n/text.ts';
import { openInEditor } from '../state/documents.ts';
import { showToast } from '../state/toasts.ts';
import { sharePayload } from './use-hash.ts';

/** What a text editor in a browser can bear, bytes. */
const MOST = 8 * 1024 * 1024;

/** Lets the visitor choose a file. */
export function openFile(t: Say<typeof shell>): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.yaml,.yml,.json,.txt';
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) void open(file, t);
  });
  input.click();
}

/** Takes files that are dropped anywhere on the page, and shows while they are above it that it would. Returns what ends it. */
export function acceptDroppedFiles(t: () => Say<typeof shell>): () => void {
  const ends = new AbortController();
  const root = document.documentElement;
  const on = (type: 'dragover' | 'dragleave' | 'drop', run: (event: DragEvent) => void) =>
    window.addEventListener(type, run, { capture: true, signal: ends.signal });
  on('dragover', (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    root.toggleAttribute('data-dropping', true);
  });
  // From one element to the next the pointer does not leave the page.
  on('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) root.removeAttribute('data-dropping');
  });
  on('drop', (event) => {
    root.removeAttribute('data-dropping');
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    void openInOrder(files, t());
  });
  return () => {
    ends.abort();
    root.removeAttribute('data-dropping');
  };
}

async function openInOrder(files: readonly File[], t: Say<typeof shell>): Promise<void> {
  for (const file of files) await open(file, t);
}

async function open(file: File, t: Say<typeof shell>): Promise<void> {
  if (file.size > MOST) return showToast({ tone: 'error', text: t('fileTooLarge', { name: file.name }) });
  try {
    const text = await file.text();
    const hash = /#(s=[\w-]+)\s*$/.exec(text)?.[1];
    // A link: its preview opens, as if it had been followed.
    if (hash !== undefined && sharePayload(hash) !== undefined) window.location.hash = hash;
    else await openInEditor(text, file.name);
  } catch (error) {
    showToast({
      tone: 'error',
      text: t('fileUnreadable', { name: file.name }),
      detail: error instanceof Error ? error.message : String(error),
    });
  }
}
