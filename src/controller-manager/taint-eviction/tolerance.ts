/**
 * How long a pod may stay on a node with NoExecute taints (`pkg/controller/tainteviction/taint_eviction.go`,
 * getMinTolerationTime). Pure.
 */
import type { Taint, Toleration } from '../../api/generated/types.ts';
import { tolerates } from '../../api/core/taints.ts';

/** Milliseconds that the pod may stay, `Infinity` for ever; 0 when some taint is not tolerated at all. Only NoExecute taints are to be given. */
export function toleratedMs(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  let shortest = Infinity;
  for (const taint of taints) {
    const used = tolerations.filter((toleration) => tolerates(toleration, taint));
    if (used.length === 0) return 0;
    for (const { tolerationSeconds } of used) {
      if (tolerationSeconds !== undefined) shortest = Math.min(shortest, Math.max(0, tolerationSeconds) * 1000);
    }
  }
  return shortest;
}
