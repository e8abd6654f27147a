/** Texts of the list of problems, in English. */
import type { Messages } from '../text.ts';

export const problems = {
  none: 'No problems found.',
  noneMore: 'What the editor finds in your manifests is listed here.',
  error: 'Cannot be applied',
  warning: 'Accepted, but',
  info: 'Note',
} as const satisfies Messages;
