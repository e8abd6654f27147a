/**
 * Which pods would have to go so that a pod of higher priority fits, and on which node that hurts least
 * (`pkg/scheduler/framework/preemption/preemption.go`, `plugins/defaultpreemption/default_preemption.go`).
 * Pure search: nothing is deleted here.
 */
import type { Pod, PodDisruptionBudget } from '../api/generated/types.ts';
import { labelSelectorAsSelector } from '../apimachinery/labels.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { StateKey } from './framework/cycle-state.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { Handle, StatusesByNode } from './framework/interface.ts';
import { unresolvable } from './framework/status.ts';
import type { Status } from './framework/status.ts';

/** A node and the pods that would have to leave it, the most important first. */
export interface Candidate {
  readonly nodeName: string;
  readonly victims: readonly PodInfo[];
  /** How many of the victims a PodDisruptionBudget protects. */
  readonly pdbViolations: number;
  readonly highestPriority: number;
  /** Σ (priority + 2^31) of the victims. */
  readonly prioritySum: number;
  /** Those victims. */
  readonly protectedVictims: readonly PodInfo[];
  /** The earliest start among the victims of highest priority that have started; Infinity for none. */
  readonly earliestStart: number;
}

/** Whether `pod` may make `other` leave. */
export type MayEvict = (pod: PodInfo, other: PodInfo) => boolean;

export const lowerPriority: MayEvict = (pod, other) => other.priority < pod.priority;

const NO_VICTIMS = unresolvable('DefaultPreemption', 'No preemption victims found for incoming pod');
/** Added to priorities so that their sum counts victims even when priorities are negative: 2^31. */
const PRIORITY_OFFSET = 2 ** 31;

/** When the pod started; one that has not yet counts as just now. */
const startTime = ({ pod }: PodInfo, now: number): number => (pod.status?.startTime === undefined ? now : Date.parse(pod.status.startTime));

/** Orders pods: higher priority first, then those that run longer. */
const moreImportant =
  (now: number) =>
  (a: PodInfo, b: PodInfo): number =>
    b.priority - a.priority || startTime(a, now) - startTime(b, now);

/** Splits the pods by whether evicting them all, in this order, overdraws a budget. */
function splitByBudgets(pods: readonly PodInfo[], budgets: readonly PodDisruptionBudget[]): { violating: PodInfo[]; others: PodInfo[] } {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const violating: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const info of pods) {
    let violates = false;
    for (const [index, budget] of budgets.entries()) {
      if (!protects(budget, info.pod)) continue;
      const left = (allowed[index] ?? 0) - 1;
      allowed[index] = left;
      if (left < 0) violates = true;
    }
    (violates ? violating : others).push(info);
  }
  return { violating, others };
}

/** A budget without a selector protects nothing; a pod whose eviction it has granted already no longer counts. */
function protects({ metadata, spec, status }: PodDisruptionBudget, { metadata: pod }: Pod): boolean {
  if (metadata.namespace !== pod.namespace || Object.keys(pod.labels ?? {}).length === 0) return false;
  const selector = labelSelectorAsSelector(spec?.selector);
  if (selector.empty || !selector.matches(pod.labels)) return false;
  return status?.disruptedPods?.[pod.name] === undefined;
}

/**
 * The victims on one node: all pods of lower priority are taken away; if the pod fits then, as many as possible are put
 * back, those that a budget protects first, the more important first. Answers the refusal when not even that helps.
 */
export function selectVictims(
  handle: Handle,
  state: CycleState,
  pod: PodInfo,
  original: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  mayEvict: MayEvict,
): Candidate | Status {
  const { now } = handle.scope;
  const lower = [...original.pods.values()].filter((other) => mayEvict(pod, other)).sort(moreImportant(now));
  if (lower.length === 0) return NO_VICTIMS;
  const node = original.clone();
  const trial = state.clone();
  const remove = (other: PodInfo) => {
    node.removePod(other);
    handle.runRemovePod(trial, pod, other, node);
  };
  for (const other of lower) remove(other);
  const status = handle.runFilters(trial, pod, node);
  if (status !== undefined) return status;
  const { violating, others } = splitByBudgets(lower, budgets);
  const mustGo = (other: PodInfo): boolean => {
    node.addPod(other);
    handle.runAddPod(trial, pod, other, node);
    if (handle.runFilters(trial, pod, node) === undefined) return false;
    remove(other);
    return true;
  };
  const protectedVictims = violating.filter(mustGo);
  const victims = [...protectedVictims, ...others.filter(mustGo)].sort(moreImportant(now));
  const highestPriority = victims[0]?.priority ?? -Infinity;
  const prioritySum = victims.reduce((sum, { priority }) => sum + priority + PRIORITY_OFFSET, 0);
  return {
    nodeName: node.name,
    victims,
    pdbViolations: protectedVictims.length,
    highestPriority,
    prioritySum,
    protectedVictims,
    earliestStart: victims.reduce(
      (min, victim) => (victim.priority === highestPriority ? Math.min(min, startTime(victim, Infinity)) : min),
      Infinity,
    ),
  };
}

/** Keeps the candidates with the smallest figure. */
function keepSmallest(candidates: readonly Candidate[], figure: (candidate: Candidate) => number): readonly Candidate[] {
  if (candidates.length <= 1) return candidates;
  const figures = candidates.map(figure);
  const smallest = figures.reduce((min, value) => Math.min(min, value), Infinity);
  return candidates.filter((_, index) => figures[index] === smallest);
}

/** One rule of the choice and the candidates left after it. */
export interface ChoiceRule {
  readonly rule: string;
  readonly left: readonly Candidate[];
}

/** The candidate chosen, and how. */
export interface Choice {
  readonly best: Candidate | undefined;
  readonly rules: readonly ChoiceRule[];
}

/** The rules in their order: smallest figure wins. */
const RULES: readonly [string, (candidate: Candidate, now: number) => number][] = [
  ['fewest PDB violations', ({ pdbViolations }) => pdbViolations],
  ['lowest highest priority', ({ highestPriority }) => highestPriority],
  ['smallest priority sum', ({ prioritySum }) => prioritySum],
  ['fewest victims', ({ victims }) => victims.length],
  ['latest start', (candidate, now) => -earliestStart(candidate, now)],
];

/** The earliest start among the victims of highest priority; those that have not started count as just now. Infinity without victims. */
export const earliestStart = ({ victims, earliestStart: start }: Candidate, now: number): number =>
  victims.length === 0 ? start : Math.min(start, now);

/**
 * Where it hurts least (`pickOneNodeForPreemption`): fewest budget violations; lowest highest priority of a victim; smallest
 * sum of priorities; fewest victims; latest of the earliest start times; else the first.
 */
export function pickCandidate(candidates: readonly Candidate[], now: number): Choice {
  let best = candidates[0];
  for (const candidate of candidates) if (hurtsLess(candidate, best as Candidate, now)) best = candidate;
  let rules: readonly ChoiceRule[] | undefined;
  return {
    best,
    // Told only to those who ask: records of decisions.
    get rules() {
      return (rules ??= rulesOf(candidates, now));
    },
  };
}

function hurtsLess(a: Candidate, b: Candidate, now: number): boolean {
  for (const [, figure] of RULES) {
    const difference = figure(a, now) - figure(b, now);
    if (difference < 0) return true;
    if (difference > 0) return false;
  }
  return false;
}

/** How the rules left fewer and fewer. */
function rulesOf(candidates: readonly Candidate[], now: number): readonly ChoiceRule[] {
  const rules: ChoiceRule[] = [];
  let left = candidates;
  for (const [rule, figure] of RULES) {
    if (left.length <= 1) break;
    left = keepSmallest(left, (candidate) => figure(candidate, now));
    rules.push({ rule, left });
  }
  const [best] = left;
  if (best !== undefined && left.length > 1) rules.push({ rule: 'first', left: [best] });
  return rules;
}

/** What DefaultPreemption found out, left in the cycle state for the record of the decision. */
export interface PreemptionTrail {
  readonly notEligible?: string;
  readonly candidates: readonly Candidate[];
  /** Node name → why evicting does not help there. */
  readonly tried: StatusesByNode;
  readonly choice: Choice;
  /** How many nodes were not tried. */
  readonly notHelpful: number;
}

export const PREEMPTION_TRAIL: StateKey<PreemptionTrail> = new StateKey('preemption trail');
