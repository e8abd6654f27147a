/**
 * A network namespace: devices, routes and listening sockets of a machine itself or of a pod. Kept lean, because
 * there is one for every pod.
 */
import type { Machine } from '../machine.ts';
import { LOCALHOST, networkOf, type Ipv4 } from './ipv4.ts';
import { type Address, Link } from './link.ts';
import { RouteTable, type Route } from './routes.ts';
import type { ListeningSocket, Protocol } from './socket.ts';

const LOOPBACK_PREFIX = 0x7f;
const LOOPBACK_ADDRESSES: readonly Address[] = [{ ip: LOCALHOST, prefixLength: 8 }];
/** ip_local_port_range starts here. */
const EPHEMERAL_FIRST = 32768;
const EPHEMERAL_LAST = 60999;

/** Devices, routes and sockets that see only each other. */
export class NetworkNamespace {
  readonly machine: Machine;
  /** "cni-…" as in `ip netns`; "host" for the machine's own. */
  readonly name: string;
  links: readonly Link[];
  readonly routes = new RouteTable();
  /** net.ipv4.ip_forward */
  forwards = false;
  /** Links that have addresses: few, also on a machine with many veths. */
  #addressed: readonly Link[] = [];
  #listeners: readonly ListeningSocket[] | undefined = undefined;
  #nextPort = EPHEMERAL_FIRST;

  constructor(machine: Machine, name: string) {
    this.machine = machine;
    this.name = name;
    const loopback = new Link(this, 'lo', 1, 'loopback');
    loopback.up = false;
    this.links = [loopback];
  }

  /** `ip link set lo up`: the kernel gives it 127.0.0.1/8. */
  bringLoopbackUp(): void {
    const loopback = this.links[0];
    if (loopback === undefined) return;
    loopback.up = true;
    loopback.addresses = LOOPBACK_ADDRESSES;
  }

  link(name: string): Link | undefined {
    return this.links.find((link) => link.name === name);
  }

  /** Whether packets to `ip` end here. */
  isLocal(ip: Ipv4): boolean {
    if (ip >>> 24 === LOOPBACK_PREFIX) return this.links[0]?.up ?? false;
    for (const link of this.#addressed) {
      for (const address of link.addresses) if (address.ip === ip) return true;
    }
    return false;
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
    });
  }

  /** Called by `addAddress`: the kernel's own route to the link's network. */
  addressAdded(link: Link): void {
    const address = link.addresses.at(-1);
    if (address === undefined) return;
    if (!this.#addressed.includes(link)) this.#addressed = this.#addressed.concat(link);
    if (address.prefixLength < 32) {
      this.addRoute({ network: networkOf(address.ip, address.prefixLength), prefixLength: address.prefixLength, link, source: address.ip });
    }
  }

  /** Called by `deleteLink`. */
  forget(link: Link): void {
    this.links = this.links.filter((other) => other !== link);
    this.#addressed = this.#addressed.filter((other) => other !== link);
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
    return true;
  }

  close(socket: ListeningSocket): void {
    this.#listeners = this.#listeners?.filter((other) => other !== socket);
  }

  /** The next source port of an outgoing connection. */
  ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port >= EPHEMERAL_LAST ? EPHEMERAL_FIRST : port + 1;
    return port;
  }
}
