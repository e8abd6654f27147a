/** Texts of small components, in English. */
import type { Messages } from '../text.ts';

export const widgets = {
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
} as const satisfies Messages;
