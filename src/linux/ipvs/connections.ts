/**
 * The connections that IPVS remembers (`ip_vs_conn.c`): a hash table by protocol and client, with states and timeouts.
 * Virtual time does the expiry: those that are due go when somebody looks.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import type { IpvsProtocol, RealServer, VirtualServer } from './types.ts';

/** States as `ipvsadm -Lnc` prints them. */
export type ConnectionState =
  | 'NONE'
  | 'ESTABLISHED'
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'FIN_WAIT'
  | 'TIME_WAIT'
  | 'CLOSE'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'LISTEN'
  | 'SYNACK'
  | 'UDP';

/** One connection, or the template by which later ones of a client find the same server. */
export interface IpvsConnection {
  readonly protocol: IpvsProtocol;
  readonly client: Ipv4;
  /** 0 for a template. */
  readonly clientPort: number;
  readonly virtualIp: Ipv4;
  readonly virtualPort: number;
  readonly service: VirtualServer;
  readonly server: RealServer;
  readonly template: boolean;
  /** The template that led here; it lives as long as its connections. */
  readonly parent: IpvsConnection | undefined;
  children: number;
  state: ConnectionState;
  /** Counts as inactive at its server. */
  inactive: boolean;
  /** Virtual time, ms. */
  expiresAt: number;
  /** Second of virtual time at which it is looked at next; -1 when it is gone. */
  dueSecond: number;
  /** The next one in the same bucket. */
  next: IpvsConnection | undefined;
}

/** ip_vs_conn_tab_bits = 12. */
export const CONNECTION_TABLE_SIZE = 4096;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** `tcp_timeouts`, `udp_timeouts`, `sctp_timeouts`. */
const TIMEOUT_MS: Readonly<Record<ConnectionState, number>> = {
  NONE: 2 * SECOND,
  ESTABLISHED: 15 * MINUTE,
  SYN_SENT: 2 * MINUTE,
  SYN_RECV: MINUTE,
  FIN_WAIT: 2 * MINUTE,
  TIME_WAIT: 2 * MINUTE,
  CLOSE: 10 * SECOND,
  CLOSE_WAIT: MINUTE,
  LAST_ACK: 30 * SECOND,
  LISTEN: 2 * MINUTE,
  SYNACK: 2 * MINUTE,
  UDP: 5 * MINUTE,
};

/** `ipvsadm --set`: seconds; 0 leaves the kernel's own value. */
export interface IpvsTimeouts {
  tcp: number;
  tcpFin: number;
  udp: number;
}

/** All connections of a network namespace. */
export class ConnectionTable {
  readonly timeouts: IpvsTimeouts = { tcp: 0, tcpFin: 0, udp: 0 };
  readonly #buckets = new Array<IpvsConnection | undefined>(CONNECTION_TABLE_SIZE);
  /** Second of virtual time → connections to look at then. */
  readonly #due = new Map<number, IpvsConnection[]>();
  #nextDue = Infinity;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Finds the connection of a client to a virtual server. `cost.comparisons` grows by the entries looked at. */
  find(
    protocol: IpvsProtocol,
    client: Ipv4,
    clientPort: number,
    match: (connection: IpvsConnection) => boolean,
    cost: { comparisons: number },
  ): IpvsConnection | undefined {
    let entry = this.#buckets[bucketOf(protocol, client, clientPort)];
    for (; entry !== undefined; entry = entry.next) {
      cost.comparisons++;
      if (entry.client === client && entry.clientPort === clientPort && entry.protocol === protocol && match(entry)) return entry;
    }
    return undefined;
  }

  add(connection: IpvsConnection, now: number): void {
    const bucket = bucketOf(connection.protocol, connection.client, connection.clientPort);
    connection.next = this.#buckets[bucket];
    this.#buckets[bucket] = connection;
    this.#size++;
    if (connection.parent !== undefined) connection.parent.children++;
    if (!connection.template) connection.server.inactive++;
    this.#schedule(connection, now);
  }

  /** A packet of the connection has passed: its time starts again. */
  touch(connection: IpvsConnection, now: number): void {
    connection.expiresAt = now + this.timeoutMs(connection);
    // A longer time is seen when the shorter one is over.
    if (connection.expiresAt < (connection.dueSecond - 1) * SECOND) this.#schedule(connection, now);
  }

  timeoutMs({ template, service, state }: IpvsConnection): number {
    if (template) return service.persistentSeconds * SECOND;
    const { tcp, tcpFin, udp } = this.timeouts;
    if (state === 'ESTABLISHED' && tcp > 0) return tcp * SECOND;
    if (state === 'FIN_WAIT' && tcpFin > 0) return tcpFin * SECOND;
    if (state === 'UDP' && udp > 0) return udp * SECOND;
    return TIMEOUT_MS[state];
  }

  /** Changes the state, and whether the connection counts as active at its server. */
  setState(connection: IpvsConnection, state: ConnectionState): void {
    connection.state = state;
    const inactive = state !== 'ESTABLISHED';
    if (connection.template || connection.inactive === inactive) return;
    connection.inactive = inactive;
    connection.server.active += inactive ? -1 : 1;
    connection.server.inactive += inactive ? 1 : -1;
  }

  remove(connection: IpvsConnection): void {
    const bucket = bucketOf(connection.protocol, connection.client, connection.clientPort);
    let entry = this.#buckets[bucket];
    if (entry === connection) this.#buckets[bucket] = connection.next;
    else {
      while (entry !== undefined && entry.next !== connection) entry = entry.next;
      if (entry === undefined) return;
      entry.next = connection.next;
    }
    this.#size--;
    connection.dueSecond = -1;
    if (connection.parent !== undefined) connection.parent.children--;
    if (connection.template) return;
    if (connection.inactive) connection.server.inactive--;
    else connection.server.active--;
  }

  /** Forgets what has been silent for too long, in the order in which it became due. */
  expire(now: number): void {
    while (this.#nextDue <= now) {
      const at = this.#nextDue;
      const connections = this.#due.get(at / SECOND) ?? [];
      this.#due.delete(at / SECOND);
      this.#nextDue = Infinity;
      for (const connection of connections) if (connection.dueSecond === at / SECOND) this.#expireOne(connection, at);
      for (const second of this.#due.keys()) this.#nextDue = Math.min(this.#nextDue, second * SECOND);
    }
  }

  /** All of them, in no particular order. */
  *all(): Iterable<IpvsConnection> {
    for (let entry of this.#buckets) for (; entry !== undefined; entry = entry.next) yield entry;
  }

  #expireOne(connection: IpvsConnection, now: number): void {
    // A template waits a minute more for its connections (ip_vs_conn_expire).
    if (connection.children > 0) connection.expiresAt = Math.max(connection.expiresAt, now + MINUTE);
    if (connection.expiresAt > now) this.#schedule(connection, now);
    else this.remove(connection);
  }

  #schedule(connection: IpvsConnection, now: number): void {
    const second = Math.ceil(Math.max(connection.expiresAt, now) / SECOND);
    connection.dueSecond = second;
    const others = this.#due.get(second);
    if (others === undefined) this.#due.set(second, [connection]);
    else others.push(connection);
    this.#nextDue = Math.min(this.#nextDue, second * SECOND);
  }
}

const PROTOCOL_NUMBER: Readonly<Record<IpvsProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

/** Number of a protocol in IP headers. */
export const protocolNumber = (protocol: IpvsProtocol): number => PROTOCOL_NUMBER[protocol];

// Differs: the kernel's hash has a random seed; this one has none.
function bucketOf(protocol: IpvsProtocol, client: Ipv4, clientPort: number): number {
  let hash = Math.imul(client, 0x9e3779b1) ^ Math.imul(clientPort, 0x85ebca6b) ^ PROTOCOL_NUMBER[protocol];
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & (CONNECTION_TABLE_SIZE - 1);
}
