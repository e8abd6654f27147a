/**
 * autoscaling/v1: a horizontal autoscaler by CPU alone (`k8s.io/kubernetes/pkg/apis/autoscaling/v1/conversion.go`). Metrics and behaviour that
 * v1 cannot say travel in annotations, so that nothing is lost on the way there and back.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { HorizontalPodAutoscalerResource } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerSpec, HorizontalPodAutoscalerStatus } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { VersionConversion } from './conversion.ts';

type Metrics = NonNullable<HorizontalPodAutoscalerSpec['metrics']>;

interface AutoscalerV1 extends KubernetesObject {
  spec: {
    scaleTargetRef: HorizontalPodAutoscalerSpec['scaleTargetRef'];
    minReplicas?: number;
    maxReplicas: number;
    targetCPUUtilizationPercentage?: number;
  };
  status?: Pick<HorizontalPodAutoscalerStatus, 'observedGeneration' | 'lastScaleTime' | 'currentReplicas' | 'desiredReplicas'> & {
    currentCPUUtilizationPercentage?: number;
  };
}

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const CARRIED = new Set([METRICS, BEHAVIOR, CONDITIONS]);

const { columns: _columns, ...shape } = HorizontalPodAutoscalerResource;

/** autoscaling/v1 beside the stored v2. */
export const autoscalingV1: VersionConversion = {
  definition: {
    ...shape,
    version: 'v1',
    schema: 'autoscaling.v1.HorizontalPodAutoscaler',
    columns: HorizontalPodAutoscalerResource.columns.map((column) => ({
      ...column,
      value: (object: HorizontalPodAutoscaler, now: number) => column.value(toV2(object) as HorizontalPodAutoscaler, now),
    })),
  } as unknown as ResourceDefinition,
  storedGroup: 'autoscaling',
  toStored: toV2,
  fromStored: toV1,
};

function carried<T>(object: KubernetesObject, key: string): T | undefined {
  const text = object.metadata.annotations?.[key];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function withAnnotations(object: KubernetesObject, added: Record<string, string>): KubernetesObject['metadata'] {
  const { annotations = {}, ...metadata } = object.metadata;
  const kept = Object.entries(annotations).filter(([key]) => !CARRIED.has(key));
  const all = { ...Object.fromEntries(kept), ...added };
  return { ...metadata, ...(Object.keys(all).length > 0 && { annotations: all }) };
}

function toV2(object: KubernetesObject): KubernetesObject {
  const { spec, status, ...rest } = object as AutoscalerV1;
  const { targetCPUUtilizationPercentage: target, ...others } = spec ?? {};
  const cpu: Metrics =
    target === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } } }];
  const metrics = [...cpu, ...(carried<Metrics>(object, METRICS) ?? [])];
  const behavior = carried<HorizontalPodAutoscalerSpec['behavior']>(object, BEHAVIOR);
  const { currentCPUUtilizationPercentage: _current, ...counted } = status ?? {};
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(object, {}),
    spec: { ...others, ...(metrics.length > 0 && { metrics }), ...(behavior && { behavior }) },
    ...(status && { status: counted }),
  } as KubernetesObject;
}

const isCpu = ({ type, resource }: Metrics[number]): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.type === 'Utilization';

function toV1(object: KubernetesObject): KubernetesObject {
  const { spec, status, ...rest } = object as HorizontalPodAutoscaler;
  const { metrics = [], behavior, ...others } = spec;
  const cpu = metrics.find(isCpu);
  const further = metrics.filter((metric) => metric !== cpu);
  const { conditions, currentMetrics, ...counted } = status ?? {};
  const current = currentMetrics?.find(({ resource }) => resource?.name === 'cpu')?.resource?.current.averageUtilization;
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(object, {
      ...(further.length > 0 && { [METRICS]: JSON.stringify(further) }),
      ...(behavior && { [BEHAVIOR]: JSON.stringify(behavior) }),
      ...(conditions?.length && { [CONDITIONS]: JSON.stringify(conditions) }),
    }),
    spec: { ...others, ...(cpu && { targetCPUUtilizationPercentage: cpu.resource?.target.averageUtilization }) },
    ...(status && {
      status: {
        currentReplicas: 0,
        desiredReplicas: 0,
        ...counted,
        ...(current !== undefined && { currentCPUUtilizationPercentage: current }),
      },
    }),
  } as KubernetesObject;
}
