/** Asks the analysis worker, which is started at the first question. Where workers cannot start, the page answers itself. */
import type { Answer, Question, Questions } from './protocol.ts';

interface Waiting {
  question: Question;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

let worker: Worker | undefined;
let failed = false;
let lastId = 0;
const waiting = new Map<number, Waiting>();

async function answerHere({ question, resolve, reject }: Waiting): Promise<void> {
  try {
    const { answer } = await import('./protocol.ts');
    resolve(answer(question));
  } catch (error) {
    reject(error instanceof Error ? error : new Error(String(error)));
  }
}

function giveUpWorker(): void {
  failed = true;
  worker?.terminate();
  worker = undefined;
  const open = [...waiting.values()];
  waiting.clear();
  for (const each of open) void answerHere(each);
}

function started(): Worker | undefined {
  if (worker || failed) return worker;
  try {
    worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'kubarium-analysis' });
  } catch {
    failed = true; // a policy forbids workers
    return undefined;
  }
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const each = waiting.get(data.id);
    waiting.delete(data.id);
    if ('failure' in data) each?.reject(new Error(data.failure));
    else each?.resolve(data.result);
  };
  worker.onerror = giveUpWorker;
  return worker;
}

/** Asks one question about a text. */
export function ask<Name extends keyof Questions>(
  name: Name,
  text: string,
  params: Questions[Name]['params'],
): Promise<Questions[Name]['result']> {
  return new Promise((resolve, reject) => {
    const question = { id: ++lastId, name, text, params } as Question;
    const each: Waiting = { question, resolve: (result) => resolve(result as Questions[Name]['result']), reject };
    const target = started();
    if (!target) return void answerHere(each);
    waiting.set(question.id, each);
    target.postMessage(question);
  });
}
