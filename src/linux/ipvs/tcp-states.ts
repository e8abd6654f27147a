/** How packets move a TCP connection of IPVS through its states (`ip_vs_proto_tcp.c`, tcp_states). */
import type { ConnectionState } from './connections.ts';

/** What a packet says; the first of rst, syn, fin that holds counts, else it is an ack. */
export interface TcpFlags {
  readonly syn?: boolean;
  readonly fin?: boolean;
  readonly rst?: boolean;
  readonly ack?: boolean;
}

/** Who sent it: the client, the server, or the client where answers do not come back this way (droute, tunnel). */
export type Direction = 'input' | 'output' | 'input-only';

const STATES: readonly ConnectionState[] = [
  'NONE',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'SYNACK',
];

/** In the order of STATES, two letters a state. */
const SHORT: Readonly<Record<string, ConnectionState>> = {
  NO: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYNACK',
};

const TRANSITIONS: Readonly<Record<Direction, Readonly<Record<'syn' | 'fin' | 'ack' | 'rst', string>>>> = {
  input: {
    syn: 'SR ES ES SR SR SR SR SR SR SR SR',
    fin: 'CL CW SS TW TW TW CL CW LA LI TW',
    ack: 'ES ES SS ES FW TW CL CW CL LI ES',
    rst: 'CL CL CL SR CL CL CL CL LA LI SR',
  },
  output: {
    syn: 'SS ES SS SR SS SS SS SS SS LI SR',
    fin: 'TW FW SS TW FW TW CL TW LA LI TW',
    ack: 'ES ES SS ES FW TW CL CW LA ES ES',
    rst: 'CL CL SS CL CL TW CL CL CL CL CL',
  },
  'input-only': {
    syn: 'SR ES ES SR SR SR SR SR SR SR SR',
    fin: 'CL FW SS TW FW TW CL CW LA LI TW',
    ack: 'ES ES SS ES FW TW CL CW CL LI ES',
    rst: 'CL CL CL SR CL CL CL CL LA LI CL',
  },
};

/** The state after a packet. */
export function nextTcpState(state: ConnectionState, { rst, syn, fin }: TcpFlags, direction: Direction): ConnectionState {
  const kind = rst ? 'rst' : syn ? 'syn' : fin ? 'fin' : 'ack';
  const name = TRANSITIONS[direction][kind].split(' ')[STATES.indexOf(state)];
  return SHORT[name ?? ''] ?? state;
}
