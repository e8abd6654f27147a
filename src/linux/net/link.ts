/**
 * Network devices as `ip link` lists them. A veth is one end of a pair; a bridge is an Ethernet switch inside a
 * machine, whose ports are links with the bridge as their master; an eth is a card plugged into a fabric; vxlan, ipip
 * and tun devices wrap what is sent through them. What few links have lies in a side object, because there are two
 * links for every pod.
 */
import { assert } from '../../apimachinery/assert.ts';
import type { Fabric } from './fabric.ts';
import { networkChanged } from './generation.ts';
import type { Ipv4 } from './ipv4.ts';
import { formatMac, macFor, type Mac } from './mac.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { TunReader } from './tun.ts';

/** What a device is. */
export type LinkKind = 'loopback' | 'eth' | 'veth' | 'bridge' | 'dummy' | 'vxlan' | 'ipip' | 'tun';

/** An address on a link: "10.244.1.5/24". */
export interface Address {
  readonly ip: Ipv4;
  readonly prefixLength: number;
}

/** A line of `ip neigh`. A permanent one was set by hand. */
export interface Neighbour {
  readonly mac: Mac;
  /** Virtual ms when it last answered. */
  readonly confirmedAt: number;
  readonly permanent: boolean;
}

/** Behind which port of a bridge a hardware address was last seen. */
export interface BridgeFdbEntry {
  readonly port: Link;
  seenAt: number;
}

/** A vxlan device (`ip link add … type vxlan`). */
export interface VxlanSettings {
  readonly vni: number;
  readonly local: Ipv4;
  readonly port: number;
  /** The device that outer packets leave by; sets the MTU. */
  readonly underlay: Link;
  /** `bridge fdb`: which machine a hardware address is on. */
  readonly fdb: Map<Mac, Ipv4>;
}

/** What few links have. */
export interface LinkDetails {
  /** A hardware address that was given, not derived. */
  mac?: Mac;
  /** A bridge's ports. */
  ports?: Set<Link>;
  /** A bridge's forwarding database. */
  fdb?: Map<Mac, BridgeFdbEntry>;
  /** The LAN that an eth is plugged into. */
  fabric?: Fabric;
  vxlan?: VxlanSettings;
  /** An ipip tunnel's own address; the remote one is the route's gateway. */
  ipip?: { readonly local: Ipv4 };
  /** Who reads what the kernel sends into a tun device. */
  tun?: TunReader;
  /** 0 to 1: the part of the frames sent that is lost. */
  loss?: number;
}

const NO_ADDRESSES: readonly Address[] = [];
const NO_DETAILS: LinkDetails = Object.freeze({});
const ETHERNET_MTU = 1500;
/** From here on a list of addresses grows in place: kube-ipvs0 can hold tens of thousands. */
const GROWS_IN_PLACE_FROM = 64;

/** A network device. Made by `addLink` and `addVethPair`. */
export class Link {
  readonly name: string;
  /** "2" in `ip link`: unique within the machine. */
  readonly index: number;
  readonly kind: LinkKind;
  netns: NetworkNamespace;
  #mtu: number;
  /** The other end of a veth. */
  peer: Link | undefined = undefined;
  /** The bridge that this link is a port of. */
  master: Link | undefined = undefined;
  addresses: readonly Address[] = NO_ADDRESSES;
  /** ARP's memory. */
  neighbours: Map<Ipv4, Neighbour> | undefined = undefined;
  #hairpin = false;
  #up = true;
  #details = NO_DETAILS;

  constructor(netns: NetworkNamespace, name: string, index: number, kind: LinkKind) {
    this.netns = netns;
    this.name = name;
    this.index = index;
    this.kind = kind;
    this.#mtu = kind === 'loopback' ? 65536 : ETHERNET_MTU;
  }

  /** The longest IP packet that it sends. */
  get mtu(): number {
    return this.#mtu;
  }

  set mtu(mtu: number) {
    if (mtu !== this.#mtu) networkChanged();
    this.#mtu = mtu;
  }

  /** As a port of a bridge: whether frames may leave by the port that they came in by. */
  get hairpin(): boolean {
    return this.#hairpin;
  }

  set hairpin(hairpin: boolean) {
    if (hairpin !== this.#hairpin) networkChanged();
    this.#hairpin = hairpin;
  }

  /** Administratively up. */
  get up(): boolean {
    return this.#up;
  }

  set up(up: boolean) {
    this.#up = up;
    networkChanged();
  }

  /** Up, with a live other end: frames pass. */
  get carrier(): boolean {
    if (!this.#up) return false;
    if (this.kind === 'veth') return this.peer !== undefined && this.peer.up;
    return true;
  }

  /** What few links have, to read. */
  get details(): Readonly<LinkDetails> {
    return this.#details;
  }

  /** Changes what few links have. */
  configure(details: LinkDetails): void {
    this.#details = { ...this.#details, ...details };
    networkChanged();
  }

  get ports(): ReadonlySet<Link> | undefined {
    return this.#details.ports;
  }

  get fabric(): Fabric | undefined {
    return this.#details.fabric;
  }

  /** The hardware address. */
  get mac(): Mac {
    if (this.kind === 'loopback') return 0;
    return this.#details.mac ?? macFor(this.addresses[0]?.ip, this.index);
  }
}

/** The address that a link sends from, when its route names none. */
export const primaryAddress = (link: Link): Ipv4 | undefined => link.addresses[0]?.ip;

/** A device's hardware address as text. */
export const macOf = (link: Link): string => formatMac(link.mac);

/** Adds a device that stands alone. */
export function addLink(netns: NetworkNamespace, name: string, kind: Exclude<LinkKind, 'veth'>): Link {
  assert(netns.link(name) === undefined, `link ${name} exists in ${netns.name}`);
  const link = new Link(netns, name, netns.machine.nextLinkIndex(), kind);
  if (kind === 'bridge') link.configure({ ports: new Set(), fdb: new Map() });
  netns.links = netns.links.concat(link);
  networkChanged();
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
  networkChanged();
  return [linkA, linkB];
}

/** Makes `port` a port of `bridge`. */
export function setMaster(port: Link, bridge: Link): void {
  const { ports } = bridge.details;
  assert(ports !== undefined, `${bridge.name} is not a bridge`);
  port.master = bridge;
  ports.add(port);
  networkChanged();
}

/** Deletes a device, and with a veth its other end; routes through it go too. */
export function deleteLink(link: Link): void {
  const { peer, master } = link;
  link.peer = undefined;
  link.netns.forget(link);
  if (master !== undefined) {
    master.details.ports?.delete(link);
    if (peer !== undefined) master.details.fdb?.delete(peer.mac);
    for (const { ip } of peer?.addresses ?? []) master.neighbours?.delete(ip);
  }
  link.master = undefined;
  networkChanged();
  if (peer !== undefined) deleteLink(peer);
}

/** Gives a link one more address, with the route to its network that the kernel adds. */
export function addAddress(link: Link, ip: Ipv4, prefixLength: number): void {
  const address = { ip, prefixLength };
  if (link.addresses.length > GROWS_IN_PLACE_FROM) (link.addresses as Address[]).push(address);
  // concat makes a list as long as it is, where spread and push hold seventeen places.
  else link.addresses = link.addresses.concat(address);
  link.netns.addressAdded(link, address);
  networkChanged();
}

/** Makes the addresses of a link these, all at once, without routes to their networks (a dummy's /32s). */
export function setHostAddresses(link: Link, ips: readonly Ipv4[]): void {
  link.addresses = ips.map((ip) => ({ ip, prefixLength: 32 }));
  link.netns.addressesReplaced(link);
  networkChanged();
}
