/** The kind HorizontalPodAutoscaler. */
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { formatMetrics } from './metric-columns.ts';
import { countsNotNegative } from '../validation/status.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { HPAScalingRules, HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec } from '../generated/types.ts';

const DEFAULT_SCALE_UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DEFAULT_SCALE_DOWN: HPAScalingRules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/** `SetDefaults_HorizontalPodAutoscaler`; behaviour is filled in only where some is given. */
function defaultSpec(spec: HorizontalPodAutoscalerSpec): HorizontalPodAutoscalerSpec {
  const next = withDefaults(spec, { minReplicas: 1 });
  const measured = next.metrics?.length
    ? next
    : { ...next, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }] };
  return mapField(measured, 'behavior', (behavior) =>
    mapField(
      mapField(withDefaults(behavior, { scaleUp: {}, scaleDown: {} }), 'scaleUp', (rules) => withDefaults(rules, DEFAULT_SCALE_UP)),
      'scaleDown',
      (rules) => withDefaults(rules, DEFAULT_SCALE_DOWN),
    ),
  );
}

/** autoscaling/v2 HorizontalPodAutoscaler. */
export const HorizontalPodAutoscalerResource = defineResource<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  schema: 'autoscaling.v2.HorizontalPodAutoscaler',
  subresources: { status: true },
  defaults: (autoscaler) => mapField(withSpec(autoscaler), 'spec', defaultSpec),
  validate: (...given) => checks.get().validateAutoscaler(...given),
  validateStatusUpdate: ({ status }) => countsNotNegative(status, ['currentReplicas', 'desiredReplicas']),
  notSimulated: ['external', 'object', 'pods'].map((source) => `spec.metrics[*].${source}`),
  columns: [
    nameColumn,
    { name: 'Reference', value: ({ spec }) => `${spec.scaleTargetRef?.kind}/${spec.scaleTargetRef?.name}` },
    { name: 'Targets', value: ({ spec, status }) => formatMetrics(spec.metrics, status?.currentMetrics) },
    { name: 'MinPods', value: ({ spec }) => (spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)) },
    { name: 'MaxPods', value: ({ spec }) => spec.maxReplicas },
    { name: 'Replicas', value: ({ status }) => status?.currentReplicas ?? 0 },
    ageColumn,
  ],
});
