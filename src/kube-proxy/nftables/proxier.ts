/**
 * Mode nftables: one table with verdict maps, so that a packet finds its Service by one look-up
 * (`pkg/proxy/nftables/proxier.go`, syncProxyRules). A partial sync writes only what changed.
 */
// Differs: stale chains are deleted at once; upstream waits a second, because kernels before 6.2 notice late that nothing leads to them.
import { contains, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { RuleWriter, RuleWriterOptions } from '../rule-writer.ts';
import type { SharedViews, ViewNode } from '../shared-views.ts';
import { baseRules, TABLE } from './base-rules.ts';
import type { NftMember, NftServiceRules, NftSettings } from './service-rules.ts';

/** The nft command of one node. */
export interface NftTool {
  /** `nft -f -`: all or nothing. Throws an Error when the kernel refuses. */
  run(script: string): void;
  hasTable(name: string): boolean;
  /** Names of a table's chains, and of its sets. */
  chains(table: string): Iterable<string>;
  sets(table: string): Iterable<string>;
}

const NOTHING: NftServiceRules = { chains: [], sets: [], declarations: '', rules: '', members: [] };

/** Commands in the order in which they may run: what leads somewhere comes after it, and goes before it. */
interface Script {
  readonly removals: string[];
  readonly declarations: string[];
  readonly rules: string[];
  readonly additions: string[];
  readonly deletions: string[];
}

/** Writes the table of one node. */
export class NftablesProxier implements RuleWriter {
  readonly #options: RuleWriterOptions;
  readonly #nft: NftTool;
  readonly #shared: SharedViews<NftSettings, NftServiceRules>;
  readonly #applied = new Map<string, NftServiceRules>();
  /** Cluster address → Service ports that have it. */
  readonly #clusterIps = new Map<string, number>();

  constructor(options: RuleWriterOptions, nft: NftTool, shared: SharedViews<NftSettings, NftServiceRules>) {
    this.#options = options;
    this.#nft = nft;
    this.#shared = shared;
  }

  write(changed: ReadonlySet<string> | undefined): void {
    const { model, config, node } = this.#options;
    const script: Script = { removals: [], declarations: [], rules: [], additions: [], deletions: [] };
    let base = '';
    if (changed === undefined) {
      const mark = `0x${(2 ** config.masqueradeBit).toString(16).padStart(6, '0')}`;
      base = baseRules({ mark, nodePortIps: this.#nodePortIps() });
      this.#applied.clear();
      this.#clusterIps.clear();
    }
    const rulesOf = this.#shared.under({ clusterCIDR: config.clusterCIDR, masqueradeAll: config.masqueradeAll });
    const place: ViewNode = { name: node.name, ip: node.ip, zone: model.zoneOf(node.name) };
    for (const name of changed ?? model.entries.keys()) {
      const entry = model.entries.get(name);
      this.#apply(name, entry === undefined ? NOTHING : rulesOf(entry, place), script);
    }
    if (changed === undefined) this.#removeStale(script);
    const text = [base, ...Object.values(script as unknown as Record<string, string[]>).map((lines) => lines.join(''))].join('');
    if (text !== '') this.#nft.run(text);
  }

  isIntact(): boolean {
    return this.#nft.hasTable(TABLE);
  }

  #apply(name: string, next: NftServiceRules, script: Script): void {
    const before = this.#applied.get(name) ?? NOTHING;
    if (next === before) return;
    const kept = new Map(next.members.map((member) => [keyOf(member), member]));
    const known = new Map(before.members.map((member) => [keyOf(member), member]));
    for (const [key, member] of known) {
      const other = kept.get(key);
      if (other?.verdict === member.verdict && other.comment === member.comment) continue;
      if (member.container !== 'cluster-ips' || this.#released(member.key)) script.removals.push(elementLine('delete', member));
    }
    script.declarations.push(next.declarations);
    script.rules.push(next.rules);
    for (const [key, member] of kept) {
      const other = known.get(key);
      if (other?.verdict === member.verdict && other.comment === member.comment) continue;
      if (member.container !== 'cluster-ips' || this.#taken(member.key)) script.additions.push(elementLine('add', member));
    }
    const stale = before.chains.filter((chain) => !next.chains.includes(chain));
    for (const chain of stale) script.declarations.push(`flush chain ${TABLE} ${chain}\n`);
    for (const chain of stale) script.deletions.push(`delete chain ${TABLE} ${chain}\n`);
    for (const set of before.sets) if (!next.sets.includes(set)) script.deletions.push(`delete set ${TABLE} ${set}\n`);
    if (next === NOTHING) this.#applied.delete(name);
    else this.#applied.set(name, next);
  }

  /** Chains and affinity sets that the table has and nobody needs, of a process before this one or of an hour ago. */
  #removeStale({ declarations, deletions }: Script): void {
    const active = new Set<string>();
    for (const { chains, sets } of this.#applied.values()) for (const name of [...chains, ...sets]) active.add(name);
    for (const chain of this.#nft.chains(TABLE)) {
      if (!chain.includes('/') || active.has(chain)) continue;
      declarations.push(`flush chain ${TABLE} ${chain}\n`);
      deletions.push(`delete chain ${TABLE} ${chain}\n`);
    }
    for (const set of this.#nft.sets(TABLE)) {
      if (set.startsWith('affinity-') && !active.has(set)) deletions.push(`delete set ${TABLE} ${set}\n`);
    }
  }

  /** Whether the first Service port takes the cluster address. */
  #taken(ip: string): boolean {
    const count = (this.#clusterIps.get(ip) ?? 0) + 1;
    this.#clusterIps.set(ip, count);
    return count === 1;
  }

  /** Whether the last one has given it up. */
  #released(ip: string): boolean {
    const count = (this.#clusterIps.get(ip) ?? 0) - 1;
    if (count > 0) this.#clusterIps.set(ip, count);
    else this.#clusterIps.delete(ip);
    return count <= 0;
  }

  #nodePortIps(): readonly string[] | undefined {
    const { config, node } = this.#options;
    if (config.nodePortAddresses.length === 0) return undefined;
    const cidrs = config.nodePortAddresses.map(parseCidr);
    return node.addresses().filter((ip) => cidrs.some((cidr) => cidr !== undefined && contains(cidr, parseIpv4(ip) ?? 0)));
  }
}

const keyOf = ({ container, key }: NftMember): string => `${container} ${key}`;

function elementLine(action: 'add' | 'delete', { container, key, verdict, comment }: NftMember): string {
  const note = comment === '' ? '' : ` comment "${comment}"`;
  const value = verdict === '' || action === 'delete' ? '' : ` : ${verdict}`;
  return `${action} element ${TABLE} ${container} { ${key}${action === 'add' ? note : ''}${value} }\n`;
}

/** Removes all that the mode has made (`CleanupLeftovers`). */
export function cleanUpNftables(nft: NftTool): void {
  if (nft.hasTable(TABLE)) nft.run(`delete table ${TABLE}\n`);
}
