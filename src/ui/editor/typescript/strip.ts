/** Takes the types out of TypeScript, in a worker that is started at the first wish. */
import type { StripAnswer, Stripped } from './protocol.ts';

interface Waiting {
  resolve(stripped: Stripped): void;
  reject(error: Error): void;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

function started(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL('./typescript-worker.ts', import.meta.url), { type: 'module', name: 'kubarium-typescript' });
  worker.onmessage = ({ data }: MessageEvent<StripAnswer>) => {
    const each = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failure' in data) each?.reject(new Error(data.failure));
    else each?.resolve(data.stripped);
  };
  worker.onerror = () => {
    worker?.terminate();
    worker = undefined; // a file that did not arrive may arrive the next time
    const open = [...waiting.values()];
    waiting.clear();
    for (const { reject } of open) reject(new Error('the TypeScript compiler could not be loaded'));
  };
  return worker;
}

/** The JavaScript of a source. Rejects when the compiler cannot be loaded. */
export function stripTypes(source: string): Promise<Stripped> {
  return new Promise((resolve, reject) => {
    const id = ++lastId;
    waiting.set(id, { resolve, reject });
    started().postMessage({ id, source });
  });
}
