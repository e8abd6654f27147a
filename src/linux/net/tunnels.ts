/**
 * Devices that wrap packets: vxlan (`drivers/net/vxlan`), ipip (`net/ipv4/ipip.c`), and tun, whose wrapping a program
 * does. The outer packet leaves by the machine's own OUTPUT and POSTROUTING; the inner one keeps its mark inside.
 */
import type { Journey } from './journey.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { Packet } from './packet.ts';
import { sourceAddress } from './routing.ts';
import type { TunReader } from './tun.ts';
import type { TunnelReceiver, Unwrapped } from './tunnel.ts';

/** Outer IPv4 (20), UDP (8) and VXLAN (8) headers, and the inner Ethernet header (14). */
export const VXLAN_OVERHEAD = 50;
/** The outer IPv4 header. */
export const IPIP_OVERHEAD = 20;
const IPIP_KEY = 0;
/** net.ipv4.ip_local_port_range for the source port, which depends on the inner flow (`udp_flow_src_port`). */
const PORT_MIN = 32768;
const PORT_RANGE = 28232;

/** What a vxlan packet carries besides the inner packet. */
interface VxlanHeader {
  readonly vni: number;
  readonly sourceMac: number;
  readonly destinationMac: number;
}

/** Wraps the packet that `j.output` is to send; the outer packet starts from the machine's own IP layer. */
export function wrap(j: Journey): void {
  const { output, packet } = j;
  if (output === undefined) return j.drop('link down');
  const outer = wrapFor(output, j);
  if (outer === undefined) return j.lose(output, 'no tunnel entry');
  j.noteConnection();
  j.recorder?.event({ kind: 'encapsulate', link: output, inner: packet, outer });
  j.packet = outer;
  j.stage = 'local out';
}

function wrapFor(output: Link, j: Journey): Packet | undefined {
  const { vxlan, ipip, tun } = output.details;
  const { packet } = j;
  if (vxlan !== undefined) {
    const remote = vxlan.fdb.get(j.destinationMac);
    if (remote === undefined) return undefined;
    const header: VxlanHeader = { vni: vxlan.vni, sourceMac: j.sourceMac, destinationMac: j.destinationMac };
    return new Packet({
      protocol: 'UDP',
      source: vxlan.local,
      destination: remote,
      sourcePort: flowPort(packet.source, packet.destination, packet.sourcePort, packet.destinationPort),
      destinationPort: vxlan.port,
      mark: packet.mark,
      length: packet.length + VXLAN_OVERHEAD,
      inner: packet,
      payload: header,
    });
  }
  if (ipip !== undefined) {
    const { length, mark } = packet;
    return new Packet({
      protocol: 'IPIP',
      source: ipip.local,
      destination: j.nextHop,
      mark,
      length: length + IPIP_OVERHEAD,
      inner: packet,
    });
  }
  return tun?.read(packet);
}

/**
 * A port that is the same for all packets of a flow, so that its packets stay in order.
 * Differs: the kernel's hash spreads the ports of one client as it does addresses; here a client's next port gives the next port.
 */
export function flowPort(source: Ipv4, destination: Ipv4, sourcePort: number, destinationPort: number): number {
  const addresses = Math.imul(source ^ Math.imul(destination, 0x9e3779b1), 0x85ebca6b) >>> 0;
  return PORT_MIN + ((addresses + sourcePort + destinationPort) % PORT_RANGE);
}

/** Takes the inner packet out of one that arrived, and lets it come in by the tunnel's device. */
export function unwrap(j: Journey): void {
  const { netns, packet } = j;
  const receiver = netns.details.tunnels?.get(packet.protocol === 'IPIP' ? IPIP_KEY : packet.destinationPort);
  const unwrapped = receiver?.(packet);
  if (unwrapped === undefined) return j.drop('no tunnel entry');
  const { link } = unwrapped;
  j.recorder?.event({ kind: 'decapsulate', link, inner: unwrapped.packet, outer: packet });
  j.packet = unwrapped.packet;
  j.packet.scrub();
  j.input = link;
  j.sourceMac = unwrapped.sourceMac;
  j.destinationMac = unwrapped.destinationMac ?? link.mac;
  j.stage = 'receive';
}

/** `ip link add NAME type vxlan id VNI local ADDRESS dev UNDERLAY dstport PORT nolearning`, for a link of kind vxlan. */
export function configureVxlan(link: Link, settings: { vni: number; local: Ipv4; port: number; underlay: Link }): void {
  const { vni, port, underlay } = settings;
  link.configure({ vxlan: { ...settings, fdb: new Map() } });
  link.mtu = underlay.mtu - VXLAN_OVERHEAD;
  receiveTunnel(link.netns, port, ({ inner, payload }): Unwrapped | undefined => {
    const header = payload as VxlanHeader | undefined;
    if (inner === undefined || header?.vni !== vni) return undefined;
    return { packet: inner, link, sourceMac: header.sourceMac, destinationMac: header.destinationMac };
  });
}

/** `ip tunnel` tunl0: an ipip device whose remote end is the gateway of the route. */
export function configureIpip(link: Link, local: Ipv4, underlay: Link): void {
  link.configure({ ipip: { local } });
  link.mtu = underlay.mtu - IPIP_OVERHEAD;
  receiveTunnel(link.netns, IPIP_KEY, ({ inner }) => inner && { packet: inner, link, sourceMac: 0, destinationMac: undefined });
}

/**
 * A program behind a tun device that sends what it reads to the same program of another machine, as datagrams to `port`
 * (flannel's udp backend). `remoteOf`: which machine has the packet's destination.
 */
export function configureTun(link: Link, program: string, port: number, remoteOf: (destination: Ipv4) => Ipv4 | undefined): void {
  const { netns } = link;
  const reader: TunReader = {
    program,
    read(packet) {
      const destination = remoteOf(packet.destination);
      const source = destination === undefined ? undefined : sourceAddress(netns, destination);
      if (destination === undefined || source === undefined) return undefined;
      const ports = { sourcePort: port, destinationPort: port };
      return new Packet({ protocol: 'UDP', source, destination, ...ports, length: packet.length + UDP_OVERHEAD, inner: packet });
    },
  };
  link.configure({ tun: reader });
  receiveTunnel(netns, port, ({ inner }) => inner && { packet: inner, link, sourceMac: 0, destinationMac: undefined });
}

const UDP_OVERHEAD = 28;

/** Lets `receiver` unwrap what arrives for a UDP port (0: IPIP). */
function receiveTunnel(netns: NetworkNamespace, port: number, receiver: TunnelReceiver): void {
  netns.configure({ tunnels: new Map(netns.details.tunnels).set(port, receiver) });
}
