/** A watch as a stream of JSON lines. A slow client is waited for; one that never reads is cut off. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { WatchEvent, WatchHandle, WatchRequest } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { includeOf, partialOf, tableOf } from '../apiserver/http/table.ts';
import type { MediaType } from './http/negotiate.ts';
import type { Exchange } from './server.ts';

const MAX_BUFFER = 64 * 1024 * 1024;

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
    response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    response.flushHeaders();
  };
  const events = (batch: readonly WatchEvent[]) => {
    begin();
    response.write(batch.map(encode).join(''));
    if (response.writableLength > MAX_BUFFER) response.destroy();
  };
  let handle: WatchHandle | undefined;
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
