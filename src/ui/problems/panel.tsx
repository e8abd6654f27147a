/** Mounting point of the panel; replaced by the panel itself. */
import type { PanelProps } from '../panels.ts';

export function Panel(_props: PanelProps) {
  return null;
}
