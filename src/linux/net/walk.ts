/**
 * Whether and how packets get from a namespace to an address: an ICMP packet is sent there, and what happens to it is
 * summed up. For tools that ask about the way, not about a connection.
 */
import type { Ipv4 } from './ipv4.ts';
import type { Journey } from './journey.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { ICMP_ECHO_REQUEST, Packet } from './packet.ts';
import { sourceAddress } from './routing.ts';
import { send } from './send.ts';
import type { WalkEvent } from './walk-recorder.ts';

/**
 * How a walk ended: delivered to a namespace; no route there (`ENETUNREACH`); nobody answered for the next hop
 * (`EHOSTUNREACH`); dropped without a word.
 */
export type Verdict = 'delivered' | 'no route' | 'host unreachable' | 'dropped';

/** Where the packet was last, and why it ended there. */
export interface WalkResult {
  readonly verdict: Verdict;
  readonly netns: NetworkNamespace;
}

/** Told about every namespace that the packet enters: through which link it came, and by which it leaves. */
export type HopVisitor = (netns: NetworkNamespace, input: Link | undefined, output: Link | undefined) => void;

/** Sends a packet from `start` to `destination`. */
export function walk(start: NetworkNamespace, destination: Ipv4, visit?: HopVisitor): WalkResult {
  const source = sourceAddress(start, destination);
  if (source === undefined) {
    visit?.(start, undefined, undefined);
    return { verdict: 'no route', netns: start };
  }
  const packet = new Packet({ protocol: 'ICMP', source, destination, icmp: { type: ICMP_ECHO_REQUEST, code: 0 } });
  const journey = send(start, packet, visit && { event: visitor(visit) });
  return { verdict: verdictOf(journey), netns: journey.netns };
}

function visitor(visit: HopVisitor): (event: WalkEvent) => void {
  let input: Link | undefined;
  return (event) => {
    if (event.kind === 'enter') input = event.input;
    else if (event.kind === 'leave') visit(event.netns, input, event.output);
  };
}

function verdictOf({ verdict, reason, error }: Journey): Verdict {
  if (verdict === 'delivered') return 'delivered';
  if (reason === 'no route') return 'no route';
  return error === 'host-unreachable' ? 'host unreachable' : 'dropped';
}
