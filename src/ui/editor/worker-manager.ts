/**
 * Takes the place of the package `monaco-worker-manager` (see vite.config.ts): monaco is now given a started worker instead of the
 * name of one.
 */
import type * as Monaco from 'monaco-editor/editor';

interface Options {
  createData?: unknown;
  label: string;
  moduleId: string;
}

/** Called by monaco-yaml in the page. New create data ends the worker; the next question starts another. */
export function createWorkerManager<T extends object>(monaco: typeof Monaco, options: Options) {
  let createData = options.createData;
  let worker: Worker | undefined;
  let client: Monaco.editor.MonacoWebWorker<T> | undefined;
  const stop = () => {
    client?.dispose();
    worker?.terminate();
    client = worker = undefined;
  };
  return {
    dispose: stop,
    getWorker(...resources: Monaco.Uri[]): Promise<T> {
      if (!client) {
        worker = new Worker(new URL('./yaml-worker.ts', import.meta.url), { type: 'module', name: options.label });
        // The first message starts it, the second is its create data; monaco's own conversation begins after.
        worker.postMessage('start');
        worker.postMessage(createData);
        client = monaco.editor.createWebWorker<T>({ worker });
      }
      return client.withSyncedResources(resources);
    },
    updateCreateData(data: unknown) {
      createData = data;
      stop();
    },
  };
}
