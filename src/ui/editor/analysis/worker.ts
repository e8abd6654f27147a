/** The worker in which texts are parsed and analysed, so that no paste, however large, holds the page up. */
import { answer } from './protocol.ts';
import type { Answer, Question } from './protocol.ts';

const port = self as unknown as { onmessage: ((event: MessageEvent<Question>) => void) | null; postMessage(answer: Answer): void };

port.onmessage = ({ data }) => {
  try {
    port.postMessage({ id: data.id, result: answer(data) });
  } catch (error) {
    port.postMessage({ id: data.id, failure: error instanceof Error ? error.message : String(error) });
  }
};
