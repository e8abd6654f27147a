/** The phase of a pod from its container statuses: {spec, status, terminal?} -> {phase}. */
import type { PodSpec } from '../../src/api/generated/types.ts';
import { podPhase } from '../../src/kubelet/phase.ts';
import type { ContainerStatuses } from '../../src/kubelet/phase.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const { spec, status, terminal = false } = input as { spec: PodSpec; status: ContainerStatuses; terminal?: boolean };
  return { phase: podPhase(spec, status, terminal) };
};
