/** A watch as a stream of JSON lines. A slow client is waited for; one that does not read is told that it is too late (410), and cut off. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { resourceExpired, StatusError } from '../apimachinery/status.ts';
import type { WatchEvent, WatchHandle, WatchRequest } from '../api/request.ts';
import { deprecationWarnings } from '../api/resource.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { includeOf, partialOf, tableOf } from '../apiserver/http/table.ts';
import { addWarning } from './http/answer.ts';
import type { MediaType } from './http/negotiate.ts';
import type { Exchange } from './server.ts';

/** What a client may leave unread, bytes. */
const MAX_BUFFER = 16 * 1024 * 1024;
/** How long a client that was cut off may take to read what is left, ms of real time. */
const LAST_READ_MS = 30_000;

/** Streams until the client goes, the server closes it, or `timeoutSeconds` of real time have passed. */
export function streamWatch(
  { cluster, response, url }: Exchange,
  asked: WatchRequest & { subresource?: string },
  { type, definition }: { type: MediaType; definition: ResourceDefinition },
): void {
  if (type.encoding !== 'json')
    throw new StatusError(
      406,
      'NotAcceptable',
      'only the following media types are accepted: application/json, application/json;stream=watch',
    );
  const include = includeOf(url.searchParams.get('includeObject'));
  const encode = encoder(type, (object, first) => tableOf(definition, object, cluster.sim.now, include, first));
  const begin = () => {
    if (response.headersSent) return;
    for (const warning of deprecationWarnings(definition)) addWarning(response, warning);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    response.flushHeaders();
  };
  const events = (batch: readonly WatchEvent[]) => {
    if (response.writableEnded) return;
    begin();
    response.write(batch.map(encode).join(''));
    if (response.writableLength > MAX_BUFFER) cutOff();
  };
  let handle: WatchHandle | undefined;
  const cutOff = () => {
    handle?.stop();
    if (response.writableEnded) return;
    const { status } = resourceExpired('too old resource version: the watch did not read its events');
    response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
    setTimeout(() => response.destroy(), LAST_READ_MS).unref();
  };
  const name = asked.name;
  const narrowed =
    name === undefined ? asked : { ...asked, name: undefined, options: { ...asked.options, fieldSelector: `metadata.name=${name}` } };
  try {
    handle = cluster.apiServer.watch({ ...narrowed, observer: true }, { events, closed: () => response.end() });
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 410) throw error;
    // As upstream's watch cache: the stream opens, and its only event says that history does not reach back that far.
    events([{ type: 'ERROR', object: error.status }]);
    response.end();
    return;
  }
  begin();
  const { timeoutSeconds } = asked.options ?? {};
  const timer = timeoutSeconds ? setTimeout(() => response.end(), timeoutSeconds * 1000) : undefined;
  response.on('close', () => {
    clearTimeout(timer);
    handle.stop();
  });
}

function encoder({ as }: MediaType, table: (object: KubernetesObject, first: boolean) => object): (event: WatchEvent) => string {
  let first = true;
  return ({ type, object }) => {
    let sent: object = object;
    if (as === 'Table' && type !== 'ERROR') {
      sent =
        type === 'BOOKMARK'
          ? { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata, columnDefinitions: null, rows: [] }
          : table(object as KubernetesObject, first);
      first = false;
    } else if (as !== undefined && type !== 'ERROR') sent = partialOf(object as KubernetesObject);
    return `${JSON.stringify({ type, object: sent })}\n`;
  };
}
