/** How fast a HorizontalPodAutoscaler may scale. */
import type { HorizontalPodAutoscalerBehavior } from '../../src/api/generated/types.ts';
import { limited } from '../../src/controller-manager/horizontal-pod-autoscaler/behavior.ts';
import type { Recommendation } from '../../src/controller-manager/horizontal-pod-autoscaler/behavior.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = ({
  currentReplicas,
  periodStartReplicas,
  desired,
  minReplicas,
  maxReplicas,
  behavior,
  recommendations,
}) => ({
  replicas: limited({
    currentReplicas: Number(currentReplicas),
    desired: Number(desired),
    minReplicas: Number(minReplicas),
    maxReplicas: Number(maxReplicas),
    behavior: behavior as HorizontalPodAutoscalerBehavior | undefined,
    recommendations: (recommendations ?? []) as Recommendation[],
    periodStart: () => Number(periodStartReplicas),
  }),
});
