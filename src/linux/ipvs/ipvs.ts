/**
 * IPVS of one network namespace (`net/netfilter/ipvs`): virtual servers, found by a hash of their address, hand new
 * connections to real servers. It takes packets at LOCAL_IN, after table filter; what it rewrites goes on through
 * LOCAL_OUT and POSTROUTING.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import { ConnectionTable, type IpvsConnection, protocolNumber } from './connections.ts';
import { newScheduler } from './schedulers.ts';
import { nextTcpState, type TcpFlags } from './tcp-states.ts';
import {
  type ForwardingMethod,
  type IpvsProtocol,
  noStats,
  type RealServer,
  type SchedulerFlag,
  type VirtualAddress,
  type VirtualServer,
} from './types.ts';

/** A packet, as far as IPVS looks at it. */
export interface IpvsPacket {
  readonly protocol: IpvsProtocol;
  readonly source: Ipv4;
  readonly sourcePort: number;
  readonly destination: Ipv4;
  readonly destinationPort: number;
  /** TCP only. */
  readonly flags?: TcpFlags;
  /** Length in bytes; 0 when nobody counts. */
  readonly bytes?: number;
}

/** Work done for one packet. */
export interface IpvsCost {
  /** Look-ups in hash tables: connections, then virtual servers. */
  lookups: number;
  /** Entries compared in the tables' buckets. */
  comparisons: number;
  /** Real servers looked at by the scheduler. */
  servers: number;
}

/** What becomes of a packet to a virtual server. */
export type IpvsDecision =
  | {
      readonly verdict: 'forward';
      readonly realServer: RealServer;
      /** With masq the destination is rewritten to the real server. */
      readonly method: ForwardingMethod;
      readonly connection: IpvsConnection;
      /** The first packet: the scheduler has chosen. */
      readonly isNew: boolean;
      readonly scheduler: string;
      readonly cost: IpvsCost;
    }
  /** Nobody can take it: ICMP port unreachable. */
  | { readonly verdict: 'unreachable'; readonly service: VirtualServer; readonly cost: IpvsCost }
  /** Its server is gone, and the sysctls say to forget the connection. */
  | { readonly verdict: 'drop'; readonly service: VirtualServer; readonly cost: IpvsCost };

/** Settings of a virtual server that may change. */
export interface ServiceSettings {
  readonly scheduler: string;
  readonly persistentSeconds?: number;
  readonly flags?: readonly SchedulerFlag[];
}

/** IP_VS_SVC_TAB_BITS = 8. */
const SERVICE_TABLE_SIZE = 256;

/** net.ipv4.vs.*, the kernel's values. */
export interface IpvsSysctls {
  /** Packets of IPVS have entries in conntrack too. */
  conntrack: number;
  /** Connections to a server that is gone are forgotten at once. */
  expire_nodest_conn: number;
  /** Clients do not stay with a server of weight 0. */
  expire_quiescent_template: number;
  /** A SYN on the ports of a closing connection is scheduled anew. */
  conn_reuse_mode: number;
}

/** Connection balancing in one network namespace. */
export class Ipvs {
  readonly sysctls: IpvsSysctls = { conntrack: 0, expire_nodest_conn: 0, expire_quiescent_template: 0, conn_reuse_mode: 1 };
  readonly connections = new ConnectionTable();
  readonly #clock: { readonly now: number };
  readonly #table = new Map<number, VirtualServer[]>();

  /** `clock.now`: virtual time in ms. */
  constructor(clock: { readonly now: number }) {
    this.#clock = clock;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** True when there is nothing to do for any packet. */
  get isEmpty(): boolean {
    return this.#table.size === 0;
  }

  /** All virtual servers, in the kernel's order: by bucket, the newest first. */
  *services(): Iterable<VirtualServer> {
    for (const bucket of [...this.#table.keys()].sort((one, other) => one - other)) yield* this.#table.get(bucket) ?? [];
  }

  /** Finds a virtual server. */
  service({ protocol, ip, port }: VirtualAddress, cost?: IpvsCost): VirtualServer | undefined {
    if (cost !== undefined) cost.lookups++;
    for (const service of this.#table.get(bucketOf(protocol, ip, port)) ?? []) {
      if (cost !== undefined) cost.comparisons++;
      if (service.ip === ip && service.port === port && service.protocol === protocol) return service;
    }
    return undefined;
  }

  /** `ipvsadm -A`. Undefined when the address is taken or the scheduler does not exist. */
  addService(address: VirtualAddress, settings: ServiceSettings): VirtualServer | undefined {
    const scheduler = newScheduler(settings.scheduler);
    if (scheduler === undefined || this.service(address) !== undefined) return undefined;
    const { protocol, ip, port } = address;
    const service: VirtualServer = {
      protocol,
      ip,
      port,
      schedulerName: settings.scheduler,
      scheduler,
      persistentSeconds: settings.persistentSeconds ?? 0,
      flags: settings.flags ?? [],
      servers: [],
      stats: noStats(),
    };
    const bucket = bucketOf(protocol, ip, port);
    this.#table.set(bucket, [service, ...(this.#table.get(bucket) ?? [])]);
    return service;
  }

  /** `ipvsadm -E`. False when the scheduler does not exist. */
  editService(service: VirtualServer, settings: ServiceSettings): boolean {
    if (settings.scheduler !== service.schedulerName) {
      const scheduler = newScheduler(settings.scheduler);
      if (scheduler === undefined) return false;
      service.scheduler = scheduler;
      service.schedulerName = settings.scheduler;
      scheduler.changed?.(service);
    }
    service.persistentSeconds = settings.persistentSeconds ?? 0;
    service.flags = settings.flags ?? [];
    return true;
  }

  /** `ipvsadm -D`. Its connections go on until they end. */
  deleteService(service: VirtualServer): void {
    const bucket = bucketOf(service.protocol, service.ip, service.port);
    const rest = (this.#table.get(bucket) ?? []).filter((other) => other !== service);
    if (rest.length === 0) this.#table.delete(bucket);
    else this.#table.set(bucket, rest);
    for (const server of service.servers) server.available = false;
  }

  /** `ipvsadm -C`. */
  flush(): void {
    for (const service of [...this.services()]) this.deleteService(service);
  }

  /** `ipvsadm -a`: the new one is first in the list. Undefined when it is there already. */
  addServer(service: VirtualServer, ip: Ipv4, port: number, weight = 1, method: ForwardingMethod = 'masq'): RealServer | undefined {
    if (findServer(service, ip, port) !== undefined) return undefined;
    const server: RealServer = { ip, port, method, weight, active: 0, inactive: 0, available: true, stats: noStats() };
    service.servers.unshift(server);
    service.scheduler.changed?.(service);
    return server;
  }

  /** `ipvsadm -e`. */
  editServer(service: VirtualServer, server: RealServer, weight: number, method: ForwardingMethod = server.method): void {
    server.weight = weight;
    server.method = method;
    service.scheduler.changed?.(service);
  }

  /** `ipvsadm -d`. */
  deleteServer(service: VirtualServer, server: RealServer): void {
    const index = service.servers.indexOf(server);
    if (index < 0) return;
    server.available = false;
    service.servers.splice(index, 1);
    service.scheduler.changed?.(service, { server, index });
  }

  /** A packet at LOCAL_IN. Undefined: not for a virtual server; the packet goes its way. Adds its work to `cost`. */
  in(packet: IpvsPacket, cost: IpvsCost = { lookups: 0, comparisons: 0, servers: 0 }): IpvsDecision | undefined {
    const now = this.#clock.now;
    if (this.isEmpty && this.connections.size === 0) return undefined;
    this.connections.expire(now);
    const known = this.#connectionOf(packet, cost);
    if (known !== undefined) {
      if (!known.server.available) {
        if (this.sysctls.expire_nodest_conn !== 0) this.connections.remove(known);
        return { verdict: 'drop', service: known.service, cost };
      }
      return this.#forward(known, packet, false, cost);
    }
    const { protocol, destination: ip, destinationPort: port } = packet;
    // Only a SYN opens a connection; strays of unknown connections are left to others.
    if (protocol === 'tcp' && !(packet.flags?.syn && !packet.flags.ack)) return undefined;
    const service = this.service({ protocol, ip, port }, cost);
    if (service === undefined) return undefined;
    const connection = this.#schedule(service, packet, cost);
    if (connection === undefined) return { verdict: 'unreachable', service, cost };
    return this.#forward(connection, packet, true, cost);
  }

  /** An answer at FORWARD or LOCAL_OUT: the connection whose virtual address becomes its source; undefined: none of IPVS. */
  out(packet: IpvsPacket): IpvsConnection | undefined {
    if (this.connections.size === 0) return undefined;
    const { protocol, source, sourcePort, destination, destinationPort } = packet;
    const fits = ({ server, template }: IpvsConnection) =>
      !template && server.ip === source && server.port === sourcePort && server.method === 'masq';
    const found = this.connections.find(protocol, destination, destinationPort, fits, { comparisons: 0 });
    if (found === undefined) return undefined;
    if (protocol === 'tcp') this.connections.setState(found, nextTcpState(found.state, packet.flags ?? {}, 'output'));
    this.connections.touch(found, this.#clock.now);
    for (const { stats } of [found.server, found.service]) {
      stats.outPackets++;
      stats.outBytes += packet.bytes ?? 0;
    }
    return found;
  }

  #connectionOf(packet: IpvsPacket, cost: IpvsCost): IpvsConnection | undefined {
    const { protocol, source, sourcePort, destination, destinationPort, flags } = packet;
    cost.lookups++;
    const fits = ({ virtualIp, virtualPort, template }: IpvsConnection) =>
      !template && virtualIp === destination && virtualPort === destinationPort;
    const known = this.connections.find(protocol, source, sourcePort, fits, cost);
    if (known === undefined || !flags?.syn || this.sysctls.conn_reuse_mode === 0) return known;
    // The client has come round to the same port: the old connection is over.
    if (known.state !== 'TIME_WAIT' && known.state !== 'FIN_WAIT' && known.state !== 'CLOSE') return known;
    this.connections.remove(known);
    return undefined;
  }

  #schedule(service: VirtualServer, packet: IpvsPacket, cost: IpvsCost): IpvsConnection | undefined {
    const { protocol, source: client, sourcePort: clientPort } = packet;
    const { ip: virtualIp, port: virtualPort, persistentSeconds } = service;
    const shape = { protocol, client, virtualIp, virtualPort, service, children: 0, next: undefined, dueSecond: 0, inactive: true };
    const template = persistentSeconds > 0 ? this.#templateOf(service, client, cost) : undefined;
    const server = template?.server ?? this.#choose(service, packet, cost);
    if (server === undefined) return undefined;
    const now = this.#clock.now;
    let parent = template;
    if (persistentSeconds > 0 && parent === undefined) {
      parent = {
        ...shape,
        clientPort: 0,
        server,
        template: true,
        parent: undefined,
        state: 'NONE',
        expiresAt: now + persistentSeconds * 1000,
      };
      this.connections.add(parent, now);
    }
    if (parent !== undefined) this.connections.touch(parent, now);
    const state = protocol === 'udp' ? 'UDP' : 'NONE';
    const connection: IpvsConnection = { ...shape, clientPort, server, template: false, parent, state, expiresAt: now };
    this.connections.touch(connection, now);
    this.connections.add(connection, now);
    for (const { stats } of [server, service]) stats.connections++;
    return connection;
  }

  #choose(service: VirtualServer, { source, sourcePort, destination }: IpvsPacket, cost: IpvsCost): RealServer | undefined {
    return service.scheduler.choose(service, { source, sourcePort, destination, now: this.#clock.now }, cost);
  }

  #templateOf(service: VirtualServer, client: Ipv4, cost: IpvsCost): IpvsConnection | undefined {
    cost.lookups++;
    const template = this.connections.find(service.protocol, client, 0, (entry) => entry.template && entry.service === service, cost);
    if (template === undefined) return undefined;
    const { server } = template;
    if (server.available && (server.weight > 0 || this.sysctls.expire_quiescent_template === 0)) return template;
    this.connections.remove(template);
    return undefined;
  }

  #forward(connection: IpvsConnection, packet: IpvsPacket, isNew: boolean, cost: IpvsCost): IpvsDecision {
    const { server, service } = connection;
    const { method } = server;
    if (packet.protocol !== 'udp') {
      const direction = method === 'masq' ? 'input' : 'input-only';
      this.connections.setState(connection, nextTcpState(connection.state, packet.flags ?? {}, direction));
    }
    this.connections.touch(connection, this.#clock.now);
    for (const { stats } of [server, service]) {
      stats.inPackets++;
      stats.inBytes += packet.bytes ?? 0;
    }
    return { verdict: 'forward', realServer: server, method, connection, isNew, scheduler: service.schedulerName, cost };
  }
}

/** A real server of a virtual one. */
export const findServer = ({ servers }: VirtualServer, ip: Ipv4, port: number): RealServer | undefined =>
  servers.find((server) => server.ip === ip && server.port === port);

/** `ip_vs_svc_hashkey`. */
function bucketOf(protocol: IpvsProtocol, ip: Ipv4, port: number): number {
  return (protocolNumber(protocol) ^ ip ^ (port >> 8) ^ port) & (SERVICE_TABLE_SIZE - 1);
}
