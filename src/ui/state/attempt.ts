/** For acts whose failure is only worth a message: pausing, stepping. */
import { showToast } from './toasts.ts';

/** Shows the error's own text if the act fails. */
export function attempt(act: Promise<unknown>): void {
  act.catch((error: unknown) => showToast({ tone: 'error', text: error instanceof Error ? error.message : String(error) }));
}
