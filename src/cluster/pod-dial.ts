/** Talking to a port of a pod from its node, as the kubelet does for port-forward. */
import { connect } from '../linux/net/connect.ts';
import { parseIpv4 } from '../linux/net/ipv4.ts';
import type { Message, Reply } from '../linux/net/socket.ts';
import type { ClusterNode } from './node.ts';

/** A pod. */
export interface PodTarget {
  namespace: string;
  pod: string;
}

/** What came of it: a reply, nothing because the server closed, silence, or an error text. */
export type DialOutcome = { reply: Reply | undefined | 'silent' } | { error: string };

/** Sends one message to `ip`:`port` from the node's own network namespace. */
export function dial(node: ClusterNode | undefined, ip: string, port: number, message: Message): DialOutcome {
  const address = parseIpv4(ip);
  const refused = {
    error: `failed to connect to localhost:${port} inside namespace, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused`,
  };
  if (node === undefined || address === undefined) return refused;
  const outcome = connect(node.machine.netns, address, port, 'TCP');
  if (outcome.state !== 'connected') return refused;
  const { socket, peer } = outcome;
  return { reply: socket.service.serve(socket.process, message, peer) };
}
