/** The table of tracked connections of one namespace (`net/netfilter/nf_conntrack_core.c`). */
import type { Packet } from '../net/packet.ts';
import type { NetfilterRecorder } from '../netfilter/recorder.ts';
import type { ConntrackEntry } from './entry.ts';

/** The connections of one namespace. */
export declare class Conntrack {
  /** net.netfilter.nf_conntrack_max */
  max: number;
  /** net.netfilter.nf_conntrack_tcp_be_liberal */
  tcpBeLiberal: boolean;
  /** Whether packets are tracked: since the first rule that needs it. */
  enabled: boolean;
  /** Entries that have not ended. */
  count(now: number): number;
  entries(now: number): ConntrackEntry[];
  /** Finds or begins the packet's connection. 'drop' when the table is full. */
  track(packet: Packet, now: number, recorder?: NetfilterRecorder): 'accept' | 'drop';
  /** Puts a new connection into the table once its first packet got through. */
  confirm(packet: Packet, now: number, recorder?: NetfilterRecorder): 'accept' | 'drop';
  /** `conntrack -D`: deletes those for which `matches` holds; how many. */
  delete(now: number, matches: (entry: ConntrackEntry) => boolean): number;
  /** `conntrack -F` */
  flush(): void;
}
