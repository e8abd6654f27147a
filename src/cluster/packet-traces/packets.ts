/** Packets as the status of a PacketTrace shows them. */
import type { TracedPacket } from '../../api/kubarium/packet-trace.ts';
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import type { Packet } from '../../linux/net/packet.ts';

/** A packet's headers as they are now. */
export function tracedPacket(packet: Packet): TracedPacket {
  const { protocol, source, sourcePort, destination, destinationPort, ttl, mark, length, flags } = packet;
  const hasPorts = protocol === 'TCP' || protocol === 'UDP' || protocol === 'SCTP';
  return {
    protocol,
    source: formatIpv4(source),
    ...(hasPorts && { sourcePort }),
    destination: formatIpv4(destination),
    ...(hasPorts && { destinationPort }),
    ttl,
    ...(mark !== 0 && { mark: `0x${mark.toString(16)}` }),
    length,
    ...(flags !== '' && { flags }),
  };
}

/** Whether two pictures of a packet show the same. */
export function samePacket(one: TracedPacket, other: TracedPacket): boolean {
  return (
    one.source === other.source &&
    one.sourcePort === other.sourcePort &&
    one.destination === other.destination &&
    one.destinationPort === other.destinationPort &&
    one.ttl === other.ttl &&
    one.mark === other.mark
  );
}

/** "10.244.1.5:80", or the address alone without a port. */
export const endText = (ip: string, port: number | undefined): string => (port === undefined ? ip : `${ip}:${port}`);

/** "10.244.1.5:40000 → 10.96.0.10:53" */
export const waysText = ({ source, sourcePort, destination, destinationPort }: TracedPacket): string =>
  `${endText(source, sourcePort)} → ${endText(destination, destinationPort)}`;
