/**
 * Mode iptables: all Services as rules of the tables nat and filter (`pkg/proxy/iptables/proxier.go`, syncProxyRules).
 * A full sync writes everything and deletes chains that nobody needs; a partial one writes what changed.
 */
// Differs: a partial sync leaves out shared chains (KUBE-SERVICES …) whose rules stay the same; upstream writes them again, which sets their counters to zero.
import { contains, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { IptablesTool } from '../iptables-tool.ts';
import type { RuleWriter, RuleWriterOptions } from '../rule-writer.ts';
import type { SharedViews, ViewNode } from '../shared-views.ts';
import { isServiceChain } from './chain-names.ts';
import { CANARY, CANARY_TABLES, ensureJumps, forwardRules, masqueradeMark, masqueradeRules, nodePortJump } from './fixed-rules.ts';
import type { RuleSettings, ServiceRules } from './service-rules.ts';

/** Above so many endpoints comments are left out and chains are cleaned seldom (`largeClusterEndpointsThreshold`). */
const LARGE_CLUSTER_ENDPOINTS = 1000;

/** The parts of a Service port's rules that go into a chain that all share. */
type SharedPart = Exclude<keyof ServiceRules, 'chains' | 'chainRules'>;

/** Where those parts go. */
const SHARED_CHAINS: readonly { readonly part: SharedPart; readonly table: 'filter' | 'nat'; readonly chain: string }[] = [
  { part: 'filterServices', table: 'filter', chain: 'KUBE-SERVICES' },
  { part: 'filterExternal', table: 'filter', chain: 'KUBE-EXTERNAL-SERVICES' },
  { part: 'filterNodePorts', table: 'filter', chain: 'KUBE-NODEPORTS' },
  { part: 'filterFirewall', table: 'filter', chain: 'KUBE-PROXY-FIREWALL' },
  { part: 'natServices', table: 'nat', chain: 'KUBE-SERVICES' },
  { part: 'natNodePorts', table: 'nat', chain: 'KUBE-NODEPORTS' },
];

const NO_RULES: ServiceRules = {
  chains: [],
  chainRules: '',
  natServices: '',
  natNodePorts: '',
  filterServices: '',
  filterExternal: '',
  filterNodePorts: '',
  filterFirewall: '',
};

/** Both halves of what iptables-restore reads, while it is put together. */
interface RestoreInput {
  readonly filterChains: string[];
  readonly filterRules: string[];
  readonly natChains: string[];
  readonly natRules: string[];
}

const chainLine = (chain: string): string => `:${chain} - [0:0]\n`;

/** Writes the rules of one node. */
export class IptablesProxier implements RuleWriter {
  readonly #options: RuleWriterOptions;
  readonly #iptables: IptablesTool;
  readonly #shared: SharedViews<RuleSettings, ServiceRules>;
  readonly #mark: string;
  readonly #localhostNodePorts: boolean;
  /** What the kernel has, by Service port. */
  #applied = new Map<string, ServiceRules>();

  constructor(options: RuleWriterOptions, iptables: IptablesTool, shared: SharedViews<RuleSettings, ServiceRules>) {
    const { config } = options;
    this.#options = options;
    this.#iptables = iptables;
    this.#shared = shared;
    this.#mark = masqueradeMark(config);
    this.#localhostNodePorts = config.localhostNodePorts && this.#acceptsNodePorts('127.0.0.1');
    if (this.#localhostNodePorts) options.node.setSysctl('net/ipv4/conf/all/route_localnet', '1');
  }

  write(changed: ReadonlySet<string> | undefined): void {
    if (changed === undefined) this.#writeAll();
    else this.#writeChanges(changed);
  }

  isIntact(): boolean {
    return CANARY_TABLES.every((table) => this.#iptables.hasChain(table, CANARY));
  }

  get #settings(): RuleSettings {
    const { config, model } = this.#options;
    const { clusterCIDR, masqueradeAll } = config;
    return { clusterCIDR, masqueradeAll, largeCluster: model.endpointCount > LARGE_CLUSTER_ENDPOINTS };
  }

  get #node(): ViewNode {
    const { node, model } = this.#options;
    return { name: node.name, ip: node.ip, zone: model.zoneOf(node.name) };
  }

  #writeAll(): void {
    ensureJumps(this.#iptables, this.#localhostNodePorts);
    const rulesOf = this.#shared.under(this.#settings);
    const node = this.#node;
    const input: RestoreInput = { filterChains: [], filterRules: [], natChains: [], natRules: [] };
    const applied = new Map<string, ServiceRules>();
    for (const [name, entry] of this.#options.model.entries) applied.set(name, rulesOf(entry, node));
    for (const shared of SHARED_CHAINS) this.#addShared(input, shared, applied);
    input.filterChains.push(chainLine('KUBE-FORWARD'));
    input.filterRules.push(forwardRules(this.#mark));
    input.natChains.push(chainLine('KUBE-POSTROUTING'), chainLine('KUBE-MARK-MASQ'));
    input.natRules.push(masqueradeRules(this.#mark));
    const active = new Set<string>();
    for (const rules of applied.values()) {
      addOwnChains(input, rules);
      for (const chain of rules.chains) active.add(chain);
    }
    const stale = [...this.#iptables.chains('nat')].filter((chain) => isServiceChain(chain) && !active.has(chain));
    removeChains(input, stale);
    this.#restore(input);
    this.#applied = applied;
  }

  #writeChanges(changed: ReadonlySet<string>): void {
    const rulesOf = this.#shared.under(this.#settings);
    const node = this.#node;
    const { entries } = this.#options.model;
    const input: RestoreInput = { filterChains: [], filterRules: [], natChains: [], natRules: [] };
    const dirty = new Set<SharedPart>();
    const next = new Map<string, ServiceRules>();
    for (const name of changed) {
      const entry = entries.get(name);
      const before = this.#applied.get(name) ?? NO_RULES;
      const rules = entry === undefined ? NO_RULES : rulesOf(entry, node);
      if (rules === before) continue;
      next.set(name, rules);
      for (const { part } of SHARED_CHAINS) if (rules[part] !== before[part]) dirty.add(part);
      addOwnChains(input, rules);
      removeChains(
        input,
        before.chains.filter((chain) => !rules.chains.includes(chain)),
      );
    }
    if (next.size === 0) return;
    for (const [name, rules] of next) {
      if (entries.has(name)) this.#applied.set(name, rules);
      else this.#applied.delete(name);
    }
    for (const shared of SHARED_CHAINS) if (dirty.has(shared.part)) this.#addShared(input, shared, this.#applied);
    this.#restore(input);
  }

  /** A whole chain that all Services share, in the model's order. */
  #addShared(
    input: RestoreInput,
    { part, table, chain }: (typeof SHARED_CHAINS)[number],
    applied: ReadonlyMap<string, ServiceRules>,
  ): void {
    const chains = table === 'filter' ? input.filterChains : input.natChains;
    const rules = table === 'filter' ? input.filterRules : input.natRules;
    chains.push(chainLine(chain));
    for (const name of this.#options.model.entries.keys()) {
      const text = applied.get(name)?.[part] ?? '';
      if (text !== '') rules.push(text);
    }
    if (part === 'natServices') rules.push(nodePortJump(this.#nodePortIps(), this.#localhostNodePorts));
  }

  #restore({ filterChains, filterRules, natChains, natRules }: RestoreInput): void {
    const parts = ['*filter\n', ...[filterChains, filterRules].map(join), 'COMMIT\n*nat\n', ...[natChains, natRules].map(join), 'COMMIT\n'];
    this.#iptables.restore(parts.join(''));
  }

  #acceptsNodePorts(ip: string): boolean {
    const { nodePortAddresses } = this.#options.config;
    const address = parseIpv4(ip) ?? 0;
    return (
      nodePortAddresses.length === 0 ||
      nodePortAddresses.some((text) => {
        const cidr = parseCidr(text);
        return cidr !== undefined && contains(cidr, address);
      })
    );
  }

  #nodePortIps(): readonly string[] | undefined {
    if (this.#options.config.nodePortAddresses.length === 0) return undefined;
    const own = this.#options.node.addresses().filter((ip) => this.#acceptsNodePorts(ip));
    return this.#localhostNodePorts ? [...own, '127.0.0.1'] : own;
  }
}

const join = (texts: readonly string[]): string => texts.join('');

function addOwnChains({ natChains, natRules }: RestoreInput, { chains, chainRules }: ServiceRules): void {
  for (const chain of chains) natChains.push(chainLine(chain));
  if (chainRules !== '') natRules.push(chainRules);
}

/** A chain line empties the chain; then it can be deleted. */
function removeChains({ natChains, natRules }: RestoreInput, chains: readonly string[]): void {
  for (const chain of chains) {
    natChains.push(chainLine(chain));
    natRules.push(`-X ${chain}\n`);
  }
}
