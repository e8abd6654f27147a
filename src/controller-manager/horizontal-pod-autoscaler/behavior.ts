/**
 * How fast an autoscaler may follow its metrics (`pkg/controller/podautoscaler/horizontal.go` normalizeDesiredReplicasWithBehaviors). Pure.
 */
import type { HorizontalPodAutoscalerBehavior, HPAScalingRules } from '../../api/generated/types.ts';

/** What the API defaults to: up by 4 pods or 100 % per 15 s, down by anything, but not below what was asked for in the last 5 min. */
const DEFAULT_UP: HPAScalingRules = {
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 0,
};
const DEFAULT_DOWN: HPAScalingRules = {
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 300,
};

/** What an earlier look asked for. */
export interface Recommendation {
  ageSeconds: number;
  replicas: number;
}

/** What the metrics ask for, and what may hold it back. */
export interface Wish {
  currentReplicas: number;
  desired: number;
  minReplicas: number;
  maxReplicas: number;
  behavior?: HorizontalPodAutoscalerBehavior;
  recommendations: readonly Recommendation[];
  /** Replicas at the beginning of a period that ends now. */
  periodStart(periodSeconds: number): number;
}

/** The replicas to scale to. */
export function limited(wish: Wish): number {
  const up = { ...DEFAULT_UP, ...wish.behavior?.scaleUp };
  const down = { ...DEFAULT_DOWN, ...wish.behavior?.scaleDown };
  const desired = stabilized(wish, up.stabilizationWindowSeconds ?? 0, down.stabilizationWindowSeconds ?? 300);
  const { currentReplicas: current, minReplicas, maxReplicas } = wish;
  if (desired > current) return Math.min(desired, maxReplicas, Math.max(current, upLimit(up, wish)));
  if (desired < current) return Math.max(desired, minReplicas, Math.min(current, downLimit(down, wish)));
  return Math.min(Math.max(desired, minReplicas), maxReplicas);
}

/** Up only as far as all wishes of the window agree, down likewise (`stabilizeRecommendationWithBehaviors`). */
function stabilized({ currentReplicas, desired, recommendations }: Wish, upSeconds: number, downSeconds: number): number {
  const within = (seconds: number) => recommendations.filter(({ ageSeconds }) => ageSeconds < seconds).map(({ replicas }) => replicas);
  const lowest = Math.min(desired, ...within(upSeconds));
  const highest = Math.max(desired, ...within(downSeconds));
  return Math.min(Math.max(currentReplicas, lowest), highest);
}

function upLimit({ policies = [], selectPolicy }: HPAScalingRules, { currentReplicas, periodStart }: Wish): number {
  if (selectPolicy === 'Disabled') return currentReplicas;
  const limits = policies.map(({ type, value, periodSeconds }) =>
    type === 'Pods' ? periodStart(periodSeconds) + value : Math.ceil((periodStart(periodSeconds) * (100 + value)) / 100),
  );
  return selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
}

function downLimit({ policies = [], selectPolicy }: HPAScalingRules, { currentReplicas, periodStart }: Wish): number {
  if (selectPolicy === 'Disabled') return currentReplicas;
  const limits = policies.map(({ type, value, periodSeconds }) =>
    type === 'Pods' ? periodStart(periodSeconds) - value : Math.trunc((periodStart(periodSeconds) * (100 - value)) / 100),
  );
  return selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
}
