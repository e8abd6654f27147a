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
