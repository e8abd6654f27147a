/**
 * Port-forward: pairs of streams, one for data and one for an error text (`k8s.io/kubelet/pkg/cri/streaming/portforward`).
 * Differs: the simulated network knows whole messages, not bytes, so what passes is HTTP/1.1, one request after another, or single texts.
 */
import type { PodTarget } from '../../cluster/pod-dial.ts';
import type { Reply } from '../../linux/net/socket.ts';
import { formatReply, takeMessage } from './http-message.ts';
import type { SpdyConnection, SpdyStream } from './spdy.ts';
import type { UpgradeParts } from './upgrade.ts';

interface Pair {
  error?: SpdyStream;
  data?: SpdyStream;
}

/** Serves the streams that the client opens. */
export function forwardPorts({ cluster, wake }: UpgradeParts, connection: SpdyConnection, pod: PodTarget): void {
  const pairs = new Map<string, Pair>();
  connection.onStream = (stream) => {
    const id = stream.headers.get('requestid') ?? String(stream.id);
    const pair = { ...pairs.get(id), [stream.headers.get('streamtype') === 'error' ? 'error' : 'data']: stream };
    pairs.set(id, pair);
    if (pair.error === undefined || pair.data === undefined) return;
    pairs.delete(id);
    forward(pair.data, pair.error, Number(stream.headers.get('port')));
  };

  function forward(data: SpdyStream, error: SpdyStream, port: number): void {
    let pending: Buffer = Buffer.alloc(0);
    const finish = (problem?: string) => {
      if (problem !== undefined) error.write(Buffer.from(problem, 'utf8'));
      data.end();
      error.end();
    };
    const answered = (reply: Reply | undefined | 'silent') => {
      if (reply === undefined) finish();
      else if (reply !== 'silent') {
        data.write(formatReply(reply));
        wake();
      }
    };
    data.onData = (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let taken = takeMessage(pending); taken !== undefined; taken = takeMessage(pending)) {
        pending = taken.rest;
        const { message } = taken;
        const outcome = cluster.sim.perform('kubectl', 'port-forward', `pods/${pod.pod}`, () => cluster.dialPod(pod, port, message));
        wake();
        if ('error' in outcome)
          return finish(
            `an error occurred forwarding ${port} -> ${port}: error forwarding port ${port} to pod ${pod.pod}, uid : ${outcome.error}`,
          );
        answered(outcome.reply);
      }
    };
    data.onEnd = () => finish();
  }
}
