/** GET …/pods/NAME/log: a text, or with `follow` a stream of it until the container ends. */
import type { ApiResponse } from '../api/request.ts';
import { sendText } from './http/answer.ts';
import type { Exchange } from './server.ts';

const LOOK_MS = 50;

/** Sends the log. `run` asks the apiserver, which checks who may read and whether there is a log. */
export function streamLog(
  { cluster, request, response, url }: Exchange,
  { namespace = '', name = '' }: { namespace?: string; name?: string },
  run: () => ApiResponse,
): void {
  const { text, container } = run().object as unknown as { text: string; container: string };
  const parameters = url.searchParams;
  const follows = parameters.get('follow') === 'true' && parameters.get('previous') !== 'true';
  if (!follows) {
    sendText(request, response, 200, text, 'text/plain');
    return;
  }
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Transfer-Encoding': 'chunked' });
  response.flushHeaders();
  if (text !== '') response.write(text);
  const tail = cluster.followLog(
    { namespace, pod: name, container, timestamps: parameters.get('timestamps') === 'true' },
    (line) => void response.write(line),
  );
  if (tail === undefined) {
    response.end();
    return;
  }
  const look = setInterval(() => {
    if (!tail.running()) response.end();
  }, LOOK_MS);
  response.on('close', () => {
    clearInterval(look);
    tail.stop();
  });
}
