/**
 * A network namespace: devices, routes and listening sockets of a machine itself or of a pod. Kept lean, because
 * there is one for every pod.
 */
import type { Machine } from '../machine.ts';
import type { HookContext } from '../netfilter/evaluation.ts';
import type { Netfilter } from '../netfilter/netfilter.ts';
import { networkChanged } from './generation.ts';
import { broadcastOf, LOCALHOST, networkOf, type Ipv4 } from './ipv4.ts';
import { type Address, deleteLink, Link, type LinkKind } from './link.ts';
import { RouteTable, type Route } from './routes.ts';
import type { RoutingRules } from './routing-rules.ts';
import type { ListeningSocket, Protocol } from './socket.ts';
import { Sysctls } from './sysctl.ts';
import type { TunnelReceiver } from './tunnel.ts';

const LOOPBACK_PREFIX = 0x7f;
const LOOPBACK_ADDRESSES: readonly Address[] = [{ ip: LOCALHOST, prefixLength: 8 }];
/** ip_local_port_range starts here. */
const EPHEMERAL_FIRST = 32768;
const EPHEMERAL_LAST = 60999;
/** From how many addresses on they are looked up in a set. */
const SET_FROM = 16;
const MULTICAST_FIRST = 0xe0000000;
const MULTICAST_LAST = 0xefffffff;
const EVERYONE = 0xffffffff;

/** What an address is to a namespace (`ip route get`, the addrtype match). */
export type AddressType = 'UNICAST' | 'LOCAL' | 'BROADCAST' | 'MULTICAST' | 'BLACKHOLE' | 'UNREACHABLE' | 'PROHIBIT' | 'UNSPEC';

/** What a machine's own namespace has, and few others. */
export interface NamespaceDetails {
  netfilter?: Netfilter;
  /** What netfilter asks of the namespace. */
  hookContext?: HookContext;
  sysctls?: Sysctls;
  /** `ip rule`; without them: local, main. */
  rules?: RoutingRules;
  /** UDP ports whose datagrams the kernel unwraps, and 0 for IPIP. */
  tunnels?: Map<number, TunnelReceiver>;
}

const NO_DETAILS: NamespaceDetails = Object.freeze({});
/** Devices that somebody makes while the machine runs. */
const MADE_AT_WORK: readonly LinkKind[] = ['dummy', 'vxlan', 'ipip', 'tun'];

/** Devices, routes and sockets that see only each other. */
export class NetworkNamespace {
  readonly machine: Machine;
  /** "cni-…" as in `ip netns`; "host" for the machine's own. */
  readonly name: string;
  links: readonly Link[];
  readonly routes = new RouteTable();
  #forwards = false;
  /** Links that have addresses: few, also on a machine with many veths. */
  #addressed: readonly Link[] = [];
  /** All addresses, once they are many. */
  #addressSet: Map<Ipv4, number> | undefined = undefined;
  #listeners: readonly ListeningSocket[] | undefined = undefined;
  #nextPort = EPHEMERAL_FIRST;
  #details = NO_DETAILS;

  constructor(machine: Machine, name: string) {
    this.machine = machine;
    this.name = name;
    const loopback = new Link(this, 'lo', 1, 'loopback');
    loopback.up = false;
    this.links = [loopback];
  }

  /** net.ipv4.ip_forward */
  get forwards(): boolean {
    return this.#forwards;
  }

  set forwards(forwards: boolean) {
    this.#forwards = forwards;
    networkChanged();
  }

  /** What few namespaces have, to read. */
  get details(): Readonly<NamespaceDetails> {
    return this.#details;
  }

  /** Changes what few namespaces have. */
  configure(details: NamespaceDetails): void {
    this.#details = { ...this.#details, ...details };
    networkChanged();
  }

  /** The machine boots: packet filter, settings, routing rules and devices that were made while it ran are gone. */
  reboot(): void {
    for (const link of this.links) if (MADE_AT_WORK.includes(link.kind)) deleteLink(link);
    this.#details = NO_DETAILS;
    networkChanged();
  }

  get netfilter(): Netfilter | undefined {
    return this.#details.netfilter;
  }

  /** `sysctl -w`: "net/ipv4/ip_forward" and the like, with slashes. */
  setSysctl(path: string, value: number): void {
    if (path === 'net/ipv4/ip_forward') this.forwards = value !== 0;
    let { sysctls } = this.#details;
    if (sysctls === undefined) this.configure({ sysctls: (sysctls = new Sysctls()) });
    sysctls.set(path, value);
  }

  /** `ip link set lo up`: the kernel gives it 127.0.0.1/8. */
  bringLoopbackUp(): void {
    const loopback = this.links[0];
    if (loopback === undefined) return;
    loopback.up = true;
    loopback.addresses = loopback.addresses.length === 0 ? LOOPBACK_ADDRESSES : LOOPBACK_ADDRESSES.concat(loopback.addresses);
  }

  get loopback(): Link {
    return this.links[0] as Link;
  }

  link(name: string): Link | undefined {
    return this.links.find((link) => link.name === name);
  }

  /** Whether packets to `ip` end here. */
  isLocal(ip: Ipv4): boolean {
    if (ip >>> 24 === LOOPBACK_PREFIX) return this.links[0]?.up ?? false;
    if (this.#addressSet !== undefined) return this.#addressSet.has(ip);
    for (const link of this.#addressed) {
      for (const address of link.addresses) if (address.ip === ip) return true;
    }
    return false;
  }

  /** The link that has this address. */
  linkOf(ip: Ipv4): Link | undefined {
    if (!this.isLocal(ip)) return undefined;
    return this.#addressed.find((link) => link.addresses.some((address) => address.ip === ip)) ?? this.links[0];
  }

  /** What `ip` is here (`inet_addr_type`). */
  addressType(ip: Ipv4): AddressType {
    if (this.isLocal(ip)) return 'LOCAL';
    if (ip === EVERYONE || ip === 0 || this.#isBroadcast(ip)) return 'BROADCAST';
    if (ip >= MULTICAST_FIRST && ip <= MULTICAST_LAST) return 'MULTICAST';
    const type = this.routes.lookup(ip)?.type ?? 'unicast';
    if (type === 'blackhole') return 'BLACKHOLE';
    if (type === 'unreachable') return 'UNREACHABLE';
    return type === 'prohibit' ? 'PROHIBIT' : 'UNICAST';
  }

  #isBroadcast(ip: Ipv4): boolean {
    const ends = ({ ip: own, prefixLength }: Address) =>
      prefixLength < 31 && broadcastOf({ network: networkOf(own, prefixLength), prefixLength }) === ip;
    return this.#addressed.some(({ kind, addresses }) => kind !== 'dummy' && addresses.some(ends));
  }

  /** All addresses but the loopback's, in the order they were given. */
  get addresses(): readonly Ipv4[] {
    return this.#addressed.flatMap((link) => link.addresses.map((address) => address.ip));
  }

  /** `ip route replace`. */
  addRoute(route: { network: Ipv4; prefixLength: number; link: Link } & Partial<Route>): void {
    this.routes.replace({
      network: route.network,
      prefixLength: route.prefixLength,
      gateway: route.gateway,
      link: route.link,
      metric: route.metric ?? 0,
      source: route.source,
      ...(route.type !== undefined && { type: route.type }),
      ...(route.protocol !== undefined && { protocol: route.protocol }),
      ...(route.onlink !== undefined && { onlink: route.onlink }),
    });
  }

  /** Called by `addAddress`: the kernel's own route to the link's network. */
  addressAdded(link: Link, { ip, prefixLength }: Address): void {
    if (!this.#addressed.includes(link)) this.#addressed = this.#addressed.concat(link);
    if (this.#addressSet !== undefined) this.#addressSet.set(ip, (this.#addressSet.get(ip) ?? 0) + 1);
    else if (link.addresses.length >= SET_FROM) this.#countAddresses();
    if (prefixLength < 32) this.addRoute({ network: networkOf(ip, prefixLength), prefixLength, link, source: ip });
  }

  /** Called by `setHostAddresses`: all addresses of the link were replaced. */
  addressesReplaced(link: Link): void {
    if (!this.#addressed.includes(link)) this.#addressed = this.#addressed.concat(link);
    if (this.#addressSet !== undefined || link.addresses.length >= SET_FROM) this.#countAddresses();
  }

  #countAddresses(): void {
    const counts = new Map<Ipv4, number>();
    for (const link of this.#addressed) for (const { ip } of link.addresses) counts.set(ip, (counts.get(ip) ?? 0) + 1);
    this.#addressSet = counts;
  }

  /** Called by `deleteLink`. */
  forget(link: Link): void {
    this.links = this.links.filter((other) => other !== link);
    this.#addressed = this.#addressed.filter((other) => other !== link);
    if (this.#addressSet !== undefined) this.#countAddresses();
    this.routes.forget(link);
  }

  get listeners(): readonly ListeningSocket[] {
    return this.#listeners ?? [];
  }

  /** The socket that gets what is sent to `ip`:`port`; one bound to the address is preferred to one bound to any. */
  listener(ip: Ipv4, port: number, protocol: Protocol): ListeningSocket | undefined {
    let any: ListeningSocket | undefined;
    for (const socket of this.#listeners ?? []) {
      if (socket.port !== port || socket.protocol !== protocol) continue;
      if (socket.ip === ip) return socket;
      if (socket.ip === 0) any = socket;
    }
    return any;
  }

  /** Binds and listens. False when the address is in use (EADDRINUSE). */
  listen(socket: ListeningSocket): boolean {
    const clash = (other: ListeningSocket) =>
      other.port === socket.port && other.protocol === socket.protocol && (other.ip === socket.ip || other.ip === 0 || socket.ip === 0);
    if (this.#listeners?.some(clash)) return false;
    this.#listeners = this.#listeners === undefined ? [socket] : this.#listeners.concat(socket);
    networkChanged();
    return true;
  }

  close(socket: ListeningSocket): void {
    this.#listeners = this.#listeners?.filter((other) => other !== socket);
    networkChanged();
  }

  /** The next source port of an outgoing connection. */
  ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port >= EPHEMERAL_LAST ? EPHEMERAL_FIRST : port + 1;
    return port;
  }
}
