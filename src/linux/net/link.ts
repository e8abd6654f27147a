/**
 * Network devices as `ip link` lists them. A veth is one end of a pair; a bridge is an Ethernet switch inside a
 * machine, whose ports are links with the bridge as their master; an eth is a card plugged into a fabric.
 */
import { assert } from '../../apimachinery/assert.ts';
import type { Fabric } from './fabric.ts';
import { formatIpv4, type Ipv4 } from './ipv4.ts';
import type { NetworkNamespace } from './namespace.ts';

/** What a device is. */
export type LinkKind = 'loopback' | 'eth' | 'veth' | 'bridge' | 'dummy';

/** An address on a link: "10.244.1.5/24". */
export interface Address {
  readonly ip: Ipv4;
  readonly prefixLength: number;
}

const NO_ADDRESSES: readonly Address[] = [];

/** A network device. Made by `addLink` and `addVethPair`. */
export class Link {
  readonly name: string;
  /** "2" in `ip link`: unique within the machine. */
  readonly index: number;
  readonly kind: LinkKind;
  netns: NetworkNamespace;
  /** Administratively up. */
  up = true;
  addresses: readonly Address[] = NO_ADDRESSES;
  /** The other end of a veth. */
  peer: Link | undefined = undefined;
  /** The bridge that this link is a port of. */
  master: Link | undefined = undefined;
  /** A bridge's ports. */
  ports: Set<Link> | undefined = undefined;
  /** Which of a bridge's neighbours answered for an address; checked before use. */
  neighbours: Map<Ipv4, Link> | undefined = undefined;
  /** The LAN that an eth is plugged into. */
  fabric: Fabric | undefined = undefined;

  constructor(netns: NetworkNamespace, name: string, index: number, kind: LinkKind) {
    this.netns = netns;
    this.name = name;
    this.index = index;
    this.kind = kind;
  }

  /** Up, with a live other end: frames pass. */
  get carrier(): boolean {
    if (!this.up) return false;
    if (this.kind === 'veth') return this.peer !== undefined && this.peer.up;
    return true;
  }

  get mtu(): number {
    return this.kind === 'loopback' ? 65536 : 1500;
  }
}

/** The address that a link sends from, when its route names none. */
export const primaryAddress = (link: Link): Ipv4 | undefined => link.addresses[0]?.ip;

/** A device's hardware address, derived from its address as the bridge plugin does ("0a:58:" and the four bytes), or from its index. */
export function macOf(link: Link): string {
  const seed = primaryAddress(link) ?? link.index;
  if (link.kind === 'loopback') return '00:00:00:00:00:00';
  const bytes = formatIpv4(seed)
    .split('.')
    .map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return `${link.addresses.length > 0 ? '0a:58' : '2e:58'}:${bytes.join(':')}`;
}

/** Adds a device that stands alone. */
export function addLink(netns: NetworkNamespace, name: string, kind: Exclude<LinkKind, 'veth'>): Link {
  assert(netns.link(name) === undefined, `link ${name} exists in ${netns.name}`);
  const link = new Link(netns, name, netns.machine.nextLinkIndex(), kind);
  if (kind === 'bridge') link.ports = new Set();
  netns.links = netns.links.concat(link);
  return link;
}

/** Adds a virtual cable: one end in each namespace. Returns both ends. */
export function addVethPair(a: NetworkNamespace, nameA: string, b: NetworkNamespace, nameB: string): [Link, Link] {
  const linkA = new Link(a, nameA, a.machine.nextLinkIndex(), 'veth');
  const linkB = new Link(b, nameB, b.machine.nextLinkIndex(), 'veth');
  linkA.peer = linkB;
  linkB.peer = linkA;
  a.links = a.links.concat(linkA);
  b.links = b.links.concat(linkB);
  return [linkA, linkB];
}

/** Makes `port` a port of `bridge`. */
export function setMaster(port: Link, bridge: Link): void {
  assert(bridge.ports !== undefined, `${bridge.name} is not a bridge`);
  port.master = bridge;
  bridge.ports.add(port);
}

/** Deletes a device, and with a veth its other end; routes through it go too. */
export function deleteLink(link: Link): void {
  const { peer } = link;
  link.peer = undefined;
  link.netns.forget(link);
  link.master?.ports?.delete(link);
  for (const { ip } of peer?.addresses ?? []) link.master?.neighbours?.delete(ip);
  link.master = undefined;
  if (peer !== undefined) deleteLink(peer);
}

/** Gives a link one more address, with the route to its network that the kernel adds. */
export function addAddress(link: Link, ip: Ipv4, prefixLength: number): void {
  // concat makes a list as long as it is, where spread and push hold seventeen places.
  link.addresses = link.addresses.concat({ ip, prefixLength });
  link.netns.addressAdded(link);
}
