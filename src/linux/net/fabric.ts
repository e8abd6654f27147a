/**
 * The LAN between machines: one Ethernet switch that every machine's eth0 is plugged into. Cables can be pulled, and
 * pairs of machines can be kept apart, as a broken switch would.
 */
import { answers } from './arp.ts';
import { networkChanged } from './generation.ts';
import { addAddress, addLink, type Link } from './link.ts';
import type { Internet } from './internet.ts';
import { type Cidr, contains, type Ipv4 } from './ipv4.ts';
import type { Mac } from './mac.ts';
import type { Machine } from '../machine.ts';
import { assert } from '../../apimachinery/assert.ts';

/** The network between the machines. */
export class Fabric {
  readonly cidr: Cidr;
  /** The address of whatever leads out of the LAN: the machines' default gateway. */
  readonly gateway: Ipv4;
  /** What the gateway leads to; nothing when undefined. */
  internet: Internet | undefined = undefined;
  #mtu = 1500;
  readonly #plugs = new Set<Link>();
  readonly #neighbours = new Map<Ipv4, Link>();
  readonly #byMac = new Map<Mac, Link>();
  readonly #apart = new Set<string>();

  constructor(cidr: Cidr) {
    this.cidr = cidr;
    this.gateway = cidr.network + 1;
  }

  /** The longest IP packet that the switch passes; longer ones are lost without a word. */
  get mtu(): number {
    return this.#mtu;
  }

  set mtu(mtu: number) {
    this.#mtu = mtu;
    networkChanged();
  }

  /** Gives the machine an eth0 with this address, and a default route. */
  plug(machine: Machine, ip: Ipv4): Link {
    assert(contains(this.cidr, ip), 'the address is outside the LAN');
    const link = addLink(machine.netns, 'eth0', 'eth');
    this.attach(link);
    addAddress(link, ip, this.cidr.prefixLength);
    this.#neighbours.set(ip, link);
    this.#byMac.set(link.mac, link);
    if (ip !== this.gateway) machine.netns.addRoute({ network: 0, prefixLength: 0, link, gateway: this.gateway });
    return link;
  }

  /** Plugs a card in, as it is. */
  attach(link: Link): void {
    link.configure({ fabric: this });
    this.#plugs.add(link);
  }

  /** Takes a machine off the LAN for good. */
  unplug(machine: Machine): void {
    for (const link of this.#plugs) if (link.netns.machine === machine) this.#plugs.delete(link);
    networkChanged();
  }

  /** Lets no frame pass between two machines, or lets them pass again. */
  setApart(a: Machine, b: Machine, apart: boolean): void {
    if (apart) this.#apart.add(pairKey(a, b));
    else this.#apart.delete(pairKey(a, b));
    networkChanged();
  }

  /** Who answers for `ip` when `from` asks (ARP): the link, or undefined when nobody does. */
  neighbour(from: Link, ip: Ipv4): Link | undefined {
    let link = this.#neighbours.get(ip);
    if (link === undefined || !this.#plugs.has(link) || !answers(link, ip)) {
      link = undefined;
      for (const plug of this.#plugs) if (plug !== from && answers(plug, ip)) link = plug;
      if (link === undefined) return undefined;
      this.#neighbours.set(ip, link);
    }
    return this.#passes(from, link) ? link : undefined;
  }

  /** Who takes a frame to `mac` that `from` sends: the link, or undefined when it gets to nobody. */
  holderOf(from: Link, mac: Mac): Link | undefined {
    let link = this.#byMac.get(mac);
    if (link === undefined || link.mac !== mac || !this.#plugs.has(link)) {
      link = undefined;
      for (const plug of this.#plugs) if (plug.mac === mac) link = plug;
      if (link === undefined) return undefined;
      this.#byMac.set(mac, link);
    }
    return this.#passes(from, link) ? link : undefined;
  }

  #passes(from: Link, to: Link): boolean {
    return from !== to && to.up && to.netns.machine.powered && !this.#isApart(from.netns.machine, to.netns.machine);
  }

  #isApart(a: Machine, b: Machine): boolean {
    return this.#apart.size > 0 && this.#apart.has(pairKey(a, b));
  }
}

const pairKey = (a: Machine, b: Machine): string =>
  a.hostname < b.hostname ? `${a.hostname} ${b.hostname}` : `${b.hostname} ${a.hostname}`;
