/** How long connections are remembered after their last packet (`nf_conntrack_proto_*.c`), in ms; sysctls net.netfilter.nf_conntrack_*. */
import type { TcpState } from './entry.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** By TCP state. */
export const TCP_TIMEOUTS: Readonly<Record<TcpState, number>> = {
  NONE: 2 * MINUTE,
  SYN_SENT: 2 * MINUTE,
  SYN_RECV: MINUTE,
  ESTABLISHED: 5 * DAY,
  FIN_WAIT: 2 * MINUTE,
  CLOSE_WAIT: MINUTE,
  LAST_ACK: 30 * SECOND,
  TIME_WAIT: 2 * MINUTE,
  CLOSE: 10 * SECOND,
  SYN_SENT2: 2 * MINUTE,
};

/** One way only. */
export const UDP_TIMEOUT = 30 * SECOND;
/** Answered, and still going on after `UDP_STREAM_AFTER`. */
export const UDP_STREAM_TIMEOUT = 120 * SECOND;
export const UDP_STREAM_AFTER = 2 * SECOND;
export const ICMP_TIMEOUT = 30 * SECOND;
/** All other protocols. */
export const GENERIC_TIMEOUT = 600 * SECOND;
