/** Taints against tolerations (`k8s.io/component-helpers/scheduling/corev1/helpers.go`, `k8s.io/api/core/v1/toleration.go`). */
import type { Taint, Toleration } from '../../api/generated/types.ts';

/**
 * Whether the toleration covers the taint: effect and key equal or left empty, and the operator is Exists, or Equal (also
 * when absent) with the same value.
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

/** Whether the taint keeps pods away: NoSchedule or NoExecute. */
export const forbidsScheduling = ({ effect }: Taint): boolean => effect === 'NoSchedule' || effect === 'NoExecute';

/** The first taint that keeps the pod away. */
export function untoleratedTaint(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): Taint | undefined {
  for (const taint of taints) if (forbidsScheduling(taint) && !toleratedBy(tolerations, taint)) return taint;
  return undefined;
}
