/**
 * The way of a packet as a picture: the places it came through, in order, each with the devices it met, what became of its addresses there
 * and the steps of the trace that happened there. The answer goes back through the same places. Pure functions over `PacketTrace.status.hops`.
 */
import type { PacketTraceHop, TracedPacket } from '../../api/kubarium/packet-trace.ts';
import { changedFields, legsOf } from './trace-model.ts';

/** A network namespace, or the wire between machines, on the way of the request. */
export interface Station {
  /** The machine; "" on the wire and outside of the cluster. */
  node: string;
  /** "pod default/web-1", "host", "external client", "network". */
  place: string;
  isWire: boolean;
  /** In the order they were met, each once. */
  devices: string[];
  /** Indices into the trace's steps: on the way there, and on the answer's way. */
  steps: number[];
  replies: number[];
  /** What was written into the packet here. */
  translations: ('DNAT' | 'SNAT')[];
  /** On a wire: how the packet was wrapped, "VXLAN", "IPIP", "UDP". */
  tunnel?: string;
  /** The packet came to its end here without an answer. */
  isEnd: boolean;
}

/** Stations one after the other that are one machine's; a wire stands alone. */
export interface Machine {
  node: string;
  stations: Station[];
}

/** UDP ports of VXLAN: the kernel's own, which flannel keeps, and IANA's. */
const VXLAN_PORTS: readonly (number | undefined)[] = [8472, 4789];

const tunnelOf = ({ protocol, destinationPort }: TracedPacket): string =>
  protocol === 'UDP' && VXLAN_PORTS.includes(destinationPort) ? 'VXLAN' : protocol;

/** The places of the request's way, with the steps of the answer's way put to them. */
export function stationsOf(hops: readonly PacketTraceHop[]): Station[] {
  const stations: Station[] = [];
  let back: number | undefined;
  for (const { node, place, reply, steps } of legsOf(hops)) {
    if (reply) {
      back = lastIndex(stations, node, place, back ?? stations.length - 1);
      if (back !== undefined) stations[back]?.replies.push(...steps);
      continue;
    }
    let station = stations.at(-1);
    if (station?.node !== node || station.place !== place) {
      station = { node, place, isWire: place === 'network', devices: [], steps: [], replies: [], translations: [], isEnd: false };
      stations.push(station);
    }
    station.steps.push(...steps);
  }
  return stations.map((station) => ({ ...station, ...factsOf(station.steps.flatMap((index) => hops[index] ?? [])) }));
}

/** The last place of that name at or before `from`. */
function lastIndex(stations: readonly Station[], node: string, place: string, from: number): number | undefined {
  for (let index = from; index >= 0; index--) if (stations[index]?.node === node && stations[index]?.place === place) return index;
  return undefined;
}

function factsOf(hops: readonly PacketTraceHop[]): Pick<Station, 'devices' | 'translations' | 'tunnel' | 'isEnd'> {
  const met = [...new Set(hops.flatMap(({ device }) => device ?? []))].filter((device) => device !== 'lo');
  const changed = new Set(hops.flatMap((hop) => [...changedFields(hop)]));
  const outer = hops.find((hop) => hop.kind === 'network')?.outer;
  return {
    // The port of a bridge is said in the step; the bridge stands for it.
    devices: met.filter((device) => !device.startsWith('veth') || met.every((other) => other.startsWith('veth'))),
    translations: [
      ...(changed.has('destination') || changed.has('destinationPort') ? (['DNAT'] as const) : []),
      ...(changed.has('source') || changed.has('sourcePort') ? (['SNAT'] as const) : []),
    ],
    ...(outer && { tunnel: tunnelOf(outer) }),
    isEnd: hops.some(({ kind }) => kind === 'drop'),
  };
}

/** Stations grouped into machines. */
export function machinesOf(stations: readonly Station[]): Machine[] {
  const machines: Machine[] = [];
  for (const station of stations) {
    const last = machines.at(-1);
    if (last && last.node === station.node && station.node !== '') last.stations.push(station);
    else machines.push({ node: station.node, stations: [station] });
  }
  return machines;
}
