/** The TARGETS column of a HorizontalPodAutoscaler: "cpu: 50%/80%" (`formatHPAMetrics`). */
import { formatList } from '../columns.ts';
import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../generated/types.ts';

const MOST_SHOWN = 2;
const UNKNOWN = '<unknown>';

/** What a metric is compared with, and what it was found to be. */
interface Measured {
  target: MetricTarget;
  current?: MetricValueStatus;
}

/** Finds target and current value of a metric whose type has the given field. */
function measured(spec: MetricSpec, status: MetricStatus | undefined): Measured | undefined {
  switch (spec.type) {
    case 'Resource':
      return spec.resource && { target: spec.resource.target, current: status?.resource?.current };
    case 'ContainerResource':
      return spec.containerResource && { target: spec.containerResource.target, current: status?.containerResource?.current };
    case 'Pods':
      return spec.pods && { target: spec.pods.target, current: status?.pods?.current };
    case 'Object':
      return spec.object && { target: spec.object.target, current: status?.object?.current };
    case 'External':
      return spec.external && { target: spec.external.target, current: status?.external?.current };
    default:
      return undefined;
  }
}

function resourceText(name: string, { target, current }: Measured): string {
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const wanted = target.averageUtilization === undefined ? '<auto>' : `${target.averageUtilization}%`;
  const found = current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`;
  return `${name}: ${found}/${wanted}`;
}

function metricText(spec: MetricSpec, status: MetricStatus | undefined): string {
  const values = measured(spec, status);
  if (!values) return '<unknown type>';
  const { target, current } = values;
  const resource = spec.type === 'Resource' ? spec.resource : spec.type === 'ContainerResource' ? spec.containerResource : undefined;
  if (resource) return resourceText(resource.name, values);
  if (spec.type === 'Pods') return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  if (target.averageValue !== undefined) return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${target.value}`;
}

/** At most two metrics, the rest as a number; "<none>" without any. */
export function formatMetrics(specs: readonly MetricSpec[] | undefined, statuses: readonly MetricStatus[] | undefined): string {
  if (!specs?.length) return '<none>';
  return formatList(
    specs.map((spec, index) => metricText(spec, statuses?.[index])),
    MOST_SHOWN,
    ', ',
  );
}
