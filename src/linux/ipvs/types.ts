/** Virtual servers, the real servers behind them, and what a scheduler is (`include/net/ip_vs.h`). */
import type { Ipv4 } from '../net/ipv4.ts';

/** Protocols that IPVS balances. */
export type IpvsProtocol = 'tcp' | 'udp' | 'sctp';

/** How a packet gets to its real server: rewritten, sent on as it is, wrapped into another packet. */
export type ForwardingMethod = 'masq' | 'droute' | 'tunnel';

/** Packets and bytes, as `ipvsadm -Ln --stats` shows them. */
export interface IpvsStats {
  connections: number;
  inPackets: number;
  outPackets: number;
  inBytes: number;
  outBytes: number;
}

export const noStats = (): IpvsStats => ({ connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 });

/** A destination of a virtual server. */
export interface RealServer {
  readonly ip: Ipv4;
  readonly port: number;
  method: ForwardingMethod;
  /** 0: gets no new connections. */
  weight: number;
  /** Established connections. */
  active: number;
  /** Connections in any other state, and all of UDP. */
  inactive: number;
  /** False once deleted: connections may still point to it. */
  available: boolean;
  readonly stats: IpvsStats;
}

/** What identifies a virtual server. */
export interface VirtualAddress {
  readonly protocol: IpvsProtocol;
  readonly ip: Ipv4;
  readonly port: number;
}

/** An address that stands for many servers. */
export interface VirtualServer extends VirtualAddress {
  schedulerName: string;
  scheduler: Scheduler;
  /** Seconds that a client stays with its server; 0: every connection is scheduled anew. */
  persistentSeconds: number;
  /** Scheduler flags: flag-1 (sh-fallback, mh-fallback), flag-2 (sh-port, mh-port). */
  flags: readonly SchedulerFlag[];
  /** In the kernel's order: the newest first. */
  readonly servers: RealServer[];
  readonly stats: IpvsStats;
}

export type SchedulerFlag = 'flag-1' | 'flag-2' | 'flag-3';

/** What a scheduler may look at. */
export interface ScheduledPacket {
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  /** Virtual time, ms. */
  readonly now: number;
}

/** Chooses a real server for a new connection. Keeps its own memory for one virtual server. */
export interface Scheduler {
  /** Undefined: nobody can take it. Adds the servers it compared to `cost.servers`. */
  choose(service: VirtualServer, packet: ScheduledPacket, cost: SchedulingCost): RealServer | undefined;
  /** Servers were added, changed, or `removed`; `index` is where the removed one was. */
  changed?(service: VirtualServer, removed?: { readonly server: RealServer; readonly index: number }): void;
}

/** Work done, for those who compare IPVS with lists of rules. */
export interface SchedulingCost {
  /** Real servers looked at. */
  servers: number;
}

/** 256 × active + inactive (`ip_vs_dest_conn_overhead`). */
export const overhead = ({ active, inactive }: RealServer): number => active * 256 + inactive;
