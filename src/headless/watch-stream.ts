/** A watch as a stream of JSON lines. A slow client is waited for; one that never reads is cut off. */
import type { ServerResponse } from 'node:http';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { resourceByPlural } from '../api/index.ts';
import type { WatchEvent, WatchRequest } from '../api/request.ts';
import { tableOf } from '../apiserver/http/table.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Accepts } from './server.ts';

const MAX_BUFFER = 64 * 1024 * 1024;

/** Streams until the client goes, the server closes it, or `timeoutSeconds` of real time have passed. */
export function streamWatch(cluster: Cluster, request: WatchRequest & { subresource?: string }, response: ServerResponse, { table }: Accepts): void {
  const definition = resourceByPlural(request.group, request.version, request.resource);
  let columnsSent = false;
  const encode = ({ type, object }: WatchEvent): string => {
    if (!table || definition === undefined || type === 'ERROR') return `${JSON.stringify({ type, object })}\n`;
    const rows = tableOf(definition, object as KubernetesObject, cluster.sim.now, 'Metadata', !columnsSent);
    columnsSent = true;
    return `${JSON.stringify({ type, object: rows })}\n`;
  };
  const handle = cluster.apiServer.watch(
    { ...request, observer: true },
    {
      events: (batch) => {
        if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
        response.write(batch.map(encode).join(''));
        if (response.writableLength > MAX_BUFFER) response.destroy();
      },
      closed: () => response.end(),
    },
  );
  if (!response.headersSent) {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' });
    response.flushHeaders();
  }
  const { timeoutSeconds } = request.options ?? {};
  const timer = timeoutSeconds ? setTimeout(() => response.end(), timeoutSeconds * 1000) : undefined;
  response.on('close', () => {
    clearTimeout(timer);
    handle.stop();
  });
}
