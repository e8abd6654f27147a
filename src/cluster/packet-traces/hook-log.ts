/**
 * What happens to a packet at one hook, as it is told: rules of all tables in the kernel's order, look-ups, the
 * connection that it belongs to. Long runs of rules that do not match are counted, not kept.
 */
import type { PacketTraceHop, PacketTraceRule, TracedConnection } from '../../api/kubarium/packet-trace.ts';
import type { ConntrackEntry, ConntrackState, Tuple } from '../../linux/conntrack/entry.ts';
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import type { NetfilterRecorder, NftComparison, TableName, VirtualServerLookup } from '../../linux/netfilter/recorder.ts';
import type { Rule } from '../../linux/netfilter/rule.ts';
import { commentOf, ownerOf, ownerOfChain } from './owners.ts';

/** How IPVS answered, with what it cost. */
export type IpvsHop = Pick<PacketTraceHop, 'ipvs' | 'comparisons' | 'lookups' | 'message'>;

/** Collects for one hook after the other: `take` ends one. */
export class HookLog implements NetfilterRecorder {
  #rules: PacketTraceRule[] = [];
  /** The last failed rule of a run, for when the run stays one long. */
  #failed: Rule | undefined;
  #comparisons = 0;
  #lookups = 0;
  #state: ConntrackState | undefined;
  #entry: ConntrackEntry | undefined;
  #bound = new Set<'source' | 'destination'>();
  #tookFromTable = false;
  /** What IPVS did; told when the packet has not been rewritten yet. */
  onVirtualServer: ((hop: IpvsHop) => void) | undefined;

  ruleCompared(table: TableName, chain: string, number: number, rule: Rule, matched: boolean): void {
    this.#comparisons++;
    if (!matched) return this.#fail(table, chain, number, rule);
    this.#closeRun();
    const owner = ownerOf(commentOf(rule.text));
    this.#rules.push({ table, chain, number, text: rule.text.trimStart(), matched, ...(owner && { owner }) });
  }

  #fail(table: TableName, chain: string, number: number, rule: Rule): void {
    const last = this.#rules.at(-1);
    if (last?.skipped !== undefined && last.table === table && last.chain === chain && last.number + last.skipped === number) {
      last.skipped++;
      return;
    }
    this.#closeRun();
    this.#failed = rule;
    this.#rules.push({ table, chain, number, skipped: 1, matched: false });
  }

  /** A run of one rule is that rule. */
  #closeRun(): void {
    const last = this.#rules.at(-1);
    const rule = this.#failed;
    this.#failed = undefined;
    if (rule === undefined || last?.skipped !== 1) return;
    const owner = ownerOf(commentOf(rule.text));
    const { table, chain, number } = last;
    this.#rules[this.#rules.length - 1] = { table, chain, number, text: rule.text.trimStart(), matched: false, ...(owner && { owner }) };
  }

  targetTaken(table: TableName, chain: string, number: number, _rule: Rule | undefined, action: string): void {
    if (number === 0) {
      this.#closeRun();
      this.#rules.push({ table, chain, number, matched: true, target: `policy ${action}` });
      return;
    }
    const rule = this.#rules.at(-1);
    if (rule?.matched && rule.number === number && rule.chain === chain && action !== '') rule.target = action;
  }

  conntrackFound(state: ConntrackState, entry: ConntrackEntry | undefined): void {
    this.#state = state;
    this.#entry = entry;
    this.#tookFromTable = true;
  }

  natBound(kind: 'source' | 'destination', entry: ConntrackEntry): void {
    this.#entry = entry;
    this.#bound.add(kind);
  }

  setLookedUp(): void {
    this.#lookups++;
  }

  nftRuleCompared({ table, chain, number, text, comment, matched, verdict, lookups }: NftComparison): void {
    this.#closeRun();
    this.#comparisons++;
    this.#lookups += lookups;
    const chained = /^(?:jump|goto) (\S+)$/.exec(verdict)?.[1];
    const owner = ownerOf(comment) ?? ownerOfChain(chained ?? '') ?? ownerOfChain(chain);
    this.#rules.push({ table, chain, number, text, matched, ...(verdict !== '' && { target: verdict }), ...(owner && { owner }) });
  }

  virtualServerLookedUp({ service, scheduler, servers, chosen, known, lookups, comparisons }: VirtualServerLookup): void {
    const cost = { comparisons, lookups };
    if (service === undefined) return this.onVirtualServer?.({ message: 'no virtual server has this address', comparisons, lookups });
    const rest = servers.filter((server) => server !== chosen);
    const ipvs = { service, scheduler, servers: chosen === undefined ? rest : [chosen, ...rest], ...(chosen !== undefined && { chosen }) };
    const how = known ? 'the connection is known' : `${scheduler} chooses among ${servers.length}`;
    const message = chosen === undefined ? `${service} has no real server` : `${service}: ${how}: ${chosen}`;
    this.onVirtualServer?.({ message, ipvs, ...cost });
  }

  /** Rules compared since the last `take`. */
  get rules(): readonly PacketTraceRule[] {
    return this.#rules;
  }

  /** What was told since the last time; the parts of a hop that a hook has. */
  take(): Pick<PacketTraceHop, 'rules' | 'conntrack' | 'comparisons' | 'lookups'> {
    this.#closeRun();
    const conntrack = this.#connection();
    const taken = {
      ...(this.#rules.length > 0 && { rules: this.#rules }),
      ...(conntrack && { conntrack }),
      ...(this.#comparisons > 0 && { comparisons: this.#comparisons }),
      ...(this.#lookups > 0 && { lookups: this.#lookups }),
    };
    this.#rules = [];
    this.#comparisons = 0;
    this.#lookups = 0;
    this.#bound = new Set();
    this.#tookFromTable = false;
    return taken;
  }

  #connection(): TracedConnection | undefined {
    const entry = this.#entry;
    const state = this.#state;
    if (state === undefined || (!this.#tookFromTable && this.#bound.size === 0)) return undefined;
    if (entry === undefined) return { state };
    return { state, original: tupleText(entry.original), reply: tupleText(entry.reply), ...bindingsOf(entry) };
  }
}

/** From the tuples alone: IPVS translates without marking the connection as translated. */
function bindingsOf({ original, reply }: ConntrackEntry): { bindings?: string[] } {
  const bindings: string[] = [];
  const [to, answeredBy] = [end(original, 'destination'), end(reply, 'source')];
  const [from, answeredTo] = [end(original, 'source'), end(reply, 'destination')];
  if (to !== answeredBy) bindings.push(`DNAT ${to} → ${answeredBy}`);
  if (from !== answeredTo) bindings.push(`SNAT ${from} → ${answeredTo}`);
  return bindings.length > 0 ? { bindings } : {};
}

function end(tuple: Tuple, which: 'source' | 'destination'): string {
  const ip = formatIpv4(which === 'source' ? tuple.source : tuple.destination);
  if (tuple.protocol === 'ICMP') return ip;
  const port = which === 'source' ? tuple.sourcePort : tuple.destinationPort;
  return `${ip}:${port}`;
}

const tupleText = (tuple: Tuple): string => `${end(tuple, 'source')} → ${end(tuple, 'destination')}`;
