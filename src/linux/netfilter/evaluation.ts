/** What rules may look at besides the packet, while a packet is at a hook. */
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { IpSets } from '../ipset/ip-sets.ts';
import type { Ipv4 } from '../net/ipv4.ts';
import type { Link } from '../net/link.ts';
import type { Random } from '../../sim/random.ts';
import type { RecentLists } from './recent.ts';
import type { Hook, NetfilterCost, NetfilterRecorder } from './recorder.ts';

/** What an address is to a namespace, as routing says (`-m addrtype`). */
export type AddrType =
  | 'UNSPEC'
  | 'UNICAST'
  | 'LOCAL'
  | 'BROADCAST'
  | 'ANYCAST'
  | 'MULTICAST'
  | 'BLACKHOLE'
  | 'UNREACHABLE'
  | 'PROHIBIT'
  | 'THROW'
  | 'NAT'
  | 'XRESOLVE';

/** What the namespace knows that netfilter asks for. */
export interface HookContext {
  /** Virtual ms. */
  readonly now: number;
  readonly random: Random;
  /** What `ip` is here; with `link`, only that link's addresses are local. */
  addressType(ip: Ipv4, link?: Link): AddrType;
  /** The address that MASQUERADE takes for packets that leave by `link` to `destination`; undefined: none. */
  primaryAddress(link: Link, destination: Ipv4): Ipv4 | undefined;
}

/** All of it; one object per namespace, used again for each packet. */
export interface Evaluation {
  hook: Hook;
  input: Link | undefined;
  output: Link | undefined;
  context: HookContext;
  recorder: NetfilterRecorder | undefined;
  /** The packet's IP protocol number. */
  protocol: number;
  /** State of the match that is asked, if it has any. */
  state: object | undefined;
  readonly cost: NetfilterCost;
  readonly conntrack: Conntrack;
  readonly sets: IpSets;
  readonly recent: RecentLists;
  /** Lines that LOG has written, for `dmesg`. */
  log(line: string): void;
}
