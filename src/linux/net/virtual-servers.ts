/** Where IPVS sits in the walk: it sees what is local once the netfilter hook has let it pass. */
import type { Link } from './link.ts';
import type { Packet } from './packet.ts';

/** "pass": none of its business. "output": rewritten; it goes out by LOCAL_OUT again. "drop": no server for it. */
export type VirtualServerVerdict = 'pass' | 'output' | 'drop' | 'unreachable';

/** IPVS of one namespace. */
export interface VirtualServers {
  /** Called after INPUT, FORWARD and OUTPUT; may rewrite the packet. */
  hook(hook: 'INPUT' | 'FORWARD' | 'OUTPUT', packet: Packet, input: Link | undefined): VirtualServerVerdict;
}
