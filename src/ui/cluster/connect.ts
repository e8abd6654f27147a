/** Connects this tab to the cluster of this browser: starts the worker, or attaches to the tab that runs it. */
import { ClusterConnection } from './connection.ts';
import type { FramePort } from './connection.ts';
import { Ownership } from './ownership.ts';
import type { ClientFrame, ServerFrame } from '../../worker/protocol.ts';

/** A tab's cluster. */
export interface Cluster {
  connection: ClusterConnection;
  ownership: Pick<Ownership, 'place' | 'subscribe' | 'takeOver' | 'restart'>;
}

const CHANNEL = 'kubarium';

/** Connects; the first notice is `ready`. */
export function connectCluster(): Cluster {
  const connection = new ClusterConnection();
  const ownership = new Ownership(
    {
      spawn: spawnWorker,
      locks: typeof navigator.locks === 'object' ? navigator.locks : undefined,
      channel: () => (typeof BroadcastChannel === 'function' ? new BroadcastChannel(CHANNEL) : undefined),
      onClose: (listener) => window.addEventListener('pagehide', listener),
      tabId: `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`,
    },
    connection,
  );
  return { connection, ownership };
}

/** The worker that runs the cluster, as a port. An error that it does not catch itself is told as a crash. */
function spawnWorker(): FramePort {
  const worker = new Worker(new URL('../../worker/cluster-worker.ts', import.meta.url), { type: 'module', name: 'kubarium-cluster' });
  const port: FramePort = {
    send: (frame: ClientFrame) => worker.postMessage(frame),
    receive: undefined,
    close: () => worker.terminate(),
  };
  let revision = 0;
  worker.onmessage = ({ data }: MessageEvent<ServerFrame>) => {
    if (data.type === 'notice' && (data.notice.kind === 'clock' || data.notice.kind === 'ready')) revision = data.notice.clock.revision;
    port.receive?.(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    port.receive?.({
      type: 'notice',
      notice: { kind: 'crashed', message: event.message || 'the worker could not be started', revision, seed: '' },
    });
  };
  return port;
}
