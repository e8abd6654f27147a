/**
 * A trace as the view reads it: steps grouped by place, rules nested by the chains they are in, what changed from one step to the next, and
 * what the comparison with other proxy modes adds up to. Pure functions over `PacketTrace.status`.
 */
import type { PacketTraceHop, PacketTraceRule, PacketTraceStatus, TracedPacket } from '../../api/kubarium/packet-trace.ts';

/** A run of steps in one place. */
export interface Leg {
  id: string;
  node: string;
  place: string;
  reply: boolean;
  /** Indices into the trace's steps. */
  steps: number[];
}

/** Steps grouped by machine and namespace, in order; the answer's way begins groups of its own. */
export function legsOf(hops: readonly PacketTraceHop[]): Leg[] {
  const legs: Leg[] = [];
  hops.forEach((hop, index) => {
    const last = legs.at(-1);
    const reply = hop.reply === true;
    if (last && last.node === hop.node && last.place === hop.place && last.reply === reply) last.steps.push(index);
    else legs.push({ id: `leg-${index}`, node: hop.node, place: hop.place, reply, steps: [index] });
  });
  return legs;
}

/** The four fields of a packet's address line, and the mark. */
export const ADDRESS_FIELDS = ['source', 'sourcePort', 'destination', 'destinationPort'] as const;

/** Which fields a step changed. */
export function changedFields({ packet, after }: PacketTraceHop): ReadonlySet<keyof TracedPacket> {
  const changed = new Set<keyof TracedPacket>();
  if (after === undefined) return changed;
  for (const field of [...ADDRESS_FIELDS, 'ttl', 'mark'] as const) if (packet[field] !== after[field]) changed.add(field);
  return changed;
}

/** "10.244.1.5:43120", or the address alone where there are no ports. */
export function endText(ip: string, port: number | undefined): string {
  return port === undefined ? ip : `${ip}:${port}`;
}

/** "UDP 192.168.0.11:42765 → 192.168.0.12:8472": the packet around another. */
export const outerText = ({ protocol, source, sourcePort, destination, destinationPort }: TracedPacket): string =>
  `${protocol} ${endText(source, sourcePort)} → ${endText(destination, destinationPort)}`;

/** A rule, or a run of rules that failed, with how deep its chain is below the built-in one. */
export interface NestedRule {
  rule: PacketTraceRule;
  depth: number;
}

/** The rules of one table at a hook. */
export interface TableOfRules {
  table: string;
  rules: NestedRule[];
}

/** Rules as they were compared, table by table; a chain is one deeper than the chain that jumped into it. */
export function nestedRules(rules: readonly PacketTraceRule[]): TableOfRules[] {
  const tables: TableOfRules[] = [];
  let depths = new Map<string, number>();
  for (const rule of rules) {
    let table = tables.at(-1);
    if (table?.table !== rule.table) {
      table = { table: rule.table, rules: [] };
      tables.push(table);
      depths = new Map([[rule.chain, 0]]);
    }
    const depth = depths.get(rule.chain) ?? 0;
    table.rules.push({ rule, depth });
    const chain = /^(?:jump|goto) (\S+)$/.exec(rule.target ?? '')?.[1];
    if (rule.matched && chain !== undefined) depths.set(chain, depth + 1);
  }
  return tables;
}

/** Costs of one way to translate the packet's address. */
export interface Cost {
  mode: string;
  comparisons: number;
  lookups: number;
}

/** The cluster's own mode first, then those it was compared with. */
export function costsOf(status: PacketTraceStatus): Cost[] {
  const own = { mode: status.proxyMode ?? '', comparisons: status.comparisons ?? 0, lookups: status.lookups ?? 0 };
  return [own, ...(status.compared ?? []).map(({ mode, comparisons, lookups }) => ({ mode, comparisons, lookups }))];
}

/** Whether the packet came to a program and its answer came back. */
export const isDelivered = (status: PacketTraceStatus): boolean => status.verdict === 'Delivered';

/** "10.244.2.7:80 answers: pod default/web on node-2; NetworkPolicy … does not …": what follows the first sentence. */
export function remarksOf(message: string): { text: string; warns: boolean }[] {
  const [, ...remarks] = message.split('; ');
  return remarks.map((text) => ({ text, warns: /not enforce|lost/.test(text) }));
}

/** Distribution of many connections, the most frequent first, as parts of one. */
export function distributionOf({ endpoints = {} }: PacketTraceStatus): { name: string; count: number; part: number }[] {
  const all = Object.values(endpoints).reduce((sum, count) => sum + count, 0);
  return Object.entries(endpoints)
    .map(([name, count]) => ({ name, count, part: all === 0 ? 0 : count / all }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}
