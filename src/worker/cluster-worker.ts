/** The Web Worker's entry: the browser's clock, timers, storage and ports around one `ClusterHost`. */
import type { SavedState } from '../cluster/restore.ts';
import { ClusterHost } from './host.ts';
import type { ClientFrame, ServerFrame } from './protocol.ts';
import { JournalStore } from './storage/journal-store.ts';

declare const self: DedicatedWorkerGlobalScope;

/** A further tab: its frames come through `port`. */
interface PortMessage {
  type: 'port';
  port: MessagePort;
}

const ticker = new MessageChannel();
const ticks: (() => void)[] = [];
ticker.port1.onmessage = () => ticks.shift()?.();

const host = new ClusterHost({
  now: () => performance.now(),
  soon: (run) => {
    ticks.push(run);
    ticker.port2.postMessage(0);
  },
  later: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  openStore: (name) => JournalStore.open(name),
  loadFirstCluster: async () => (await import('../../generated/first-cluster.json')).default as unknown as SavedState,
  loadExtras: async () => (await import('../cluster/extras.ts')).installExtras(),
  loadInterpreter: async () => (await import('./interpreter.ts')).loadInterpreter(),
  estimate: async () => (await navigator.storage?.estimate?.()) ?? {},
});

const main = host.connect((frame: ServerFrame) => self.postMessage(frame));

self.onmessage = ({ data }: MessageEvent<ClientFrame | PortMessage>) => {
  if (data.type !== 'port') return main.receive(data);
  const { port } = data;
  const connection = host.connect((frame) => port.postMessage(frame));
  port.onmessage = (event: MessageEvent<ClientFrame | { type: 'bye' }>) => {
    if (event.data.type === 'bye') connection.close();
    else connection.receive(event.data);
  };
};

host.start().catch((error: unknown) => {
  const message = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error);
  self.postMessage({ type: 'notice', notice: { kind: 'crashed', message, revision: 0, seed: '' } } satisfies ServerFrame);
});
