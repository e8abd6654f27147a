/** What a podFailurePolicy says about a failed pod. */
import type { Pod, PodFailurePolicy } from '../../src/api/generated/types.ts';
import { matchPodFailurePolicy } from '../../src/controller-manager/job/pod-failure-policy.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = ({ podFailurePolicy, pod }) => {
  const { message = null, counts, action = null } = matchPodFailurePolicy(podFailurePolicy as PodFailurePolicy, pod as Pod);
  return { message, counts, action };
};
