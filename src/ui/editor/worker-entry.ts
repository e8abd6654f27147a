/**
 * Takes the place of `monaco-worker-manager/worker` (see vite.config.ts), which imports monaco's worker by a path that monaco no
 * longer exports.
 */
import { initialize as initializeWorker } from 'monaco-editor/editor/editor.worker';

type Factory = (context: unknown, createData: unknown) => object;

/** Called by monaco-yaml in its worker. The first message starts it and carries nothing. */
export function initialize(create: Factory): void {
  self.onmessage = () => {
    // The methods must sit on the prototype: monaco copies own function properties otherwise.
    initializeWorker((context, createData) => Object.create(create(context, createData)) as object);
  };
}
