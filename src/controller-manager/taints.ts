/**
 * Taints and tolerations (`k8s.io/component-helpers/scheduling/corev1/helpers.go`, `pkg/util/taints`).
 */
import type { Node, Taint, Toleration } from '../api/generated/types.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
export const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
export const MEMORY_PRESSURE = 'node.kubernetes.io/memory-pressure';
export const DISK_PRESSURE = 'node.kubernetes.io/disk-pressure';
export const PID_PRESSURE = 'node.kubernetes.io/pid-pressure';
export const NETWORK_UNAVAILABLE = 'node.kubernetes.io/network-unavailable';
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Whether the toleration covers the taint (`ToleratesTaint`). An empty key with Exists covers all, an empty effect any. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return (toleration.operator ?? 'Equal') === 'Equal' && Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}

/** The first taint of one of the effects that nothing tolerates. */
export function findUntolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  effects: readonly string[],
): Taint | undefined {
  return taints.find((taint) => effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)));
}

/** Taints are the same when key and effect are (`MatchTaint`). */
export const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

/** The node's taints without those like `removed` and with `added`; undefined when nothing changes. */
export function changedTaints({ spec }: Node, added: readonly Taint[], removed: readonly Taint[]): Taint[] | undefined {
  const current = spec?.taints ?? [];
  const kept = current.filter((taint) => !removed.some((other) => isSameTaint(other, taint)));
  const missing = added.filter((taint) => !kept.some((other) => isSameTaint(other, taint)));
  return missing.length === 0 && kept.length === current.length ? undefined : [...kept, ...missing];
}
