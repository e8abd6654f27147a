/**
 * calico-ipam (`libcalico-go/lib/ipam`): the pool is cut into blocks of 64 addresses; a node takes a block when its
 * first pod comes, and another one when all are full. Blocks are what nodes tell each other routes of.
 */
import { type Cidr, formatIpv4, type Ipv4, networkOf, parseIpv4 } from '../../linux/net/ipv4.ts';
import { CniError } from '../contract.ts';

/** Addresses of a block: a /26. */
export const BLOCK_PREFIX = 26;
const BLOCK_SIZE = 64;

/** A block that a node has. */
export interface Block {
  readonly network: Ipv4;
  readonly nodeName: string;
}

/** All blocks of a cluster. `claimed` is told of each that a node takes. */
export class BlockIpam {
  readonly #pool: Cidr;
  readonly #claimed: (block: Block) => void;
  /** network → node and free addresses, in the order in which they are given out. */
  readonly #blocks = new Map<Ipv4, Block & { readonly free: Ipv4[] }>();
  readonly #owners = new Map<Ipv4, string>();

  constructor(pool: Cidr, claimed: (block: Block) => void) {
    this.#pool = pool;
    this.#claimed = claimed;
  }

  /** Blocks of a node, or of all. */
  blocks(nodeName?: string): Block[] {
    return [...this.#blocks.values()].filter((block) => nodeName === undefined || block.nodeName === nodeName);
  }

  /** The part of it that one node's plugin sees. */
  of(nodeName: string) {
    return {
      allocate: (containerId: string, requested?: string) => ({ ip: this.#allocate(nodeName, containerId, requested) }),
      release: (ip: Ipv4, containerId: string) => this.#release(ip, containerId),
    };
  }

  #allocate(nodeName: string, containerId: string, requested: string | undefined): Ipv4 {
    const ip = requested === undefined ? this.#next(nodeName) : this.#exact(nodeName, requested);
    this.#owners.set(ip, containerId);
    return ip;
  }

  #next(nodeName: string): Ipv4 {
    for (const block of this.#blocks.values()) {
      const ip = block.nodeName === nodeName ? block.free.shift() : undefined;
      if (ip !== undefined) return ip;
    }
    const count = 2 ** (BLOCK_PREFIX - this.#pool.prefixLength);
    let at = startOf(nodeName) % count;
    for (let tried = 0; tried < count; tried++, at = (at + 1) % count) {
      const network = this.#pool.network + at * BLOCK_SIZE;
      if (!this.#blocks.has(network)) return this.#claim(nodeName, network).shift() ?? 0;
    }
    throw new CniError(
      'failed to request IPv4 addresses: Assigned 0 out of 1 requested IPv4 addresses; No more free affine blocks and strict affinity enabled',
    );
  }

  #exact(nodeName: string, requested: string): Ipv4 {
    const ip = parseIpv4(requested) ?? 0;
    const network = networkOf(ip, BLOCK_PREFIX);
    const free = this.#blocks.get(network)?.free ?? this.#claim(nodeName, network);
    const index = free.indexOf(ip);
    if (index < 0) throw new CniError(`address already assigned in block: ${formatIpv4(ip)}`);
    free.splice(index, 1);
    return ip;
  }

  #claim(nodeName: string, network: Ipv4): Ipv4[] {
    const free = Array.from({ length: BLOCK_SIZE }, (_, index) => network + index);
    this.#blocks.set(network, { network, nodeName, free });
    this.#claimed({ network, nodeName });
    return free;
  }

  #release(ip: Ipv4, containerId: string): void {
    if (this.#owners.get(ip) !== containerId) return;
    this.#owners.delete(ip);
    this.#blocks.get(networkOf(ip, BLOCK_PREFIX))?.free.push(ip);
  }
}

/** Where a node looks for its first block: nodes begin at different places, so that they seldom want the same one. */
function startOf(nodeName: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < nodeName.length; i++) hash = Math.imul(hash ^ nodeName.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
