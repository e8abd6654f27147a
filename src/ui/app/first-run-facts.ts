/** Facts that the first band tells, as pure functions. */
import { hasReason } from '../../apimachinery/status.ts';
import type { Node, Pod } from '../../api/generated/types.ts';

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';

/** How many nodes there are in all, and how many run the control plane. */
export function nodeCounts(nodes: readonly Node[]): { total: number; controlPlanes: number } {
  const controlPlanes = nodes.filter(({ metadata }) => metadata.labels && CONTROL_PLANE in metadata.labels).length;
  return { total: nodes.length, controlPlanes };
}

/** How far a Pod is on its way. */
export function podStage(pod: Pod | undefined): 'sent' | 'pending' | 'scheduled' | 'running' | 'failed' {
  if (!pod) return 'sent';
  const { phase } = pod.status ?? {};
  if (phase === 'Running' || phase === 'Succeeded') return 'running';
  if (phase === 'Failed') return 'failed';
  return pod.spec.nodeName ? 'scheduled' : 'pending';
}

/** The object is there already, which is what was wanted. */
export function isConflictOfNames(error: unknown): boolean {
  return hasReason(error, 'AlreadyExists');
}
