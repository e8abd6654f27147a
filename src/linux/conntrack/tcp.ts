/**
 * What conntrack makes of TCP packets (`net/netfilter/nf_conntrack_proto_tcp.c`).
 * Differs: sequence numbers and windows are not looked at, so that no packet is INVALID for lying outside a window.
 */
import type { Packet } from '../net/packet.ts';
import { type ConntrackDirection, type ConntrackEntry, TCP_STATES, type TcpState } from './entry.ts';
import { TCP_TIMEOUTS } from './timeouts.ts';

const LETTERS: Readonly<Record<string, TcpState>> = {
  s: 'SYN_SENT',
  r: 'SYN_RECV',
  e: 'ESTABLISHED',
  f: 'FIN_WAIT',
  c: 'CLOSE_WAIT',
  l: 'LAST_ACK',
  t: 'TIME_WAIT',
  x: 'CLOSE',
  '2': 'SYN_SENT2',
};

type Kind = 'syn' | 'synack' | 'fin' | 'ack' | 'rst' | 'none';

/** The next state by what came, one letter for each state before: "-" ignore the packet, "!" it is invalid. */
const NEXT: Readonly<Record<ConntrackDirection, Readonly<Record<Kind, string>>>> = {
  original: {
    syn: 'ss-----ss2',
    synack: '!!r!!!!!!r',
    fin: '!!ffllltx!',
    ack: 'e!eeccttx!',
    rst: '!xxxxxxxxx',
    none: '!!!!!!!!!!',
  },
  reply: {
    syn: '!2!!!!!s!2',
    synack: '!r-------r',
    fin: '!!ffllltx!',
    ack: '!-reccttx-',
    rst: '!xxxxxxxxx',
    none: '!!!!!!!!!!',
  },
};

function kindOf(flags: string): Kind {
  if (flags.includes('R')) return 'rst';
  if (flags.includes('S')) return flags.includes('A') ? 'synack' : 'syn';
  if (flags.includes('F')) return 'fin';
  return flags.includes('A') ? 'ack' : 'none';
}

/** Whether a connection may begin with this packet: with SYN, or in the middle with ACK (nf_conntrack_tcp_loose). */
export function mayBeginTcp({ flags }: Packet): boolean {
  const kind = kindOf(flags);
  return kind === 'syn' || kind === 'ack';
}

/** Whether a SYN uses a closed connection's ports again; the old entry is forgotten then. */
export const reopensTcp = ({ flags }: Packet, entry: ConntrackEntry, direction: ConntrackDirection): boolean =>
  (entry.tcp === 'TIME_WAIT' || entry.tcp === 'CLOSE') && direction === 'original' && kindOf(flags) === 'syn';

/**
 * Moves the connection on. "invalid": the packet belongs to no connection; "forget": the entry ends with this packet
 * (a reset before any answer).
 */
export function tcpPacket(packet: Packet, entry: ConntrackEntry, direction: ConntrackDirection, now: number): 'ok' | 'invalid' | 'forget' {
  const kind = kindOf(packet.flags);
  const letter = NEXT[direction][kind][TCP_STATES.indexOf(entry.tcp)] ?? '!';
  if (letter === '!') return 'invalid';
  if (letter === '-') return 'ok';
  const before = entry.tcp;
  entry.tcp = LETTERS[letter] ?? 'NONE';
  if (!entry.seenReply && direction === 'original' && kind === 'rst') return 'forget';
  if ((before === 'SYN_RECV' || before === 'ESTABLISHED') && entry.tcp === 'ESTABLISHED') entry.assured = true;
  entry.expiresAt = now + TCP_TIMEOUTS[entry.tcp];
  return 'ok';
}
