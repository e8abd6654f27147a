/**
 * From a SchedulingDecision to the table of nodes and plugins: columns in the order of what they decide, nodes in the order of their
 * totals, and what is the same for many nodes taken together. Pure; the words are in words.ts.
 */
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import type { PluginScores, Rejection, SchedulingDecision, SchedulingDecisionStatus } from '../../api/kubarium/scheduling-decision.ts';

/** The three numbers that a plugin's score goes through. */
export const STAGES = ['raw', 'normalized', 'weighted'] as const;
/** One of them. */
export type Stage = (typeof STAGES)[number];

/** A plugin's scores. */
export interface ScoreColumn {
  plugin: string;
  weight: number;
  /** Over `status.nodes`; to be read with `scoreAt`, for a column that says the same of all nodes may be one number. */
  values: Readonly<Record<Stage, readonly number[]>>;
  /** Largest and smallest of the normalised scores. */
  max: number;
  min: number;
}

/** A node. */
export interface NodeRow {
  kind: 'node';
  key: string;
  node: string;
  /** Its place in the columns; -1: it was refused. */
  at: number;
  /** 1 for the largest total; equal totals share it. 0: it was refused, or nothing was scored. */
  rank: number;
  total: number | undefined;
  winner: boolean;
  rejection?: Rejection;
  /** It belongs to the group above it. */
  nested: boolean;
}

/** Nodes with the same result. */
export interface GroupRow {
  kind: 'group';
  key: string;
  count: number;
  /** Names, as far as the record has them. */
  nodes: readonly string[];
  /** The place of the first of them in the columns; -1: they were refused. */
  at: number;
  rank: number;
  total: number | undefined;
  rejection?: Rejection;
  open: boolean;
}

/** Nodes that the record only counts. */
export interface RestRow {
  kind: 'rest';
  key: string;
  count: number;
  rejection?: Rejection;
}

/** A row of the table. */
export type MatrixRow = NodeRow | GroupRow | RestRow;

/** The table. */
export interface Matrix {
  /** That tell nodes apart, the one that does it most first. */
  columns: readonly ScoreColumn[];
  /** That are the same for all. */
  constants: readonly ScoreColumn[];
  /** Σ of the weighted scores of `constants`. */
  constantSum: number;
  rows: readonly MatrixRow[];
  scored: boolean;
}

/** With more nodes than this, nodes with the same result become one row. */
export const GROUP_FROM = 30;

/** The plugin's name, short enough for a column. */
export function shortName(plugin: string): string {
  const known: Record<string, string> = {
    NodeResourcesFit: 'Fit',
    NodeResourcesBalancedAllocation: 'Balanced',
    ImageLocality: 'Image',
    TaintToleration: 'Taint',
    PodTopologySpread: 'Spread',
    InterPodAffinity: 'PodAffinity',
  };
  return known[plugin] ?? plugin;
}

function columnOf({ plugin, weight, raw, normalized }: PluginScores): ScoreColumn {
  let max = -Infinity;
  let min = Infinity;
  for (const score of normalized) {
    max = Math.max(max, score);
    min = Math.min(min, score);
  }
  return { plugin, weight, values: { raw, normalized, weighted: normalized.map((score) => score * weight) }, max, min };
}

const spread = ({ weight, max, min }: ScoreColumn): number => (max - min) * weight;

/** A column's number for a node. */
export const scoreAt = ({ values }: ScoreColumn, stage: Stage, at: number): number => columnValue(values[stage], at) ?? 0;

/** All columns of a decision: those that tell nodes apart by falling spread of weighted scores, and those that do not. */
export function columnsOf(scores: readonly PluginScores[]): { columns: ScoreColumn[]; constants: ScoreColumn[] } {
  const all = scores.map(columnOf);
  return {
    columns: all.filter((column) => spread(column) > 0).sort((a, b) => spread(b) - spread(a)),
    constants: all.filter((column) => spread(column) === 0),
  };
}

/** Sorts "node-2" before "node-10". A collator would do so too, but takes longer than a frame for thousands of names. */
const orderKey = (name: string): string => name.replace(/\d+/g, (digits) => digits.padStart(9, '0'));

/** Rank of each place in `totals`, 1 for the largest; equal totals share it. */
export function ranksOf(totals: readonly number[]): number[] {
  const sorted = [...totals].sort((a, b) => b - a);
  const first = new Map<number, number>();
  for (const [index, total] of sorted.entries()) if (!first.has(total)) first.set(total, index + 1);
  return totals.map((total) => first.get(total) ?? 0);
}

/** The totals of all feasible nodes; none when nothing was scored. */
export function fullTotals({ nodes, totals }: SchedulingDecisionStatus): readonly number[] {
  return totals.length === 0 || totals.length === nodes.length ? totals : nodes.map((_, at) => columnValue(totals, at) ?? 0);
}

/** The nodes that fit, best first; the winner before those with the same total, the rest by name. */
function feasibleRows({ status }: SchedulingDecision): NodeRow[] {
  const { nodes, nodeName } = status;
  const totals = fullTotals(status);
  const ranks = ranksOf(totals);
  const rows = nodes.map((node, at): NodeRow => ({
    kind: 'node',
    key: `node/${node}`,
    node,
    at,
    rank: ranks[at] ?? 0,
    total: totals[at],
    winner: node === nodeName,
    nested: false,
  }));
  const keys = new Map(nodes.map((node) => [node, orderKey(node)]));
  const byName = (a: string, b: string): number => ((keys.get(a) ?? a) < (keys.get(b) ?? b) ? -1 : 1);
  return rows.sort((a, b) => (b.total ?? 0) - (a.total ?? 0) || Number(b.winner) - Number(a.winner) || byName(a.node, b.node));
}

/** Puts equal results together. The winner stays alone. */
function grouped(rows: readonly NodeRow[], signature: (row: NodeRow) => string, open: ReadonlySet<string>): MatrixRow[] {
  const groups = new Map<string, NodeRow[]>();
  for (const row of rows) {
    const key = row.winner ? row.key : `same/${signature(row)}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups].flatMap(([key, members]): MatrixRow[] => {
    const [first] = members;
    if (!first || members.length < 3) return members;
    const { at, rank, total } = first;
    const isOpen = open.has(key);
    const head: GroupRow = {
      kind: 'group',
      key,
      count: members.length,
      nodes: members.map(({ node }) => node),
      at,
      rank,
      total,
      open: isOpen,
    };
    return isOpen ? [head, ...members.map((row) => ({ ...row, nested: true }))] : [head];
  });
}

function refusedRow(node: string, rejection: Rejection, nested: boolean): NodeRow {
  return { kind: 'node', key: `node/${node}`, node, at: -1, rank: 0, total: undefined, winner: false, rejection, nested };
}

function refusedRows(rejections: readonly Rejection[], open: ReadonlySet<string>, group: boolean): MatrixRow[] {
  return rejections.flatMap((rejection): MatrixRow[] => {
    const { plugin, reasons, nodes, count } = rejection;
    const key = `refused/${plugin}/${reasons.join()}`;
    const rest: RestRow[] = count > nodes.length ? [{ kind: 'rest', key: `rest/${key}`, count: count - nodes.length, rejection }] : [];
    if (!group || count < 3) return [...nodes.map((node) => refusedRow(node, rejection, false)), ...rest];
    const isOpen = open.has(key);
    const head: GroupRow = { kind: 'group', key, count, nodes, at: -1, rank: 0, total: undefined, rejection, open: isOpen };
    return isOpen ? [head, ...nodes.map((node) => refusedRow(node, rejection, true)), ...rest] : [head];
  });
}

/** The table of a decision; `open` holds the keys of groups that are unfolded. */
export function matrixOf(decision: SchedulingDecision, open: ReadonlySet<string> = new Set()): Matrix {
  const { scores, rejections, nodes, counts, totals } = decision.status;
  const { columns, constants } = columnsOf(scores);
  const group = counts.total > GROUP_FROM;
  const feasible = feasibleRows(decision);
  const signature = ({ at }: NodeRow) => columns.map((column) => scoreAt(column, 'weighted', at)).join();
  const unlisted = counts.feasible - nodes.length;
  return {
    columns,
    constants,
    constantSum: constants.reduce((sum, column) => sum + scoreAt(column, 'weighted', 0), 0),
    scored: totals.length > 0,
    rows: [
      ...(group ? grouped(feasible, signature, open) : feasible),
      ...(unlisted > 0 ? [{ kind: 'rest' as const, key: 'rest/feasible', count: unlisted }] : []),
      ...refusedRows(rejections, open, group),
    ],
  };
}

/** A step of the ramp of colours. */
export type Heat = 1 | 2 | 3 | 4 | 5;

/**
 * Heat of a score: the points that it puts the node ahead of the worst one, as a part of the most that any plugin does. So the column
 * that decides has all colours, and one that hardly tells nodes apart stays light.
 */
export function heatOf(column: ScoreColumn, at: number, columns: readonly ScoreColumn[]): Heat {
  const most = columns.reduce((max, one) => Math.max(max, spread(one)), 0);
  if (most === 0) return 1;
  const ahead = (scoreAt(column, 'normalized', at) - column.min) * column.weight;
  return Math.min(5, 1 + Math.floor((5 * ahead) / most)) as Heat;
}

/** By how much the winner won: 0 is a tie that chance broke. Undefined without scores, or with nobody to beat. */
export function margin({
  status: { nodes, totals, nodeName },
}: SchedulingDecision): { by: number; second: string; ties: number } | undefined {
  const at = nodes.indexOf(nodeName ?? '');
  const own = totals[at];
  if (own === undefined || totals.length < 2) return undefined;
  let second = -1;
  let ties = 0;
  for (const [index, total] of totals.entries()) {
    if (index === at) continue;
    if (total === own) ties++;
    if (second < 0 || total > (totals[second] ?? 0)) second = index;
  }
  return { by: own - (totals[second] ?? 0), second: nodes[second] ?? '', ties };
}
