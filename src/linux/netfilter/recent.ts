/** Lists of addresses seen lately, by name: what the `recent` match keeps (`net/netfilter/xt_recent.c`, /proc/net/xt_recent). */
import type { Ipv4 } from '../net/ipv4.ts';

/** Timestamps that are kept for each address (ip_pkt_list_tot). */
const STAMPS_KEPT = 20;
/** Addresses that a list keeps (ip_list_tot); the one seen longest ago goes first. */
const ADDRESSES_KEPT = 100;

/** When packets of one address came, newest last. */
export interface RecentAddress {
  ttl: number;
  readonly stamps: number[];
}

/** One list: address → when it was seen. The map's order is the order in which the addresses were last seen. */
export type RecentList = Map<Ipv4, RecentAddress>;

/** The lists of one namespace. */
export class RecentLists {
  readonly #lists = new Map<string, RecentList>();

  /** The list of this name, made when it is not there. */
  list(name: string): RecentList {
    let list = this.#lists.get(name);
    if (list === undefined) this.#lists.set(name, (list = new Map()));
    return list;
  }

  names(): IterableIterator<string> {
    return this.#lists.keys();
  }

  /** Remembers that `ip` was seen. */
  touch(list: RecentList, ip: Ipv4, ttl: number, now: number): void {
    const known = list.get(ip) ?? { ttl, stamps: [] };
    if (!list.delete(ip) && list.size >= ADDRESSES_KEPT) {
      const oldest = list.keys().next();
      if (!oldest.done) list.delete(oldest.value);
    }
    known.ttl = ttl;
    known.stamps.push(now);
    if (known.stamps.length > STAMPS_KEPT) known.stamps.shift();
    list.set(ip, known);
  }
}
