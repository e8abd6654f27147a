/**
 * host-local address management (`plugins/ipam/host-local/backend/allocator`): one range per node, handed out in
 * turn, starting after the address that was reserved last, so that an address just given back is not reused at once.
 */
import { broadcastOf, formatIpv4, type Ipv4, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import { CniError } from '../contract.ts';

/** An address with what a pod needs to know to use it. */
export interface Allocation {
  readonly ip: Ipv4;
  readonly prefixLength: number;
  readonly gateway: Ipv4;
}

/** The addresses of one subnet on one machine: the content of /var/lib/cni/networks/<name>. */
export class HostLocal {
  readonly #prefixLength: number;
  readonly #start: Ipv4;
  readonly #end: Ipv4;
  readonly #owners = new Map<Ipv4, string>();
  #lastReserved: Ipv4;

  /** Throws CniError for what is not a subnet. */
  constructor(subnet: string) {
    const cidr = parseCidr(subnet);
    if (cidr === undefined) throw new CniError(`invalid CIDR address: ${subnet}`);
    this.#prefixLength = cidr.prefixLength;
    this.#start = cidr.network + 1;
    this.#end = broadcastOf(cidr) - 1;
    this.#lastReserved = this.#end;
  }

  /** The first address, which the bridge has. */
  get gateway(): Ipv4 {
    return this.#start;
  }

  /** Number of addresses in use. */
  get size(): number {
    return this.#owners.size;
  }

  /** Reserves an address: `requested`, or the next free one. Throws CniError with upstream's text. */
  allocate(containerId: string, requested?: string): Allocation {
    const ip = requested === undefined ? this.#next() : this.#exact(requested);
    this.#owners.set(ip, containerId);
    this.#lastReserved = ip;
    return { ip, prefixLength: this.#prefixLength, gateway: this.gateway };
  }

  /** Gives an address back, if `containerId` has it. */
  release(ip: Ipv4, containerId: string): void {
    if (this.#owners.get(ip) === containerId) this.#owners.delete(ip);
  }

  #exact(requested: string): Ipv4 {
    const ip = parseIpv4(requested);
    const free = ip !== undefined && ip > this.#start && ip <= this.#end && !this.#owners.has(ip);
    if (!free)
      throw new CniError(`failed to allocate for range 0: requested IP address ${requested} is not available in range set ${this.#range}`);
    return ip;
  }

  #next(): Ipv4 {
    const size = this.#end - this.#start + 1;
    let ip = this.#lastReserved;
    for (let tried = 0; tried < size; tried++) {
      ip = ip >= this.#end ? this.#start : ip + 1;
      if (ip !== this.gateway && !this.#owners.has(ip)) return ip;
    }
    throw new CniError(`failed to allocate for range 0: no IP addresses available in range set: ${this.#range}`);
  }

  get #range(): string {
    return `${formatIpv4(this.#start)}-${formatIpv4(this.#end)}`;
  }
}
