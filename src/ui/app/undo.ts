/** Undo from the top bar and from the keyboard: takes the newest act back and says so. */
import type { shell } from '../i18n/en/shell.ts';
import type { Say } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';
import { takeBack } from '../state/undo.ts';

/** Takes an act back, the newest if none is named. */
export async function undoAndTell(t: Say<typeof shell>, id?: number): Promise<void> {
  try {
    const entry = await takeBack(id);
    if (entry) showToast({ text: t('undone', { what: entry.label }) });
  } catch (error) {
    showToast({ tone: 'error', text: t('undoFailed'), detail: error instanceof Error ? error.message : String(error) });
  }
}
