/** What differs between two decisions about the same pod: winner, places, totals. */
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import { fullTotals, ranksOf } from './decision-model.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

/** How a node stands in a decision. */
export interface Standing {
  /** 1 for the best; 0: no scores were given. */
  rank: number;
  total: number | undefined;
  /** Why it was refused; then the rest says nothing. */
  refused?: string;
}

/** A node in both. */
export interface Difference {
  node: string;
  before: Standing | undefined;
  after: Standing | undefined;
  /** Places won: 2 means from 3rd to 1st. 0 when either has no place. */
  shift: number;
  /** Something about it differs: its place, or whether it fits. */
  changed: boolean;
}

function standings({ status }: SchedulingDecision): Map<string, Standing> {
  const found = new Map<string, Standing>();
  const totals = fullTotals(status);
  const ranks = ranksOf(totals);
  for (const [at, node] of status.nodes.entries()) found.set(node, { rank: ranks[at] ?? 0, total: totals[at] });
  for (const { nodes, reasons } of status.rejections) {
    for (const node of nodes) found.set(node, { rank: 0, total: undefined, refused: reasons.join(', ') });
  }
  return found;
}

/** All nodes that either knows, in the order of the second: winners first, refused ones last. */
export function differences(before: SchedulingDecision, after: SchedulingDecision): Difference[] {
  const [old, next] = [standings(before), standings(after)];
  const names = new Set([...next.keys(), ...old.keys()]);
  const rows = [...names].map((node): Difference => {
    const [a, b] = [old.get(node), next.get(node)];
    const ranked = a !== undefined && b !== undefined && a.rank > 0 && b.rank > 0;
    const shift = ranked ? a.rank - b.rank : 0;
    return { node, before: a, after: b, shift, changed: shift !== 0 || (a?.refused === undefined) !== (b?.refused === undefined) };
  });
  const winner = after.status.nodeName;
  const order = ({ node, after: standing }: Difference): number => {
    if (node === winner) return -1;
    if (standing === undefined || standing.refused !== undefined) return Infinity;
    return standing.rank;
  };
  return rows.sort((a, b) => {
    const [x, y] = [order(a), order(b)];
    return x === y ? 0 : x - y;
  });
}

/** The rows worth drawing when there are many: the first ones, those that changed, and both winners; at most `most`. */
export function worthShowing(rows: readonly Difference[], winners: readonly (string | undefined)[], most: number): readonly Difference[] {
  if (rows.length <= most) return rows;
  const head = new Set(rows.slice(0, Math.floor(most / 2)));
  for (const row of rows) {
    if (head.size >= most) break;
    if (row.changed || winners.includes(row.node)) head.add(row);
  }
  return rows.filter((row) => head.has(row));
}

/** A plugin's points for a node in a decision, weighted; undefined when it gave none. */
export function pointsOf({ status }: SchedulingDecision, plugin: string, node: string): number | undefined {
  const at = status.nodes.indexOf(node);
  const scores = status.scores.find((one) => one.plugin === plugin);
  return at < 0 || scores === undefined ? undefined : (columnValue(scores.normalized, at) ?? 0) * scores.weight;
}
