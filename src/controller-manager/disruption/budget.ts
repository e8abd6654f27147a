/**
 * How many pods a PodDisruptionBudget lets go (`pkg/controller/disruption/disruption.go`). Pure.
 */
import type { Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../api/generated/types.ts';
import { setCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { scaledValue } from '../../apimachinery/int-or-string.ts';
import { isPodReady } from '../pods.ts';

/** An evicted pod that is still there after so long was not deleted after all (`DeletionTimeout`). */
const DELETION_TIMEOUT_MS = 120_000;

/**
 * Expected and desired pods. A number for minAvailable needs only the pods themselves; all else is measured against the
 * scale of the pods' controllers, so that a budget does not shrink with each pod that fails.
 */
export function expectations({ spec }: PodDisruptionBudget, pods: number, scale: number): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = spec;
  if (maxUnavailable !== undefined) return { expected: scale, desired: Math.max(0, scale - scaledValue(maxUnavailable, scale, true)) };
  if (typeof minAvailable === 'string') return { expected: scale, desired: scaledValue(minAvailable, scale, true) };
  return { expected: pods, desired: minAvailable ?? 0 };
}

/** Evicted pods whose deletion has not been seen yet: they count as gone. */
export function stillDisrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): Record<string, string> {
  const waiting: Record<string, string> = {};
  for (const { metadata } of pods) {
    const since = status?.disruptedPods?.[metadata.name];
    if (since === undefined || metadata.deletionTimestamp !== undefined) continue;
    if (Date.parse(since) + DELETION_TIMEOUT_MS > nowMs) waiting[metadata.name] = since;
  }
  return waiting;
}

/** The status that follows. */
export function budgetStatus(budget: PodDisruptionBudget, pods: readonly Pod[], scale: number, nowMs: number): PodDisruptionBudgetStatus {
  const { expected, desired } = expectations(budget, pods.length, scale);
  const disruptedPods = stillDisrupted(budget, pods, nowMs);
  const healthy = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name] === undefined && isPodReady(pod),
  ).length;
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    ...(budget.metadata.generation !== undefined && { observedGeneration: budget.metadata.generation }),
  };
  return {
    ...(budget.metadata.generation !== undefined && { observedGeneration: budget.metadata.generation }),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
    conditions: [...setCondition(budget.status?.conditions, condition, formatTime(nowMs))],
  };
}

/** In how many ms the first evicted pod is given up. */
export function recheckMs(disruptedPods: Readonly<Record<string, string>> | undefined, nowMs: number): number | undefined {
  const times = Object.values(disruptedPods ?? {}).map((time) => Date.parse(time) + DELETION_TIMEOUT_MS - nowMs);
  return times.length === 0 ? undefined : Math.max(1, Math.min(...times));
}
