/**
 * The cluster from the browser's console, for teachers, scripts and tests: `window.kubarium`. It speaks the protocol of
 * src/worker/protocol.ts and can do nothing that the page itself could not.
 *
 *   await kubarium.request({ verb: 'list', group: 'apps', version: 'v1', resource: 'deployments', namespace: 'default' })
 *   await kubarium.control('setClock', { paused: true })
 *   await kubarium.control('runUntilIdle', { limitSeconds: 3600 })
 *   await kubarium.control('hash', {})
 */
import type { ClusterConnection } from './connection.ts';

/** What hangs on `window`. Calls reject with a `StatusError`, whose message is Kubernetes' own. */
export type ConsoleApi = Pick<ClusterConnection, 'request' | 'control'>;

declare global {
  interface Window {
    kubarium?: ConsoleApi;
  }
}

/** Puts it there. */
export function exposeToConsole(connection: ClusterConnection): void {
  window.kubarium = {
    request: (call, signal) => connection.request(call, signal),
    control: (name, params) => connection.control(name, params),
  };
}
