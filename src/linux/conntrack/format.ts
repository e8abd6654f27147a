/** Connections as `conntrack -L` prints them (conntrack-tools 1.4, without accounting). */
import { formatIpv4 } from '../net/ipv4.ts';
import { PROTOCOL_NUMBERS } from '../net/packet.ts';
import type { ConntrackEntry, Tuple } from './entry.ts';

function tupleText(tuple: Tuple): string {
  const { protocol, source, sourcePort, destination, destinationPort } = tuple;
  const ends = `src=${formatIpv4(source)} dst=${formatIpv4(destination)}`;
  if (protocol === 'ICMP') return `${ends} type=${destinationPort >>> 8} code=${destinationPort & 255} id=${sourcePort}`;
  return protocol === 'IPIP' || protocol === 'ESP' ? ends : `${ends} sport=${sourcePort} dport=${destinationPort}`;
}

/** "tcp      6 431999 ESTABLISHED src=… dst=… sport=… dport=… src=… [ASSURED] mark=0 use=1". */
export function formatConntrack(entry: ConntrackEntry, now: number): string {
  const { original, reply, seenReply, assured, mark } = entry;
  const name = original.protocol === 'IPIP' ? 'unknown' : original.protocol.toLowerCase();
  const left = Math.max(0, Math.floor((entry.expiresAt - now) / 1000));
  const state = original.protocol === 'TCP' ? `${entry.tcp} ` : '';
  const head = `${name.padEnd(8)} ${PROTOCOL_NUMBERS[original.protocol]} ${left} ${state}`;
  return `${head}${tupleText(original)} ${seenReply ? '' : '[UNREPLIED] '}${tupleText(reply)} ${assured ? '[ASSURED] ' : ''}mark=${mark} use=1`;
}
