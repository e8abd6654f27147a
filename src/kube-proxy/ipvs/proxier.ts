/**
 * Mode ipvs: a virtual server for every address and port, real servers for the endpoints, sets for the few iptables
 * rules (`pkg/proxy/ipvs/proxier.go`).
 */
// Differs: changes of one Service port touch only its own servers and set members; upstream lists and compares all of them at every sync.
import { findServer } from '../../linux/ipvs/ipvs.ts';
import type { RealServer, VirtualServer } from '../../linux/ipvs/types.ts';
import { contains, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import type { RuleWriter, RuleWriterOptions } from '../rule-writer.ts';
import { type Desired, type DesiredServer, desiredOf, type IpvsNode } from './desired.ts';
import { GracefulTermination } from './graceful.ts';
import { createLine, IP_SET_NAMES, type IpSetName } from './ip-sets.ts';
import { IPVS_CHAINS, IPVS_JUMPS, ipvsIptablesText } from './iptables-rules.ts';
import type { IpvsTools } from './tools.ts';

const NOTHING: Desired = { members: [], servers: [] };
/** What kube-proxy sets at its start. */
const SYSCTLS: readonly (readonly [string, string])[] = [
  ['net/ipv4/vs/conntrack', '1'],
  ['net/ipv4/vs/conn_reuse_mode', '0'],
  ['net/ipv4/vs/expire_nodest_conn', '1'],
  ['net/ipv4/vs/expire_quiescent_template', '1'],
  ['net/ipv4/ip_forward', '1'],
];

/** A change of set members, collected into one run of ipset. */
interface Changes {
  readonly lines: string[];
  readonly bind: Set<string>;
  readonly unbind: Set<string>;
}

/** Writes virtual servers, sets and rules of one node. */
export class IpvsProxier implements RuleWriter {
  readonly #options: RuleWriterOptions;
  readonly #tools: IpvsTools;
  readonly #graceful: GracefulTermination;
  readonly #mark: string;
  readonly #applied = new Map<string, Desired>();
  /** Set → member → Service ports that need it: endpoints of several Services may be one pod. */
  readonly #members = new Map<IpSetName, Map<string, number>>();
  /** Address on kube-ipvs0 → virtual servers that need it. */
  readonly #bound = new Map<string, number>();
  #emptiness = '';
  #started = false;

  constructor(options: RuleWriterOptions, tools: IpvsTools, scope: TaskScope) {
    this.#options = options;
    this.#tools = tools;
    this.#graceful = new GracefulTermination(tools.ipvs, scope);
    this.#mark = `0x${(2 ** options.config.masqueradeBit).toString(16).padStart(6, '0')}`;
    const { node, config } = options;
    for (const [key, value] of SYSCTLS) node.setSysctl(key, value);
    Object.assign(tools.ipvs.sysctls, { conntrack: 1, conn_reuse_mode: 0, expire_nodest_conn: 1, expire_quiescent_template: 1 });
    if (config.ipvs.strictARP) {
      node.setSysctl('net/ipv4/conf/all/arp_ignore', '1');
      node.setSysctl('net/ipv4/conf/all/arp_announce', '2');
    }
    const { tcpTimeoutSeconds, tcpFinTimeoutSeconds, udpTimeoutSeconds } = config.ipvs;
    Object.assign(tools.ipvs.connections.timeouts, { tcp: tcpTimeoutSeconds, tcpFin: tcpFinTimeoutSeconds, udp: udpTimeoutSeconds });
  }

  write(changed: ReadonlySet<string> | undefined): void {
    const changes: Changes = { lines: [], bind: new Set(), unbind: new Set() };
    const { entries } = this.#options.model;
    if (!this.#started) this.#begin(changes);
    const node = this.#node();
    for (const name of changed ?? new Set([...entries.keys(), ...this.#applied.keys()])) {
      const entry = entries.get(name);
      this.#apply(name, entry === undefined ? NOTHING : desiredOf(entry, node), changes);
    }
    this.#flush(changes);
    if (!this.#started) this.#removeForeign();
    this.#started = true;
    if (changed === undefined) this.#emptiness = '';
    this.#writeIptables();
  }

  isIntact(): boolean {
    const { device, iptables } = this.#tools;
    return device.exists && iptables.hasChain('nat', 'KUBE-LOAD-BALANCER');
  }

  stop(): void {
    this.#graceful.stop();
  }

  #node(): IpvsNode {
    const { node, model, config } = this.#options;
    const own = node.addresses().filter((ip) => !this.#bound.has(ip));
    const cidrs = config.nodePortAddresses.map(parseCidr);
    const accepted = (ip: string) => cidrs.length === 0 || cidrs.some((cidr) => cidr !== undefined && contains(cidr, parseIpv4(ip) ?? 0));
    return { name: node.name, zone: model.zoneOf(node.name), ip: node.ip, nodePortIps: own.filter(accepted) };
  }

  /** Nothing is known of what a process before this one has left: sets begin empty, and addresses are taken over. */
  #begin({ lines, unbind }: Changes): void {
    this.#tools.device.ensure();
    for (const name of IP_SET_NAMES) lines.push(createLine(name), `flush ${name}\n`);
    for (const ip of this.#tools.device.addresses()) unbind.add(ip);
  }

  #apply(name: string, next: Desired, changes: Changes): void {
    const before = this.#applied.get(name) ?? NOTHING;
    // New ones first: what both need then never goes away.
    for (const [set, member] of next.members) this.#count(set, member, 1, changes);
    for (const server of next.servers) {
      if (server.bind) this.#bind(server.ip, 1, changes);
      this.#serve(server);
    }
    for (const [set, member] of before.members) this.#count(set, member, -1, changes);
    const kept = new Set(next.servers.map(({ key }) => key));
    for (const server of before.servers) {
      if (server.bind) this.#bind(server.ip, -1, changes);
      if (!kept.has(server.key)) this.#unserve(server);
    }
    if (next === NOTHING) this.#applied.delete(name);
    else this.#applied.set(name, next);
  }

  #serve(desired: DesiredServer): void {
    const { ipvs } = this.#tools;
    const scheduler = this.#options.config.ipvs.scheduler;
    const { persistentSeconds, endpoints } = desired;
    const address = addressOf(desired);
    let service = ipvs.service(address);
    // kube-proxy sets the flag that makes mh look at ports too.
    const settings = { scheduler, persistentSeconds, flags: scheduler === 'mh' ? (['flag-2'] as const) : [] };
    if (service === undefined) {
      service = ipvs.addService(address, settings);
      if (service === undefined) throw new Error(`IPVS scheduler ${scheduler} is not there: No such file or directory`);
    } else if (service.schedulerName !== scheduler || service.persistentSeconds !== persistentSeconds) ipvs.editService(service, settings);
    const wanted = new Set<RealServer>();
    for (const { ip, port } of endpoints) {
      const server = this.#addServer(service, parseIpv4(ip) ?? 0, port);
      if (server !== undefined) wanted.add(server);
    }
    for (const server of [...service.servers]) if (!wanted.has(server)) this.#graceful.end(service, server);
  }

  #addServer(service: VirtualServer, ip: number, port: number): RealServer | undefined {
    const { ipvs } = this.#tools;
    const known = findServer(service, ip, port);
    if (known !== undefined && this.#graceful.isEnding(service, known)) this.#graceful.delete(service, known);
    else if (known !== undefined) {
      if (known.weight !== 1) ipvs.editServer(service, known, 1);
      return known;
    }
    return ipvs.addServer(service, ip, port, 1, 'masq');
  }

  #unserve(server: DesiredServer): void {
    const { ipvs } = this.#tools;
    const service = ipvs.service(addressOf(server));
    if (service !== undefined) ipvs.deleteService(service);
  }

  #count(set: IpSetName, member: string, by: 1 | -1, { lines }: Changes): void {
    let members = this.#members.get(set);
    if (members === undefined) this.#members.set(set, (members = new Map()));
    const before = members.get(member) ?? 0;
    const after = before + by;
    if (after === 0) members.delete(member);
    else members.set(member, after);
    if (before === 0) lines.push(`add ${set} ${member}\n`);
    else if (after === 0) lines.push(`del ${set} ${member}\n`);
  }

  #bind(ip: string, by: 1 | -1, changes: Changes): void {
    const before = this.#bound.get(ip) ?? 0;
    const after = before + by;
    if (after === 0) this.#bound.delete(ip);
    else this.#bound.set(ip, after);
    if (before === 0 || after === 0) this.#count('KUBE-IPVS-IPS', ip, by, changes);
    if (before === 0 && !changes.unbind.delete(ip)) changes.bind.add(ip);
    if (after === 0 && !changes.bind.delete(ip)) changes.unbind.add(ip);
  }

  #flush({ lines, bind, unbind }: Changes): void {
    const { ipset, device } = this.#tools;
    if (lines.length > 0) ipset.restore(lines.join(''));
    if (unbind.size > 0) device.remove([...unbind]);
    if (bind.size > 0) device.add([...bind]);
  }

  /** Virtual servers that nobody asked for, of a process before this one; those in excluded networks are others'. */
  #removeForeign(): void {
    const { ipvs } = this.#tools;
    const excluded = this.#options.config.ipvs.excludeCIDRs.map(parseCidr);
    const wanted = new Set([...this.#applied.values()].flatMap(({ servers }) => servers.map((server) => ipvs.service(addressOf(server)))));
    for (const service of [...ipvs.services()]) {
      if (!wanted.has(service) && !excluded.some((cidr) => cidr !== undefined && contains(cidr, service.ip))) ipvs.deleteService(service);
    }
  }

  /** The rules depend only on which sets have members. */
  #writeIptables(): void {
    const has = (set: IpSetName) => (this.#members.get(set)?.size ?? 0) > 0;
    const emptiness = IP_SET_NAMES.map((set) => (has(set) ? '1' : '0')).join('');
    if (emptiness === this.#emptiness) return;
    const { iptables } = this.#tools;
    for (const table of ['nat', 'filter'] as const) for (const chain of IPVS_CHAINS[table]) iptables.ensureChain(table, chain);
    for (const { table, from, to, comment } of IPVS_JUMPS) {
      iptables.ensureRule('prepend', table, from, `-m comment --comment "${comment}" -j ${to}`);
    }
    iptables.restore(ipvsIptablesText(has, this.#options.config, this.#mark));
    this.#emptiness = emptiness;
  }
}

const addressOf = ({ protocol, ip, port }: DesiredServer) => ({ protocol, ip: parseIpv4(ip) ?? 0, port });
