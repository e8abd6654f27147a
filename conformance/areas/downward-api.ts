/** Fields and resources of a pod as text: {pod, fieldPath | resource, divisor?} -> {value}; an unknown one is refused. */
import type { Pod } from '../../src/api/generated/types.ts';
import { fieldValue, resourceValue } from '../../src/kubelet/downward.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const { pod, fieldPath, resource, divisor } = input as { pod: Pod; fieldPath?: string; resource?: string; divisor?: string };
  if (fieldPath !== undefined) return { value: fieldValue(pod, fieldPath) };
  return { value: resourceValue(pod.spec.containers[0] ?? {}, resource ?? '', divisor) };
};
