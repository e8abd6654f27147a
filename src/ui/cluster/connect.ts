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

/** Connects; the first notice is `ready`. The engine is fetched once `begin` resolves. */
export function connectCluster(begin: Promise<void>): Cluster {
  const connection = new ClusterConnection();
  const ownership = new Ownership(
    {
      spawn: () => spawnWorker(begin),
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
function spawnWorker(begin: Promise<void>): FramePort {
  const waiting: ClientFrame[] = [];
  let worker: Worker | undefined;
  let closed = false;
  const port: FramePort = {
    send: (frame: ClientFrame) => {
      if (worker) worker.postMessage(frame);
      else waiting.push(frame);
    },
    receive: undefined,
    close: () => {
      closed = true;
      worker?.terminate();
    },
  };
  void begin.then(() => {
    if (closed) return;
    worker = startWorker(port);
    for (const frame of waiting.splice(0)) worker.postMessage(frame);
  });
  return port;
}

function startWorker(port: FramePort): Worker {
  const worker = new Worker(new URL('../../worker/cluster-worker.ts', import.meta.url), { type: 'module', name: 'kubarium-cluster' });
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
  return worker;
}
