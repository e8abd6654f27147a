/** Texts of small components, in English. */
import type { Messages } from '../text.ts';

export const widgets = {
  close: 'Close',
  copy: 'Copy',
  copied: 'Copied',
  'changes.path': 'Field',
  'changes.before': 'Before',
  'changes.after': 'After',
  'changes.absent': 'absent',
} as const satisfies Messages;
