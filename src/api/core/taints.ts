/**
 * Taints against tolerations (`k8s.io/component-helpers/scheduling/corev1/helpers.go`, `k8s.io/api/core/v1/toleration.go`), and
 * the taints that Kubernetes itself puts on nodes (`k8s.io/api/core/v1/well_known_taints.go`).
 */
import type { Taint, Toleration } from '../generated/types.ts';

export const NOT_READY = 'node.kubernetes.io/not-ready';
export const UNREACHABLE = 'node.kubernetes.io/unreachable';
export const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
export const MEMORY_PRESSURE = 'node.kubernetes.io/memory-pressure';
export const DISK_PRESSURE = 'node.kubernetes.io/disk-pressure';
export const PID_PRESSURE = 'node.kubernetes.io/pid-pressure';
export const NETWORK_UNAVAILABLE = 'node.kubernetes.io/network-unavailable';
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/**
 * Whether the toleration covers the taint: effect and key equal or left empty, and the operator is Exists, or Equal (also
 * when absent) with the same value (`ToleratesTaint`).
 */
export function tolerates({ key, operator, value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (!operator || operator === 'Equal') && value === (taint.value ?? '');
}

/** Whether any of the tolerations covers the taint. */
export function toleratedBy(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  if (tolerations === undefined) return false;
  for (const toleration of tolerations) if (tolerates(toleration, taint)) return true;
  return false;
}

/** Whether the taint keeps new pods away: NoSchedule or NoExecute. */
export const forbidsScheduling = ({ effect }: Taint): boolean => effect === 'NoSchedule' || effect === 'NoExecute';

/** Whether the taint also sends away pods that run. */
export const forbidsRunning = ({ effect }: Taint): boolean => effect === 'NoExecute';

/** The first taint that no toleration covers, of those that `counts` (`FindMatchingUntoleratedTaint`). */
export function untoleratedTaint(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] | undefined,
  counts: (taint: Taint) => boolean = forbidsScheduling,
): Taint | undefined {
  for (const taint of taints) if (counts(taint) && !toleratedBy(tolerations, taint)) return taint;
  return undefined;
}
