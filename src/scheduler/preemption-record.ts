/** How preemption went about it, as the SchedulingDecision tells it. */
import type { PreemptionCandidate, PreemptionRecord, PreemptionVictim } from '../api/kubarium/scheduling-decision.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { StatusesByNode } from './framework/interface.ts';
import { earliestStart } from './preemption.ts';
import type { Candidate, PreemptionTrail } from './preemption.ts';

/** As many candidates are listed; the chosen one is always among them. */
const MAX_CANDIDATES = 100;
const MAX_NODES_LISTED = 5000;

function victimOf({ pod, priority }: PodInfo, isProtected: boolean): PreemptionVictim {
  const { name, namespace = '', uid } = pod.metadata;
  const { startTime } = pod.status ?? {};
  return { name, namespace, uid, priority, ...(startTime !== undefined && { startTime }), ...(isProtected && { pdbViolation: true }) };
}

function candidateOf(candidate: Candidate, now: number): PreemptionCandidate {
  const { nodeName: node, victims, pdbViolations, protectedVictims } = candidate;
  const start = earliestStart(candidate, now);
  return {
    node,
    victims: victims.map((victim) => victimOf(victim, protectedVictims.includes(victim))),
    pdbViolations,
    highestPriority: victims[0]?.priority ?? 0,
    prioritySum: candidate.prioritySum,
    ...(Number.isFinite(start) && { earliestStart: formatTime(start) }),
  };
}

function rejectionsOf(tried: StatusesByNode): PreemptionRecord['rejections'] {
  const groups = new Map<string, { reasons: readonly string[]; nodes: string[] }>();
  for (const [node, { reasons }] of tried) {
    const key = reasons.join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { reasons, nodes: [node] });
    else group.nodes.push(node);
  }
  return [...groups.values()].map(({ reasons, nodes }) => ({ reasons, count: nodes.length, nodes: nodes.slice(0, MAX_NODES_LISTED) }));
}

/** The record. `now`: virtual ms, for pods that have not started. */
export function preemptionRecord({ notEligible, candidates, tried, choice, notHelpful }: PreemptionTrail, now: number): PreemptionRecord {
  const { best, rules } = choice;
  const listed = candidates.slice(0, MAX_CANDIDATES);
  if (best !== undefined && !listed.includes(best)) listed.push(best);
  return {
    ...(notEligible !== undefined && { notEligible }),
    notHelpful,
    rejections: rejectionsOf(tried),
    candidates: listed.map((candidate) => candidateOf(candidate, now)),
    rules: rules.map(({ rule, left }) => ({ rule, left: left.slice(0, MAX_CANDIDATES).map(({ nodeName }) => nodeName) })),
    ...(best !== undefined && { chosen: best.nodeName }),
  };
}
