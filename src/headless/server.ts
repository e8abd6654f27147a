/** HTTP, or HTTPS, in front of the apiserver, on 127.0.0.1 only: what kubectl and client libraries speak. Upgrades (exec, port-forward) go to streaming/. */
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cluster } from '../cluster/cluster.ts';
import { sendError } from './http/answer.ts';
import { MetaApi } from './meta.ts';
import { callerOf, handleResource, targetOf } from './resources.ts';
import { acceptUpgrades } from './streaming/upgrade.ts';
import { serverOptions } from './tls.ts';

/** One request on its way through. */
export interface Exchange {
  cluster: Cluster;
  /** Runs what is due at once; to be called after each write. */
  wake: () => void;
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
}

/** Starts listening; resolves with the port and a way to end. `wake` is called after each write; `tls`: HTTPS. */
export function serve(
  cluster: Cluster,
  port: number,
  wake: () => void,
  { tls = false }: { tls?: boolean } = {},
): Promise<{ port: number; close: () => void }> {
  const meta = new MetaApi(() => cluster.apiServer.resources());
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    handle({ cluster, wake, request, response, url: urlOf(request) }, meta).catch((error: unknown) => sendError(response, error));
  };
  const server = tls ? createTlsServer(serverOptions(cluster), answer) : createServer(answer);
  acceptUpgrades(server, { cluster, wake });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const close = () => {
        server.closeAllConnections();
        server.close();
      };
      resolve({ port: (server.address() as AddressInfo).port, close });
    });
  });
}

function urlOf({ url }: IncomingMessage): URL {
  try {
    return new URL(`http://localhost${url?.startsWith('/') ? url : `/${url ?? ''}`}`);
  } catch {
    return new URL('http://localhost/invalid-url');
  }
}

async function handle(exchange: Exchange, meta: MetaApi): Promise<void> {
  const target = targetOf(exchange.url);
  if (target === undefined) {
    const { user } = callerOf(exchange);
    exchange.cluster.apiServer.authorizePath(user, exchange.url.pathname);
    meta.answer(exchange.request, exchange.response, exchange.url);
  } else await handleResource(exchange, target);
}
