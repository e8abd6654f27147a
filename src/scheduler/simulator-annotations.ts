/**
 * The annotations that kube-scheduler-simulator (sigs.k8s.io) leaves on pods, made of a decision, so that tools that read them work here.
 * Values are JSON: node → plugin → "passed", a reason, or a score as text. "finalscore-result" holds normalized scores times weight.
 */
import { columnValue } from '../api/kubarium/scheduling-decision.ts';
import type { SchedulingDecision, SchedulingDecisionStatus } from '../api/kubarium/scheduling-decision.ts';

const PREFIX = 'kube-scheduler-simulator.sigs.k8s.io/';
export const HISTORY = `${PREFIX}result-history`;
const PASSED = 'passed';
const SUCCESS = 'success';
/** Annotations of a pod may hold 256 KiB; older results are dropped. */
const MAX_HISTORY = 128 * 1024;

type ByNode = Record<string, Record<string, string>>;

function filterResult({ plugins = {}, skipped, nodes, rejections }: SchedulingDecisionStatus): ByNode {
  const ran = (plugins['filter'] ?? []).filter((name) => !skipped.filter.includes(name));
  const result: ByNode = {};
  for (const node of nodes) result[node] = Object.fromEntries(ran.map((name) => [name, PASSED]));
  for (const { plugin, nodes: refused, reasons } of rejections) {
    const before = ran.slice(0, Math.max(0, ran.indexOf(plugin)));
    for (const node of refused)
      result[node] = { ...Object.fromEntries(before.map((name) => [name, PASSED])), [plugin]: reasons.join(', ') };
  }
  return result;
}

function scoreResult({ nodes, scores }: SchedulingDecisionStatus, final: boolean): ByNode {
  return Object.fromEntries(
    nodes.map((node, index) => {
      const byPlugin = scores.map(({ plugin, raw, normalized, weight }) => {
        const score = final ? (columnValue(normalized, index) ?? 0) * weight : (columnValue(raw, index) ?? 0);
        return [plugin, String(score)] as const;
      });
      return [node, Object.fromEntries(byPlugin)];
    }),
  );
}

function preFilterStatus({ plugins = {}, skipped, preFilter = [] }: SchedulingDecisionStatus): Record<string, string> {
  const refusals = new Map(preFilter.filter(({ code }) => code !== 'Success').map(({ plugin, reasons }) => [plugin, reasons.join(', ')]));
  const names = plugins['preFilter'] ?? [];
  return Object.fromEntries(names.map((name) => [name, refusals.get(name) ?? (skipped.filter.includes(name) ? '' : SUCCESS)]));
}

function postFilterResult({ preemption }: SchedulingDecisionStatus): ByNode {
  const result: ByNode = {};
  for (const { node } of preemption?.candidates ?? []) result[node] = {};
  if (preemption?.chosen !== undefined) result[preemption.chosen] = { DefaultPreemption: 'preemption victim' };
  return result;
}

/** The annotations of one attempt; `history` is what the pod has as result-history so far. */
export function simulatorAnnotations({ status }: SchedulingDecision, history: string | undefined): Record<string, string> {
  const { plugins = {}, skipped, nodeName, scores } = status;
  const preScore = (plugins['preScore'] ?? []).map((name) => [name, skipped.score.includes(name) ? '' : SUCCESS] as const);
  const results: Record<string, unknown> = {
    'prefilter-result-status': preFilterStatus(status),
    'prefilter-result': {},
    'filter-result': filterResult(status),
    'postfilter-result': postFilterResult(status),
    'prescore-result': scores.length > 0 ? Object.fromEntries(preScore) : {},
    'score-result': scoreResult(status, false),
    'finalscore-result': scoreResult(status, true),
  };
  const made = Object.fromEntries(Object.entries(results).map(([name, value]) => [`${PREFIX}${name}`, JSON.stringify(value)]));
  if (nodeName !== undefined) made[`${PREFIX}selected-node`] = nodeName;
  return { ...made, [HISTORY]: JSON.stringify([...kept(history), made]) };
}

/** The results before, without the oldest when they are too long. */
function kept(history: string | undefined): unknown[] {
  if (history === undefined || history.length > MAX_HISTORY) return [];
  try {
    const list: unknown = JSON.parse(history);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}
