/** The kind HorizontalPodAutoscaler. */
import { defineResource } from '../resource.ts';
import type { HorizontalPodAutoscaler } from '../generated/types.ts';

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
  columns: [],
});
