/** Rules of HorizontalPodAutoscalers (`pkg/apis/autoscaling/validation/validation.go`). */
import { invalidValue, required } from '../../apimachinery/status.ts';
import { notNegative, oneOf } from '../validation/common.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { HorizontalPodAutoscaler, HPAScalingRules, MetricSpec, MetricTarget } from '../generated/types.ts';

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
const SOURCES = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const;

function validateTarget(target: MetricTarget | undefined, path: string): FieldError[] {
  if (!target?.type) return [required(`${path}.type`, 'must specify a metric target type')];
  const errors = oneOf(`${path}.type`, target.type, ['AverageValue', 'Utilization', 'Value']);
  if (target.averageUtilization !== undefined && target.averageUtilization < 1) {
    errors.push(invalidValue(`${path}.averageUtilization`, target.averageUtilization, 'must be greater than 0'));
  }
  if (target.value === undefined && target.averageUtilization === undefined && target.averageValue === undefined) {
    errors.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'));
  }
  return errors;
}

function validateMetric(spec: MetricSpec, path: string): FieldError[] {
  if (!spec.type) return [required(`${path}.type`, 'must specify a metric source type')];
  const errors = oneOf(`${path}.type`, spec.type, Object.keys(SOURCES));
  if (errors.length > 0) return errors;
  const field = SOURCES[spec.type as keyof typeof SOURCES];
  const source = spec[field];
  if (!source) return [required(`${path}.${field}`, `must populate information for the given metric source`)];
  if ('name' in source && !source.name) errors.push(required(`${path}.${field}.name`, 'must specify a resource name'));
  if ('metric' in source && !source.metric?.name) errors.push(required(`${path}.${field}.metric.name`));
  return [...errors, ...validateTarget(source.target, `${path}.${field}.target`)];
}

function validateBehavior(rules: HPAScalingRules | undefined, path: string): FieldError[] {
  if (!rules) return [];
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [] } = rules;
  const errors = notNegative(`${path}.stabilizationWindowSeconds`, window);
  if (window !== undefined && window > MAX_WINDOW_SECONDS) {
    errors.push(invalidValue(`${path}.stabilizationWindowSeconds`, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  }
  errors.push(...oneOf(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']));
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  policies.forEach(({ type, value, periodSeconds }, index) => {
    const at = `${path}.policies[${index}]`;
    errors.push(...oneOf(`${at}.type`, type, ['Percent', 'Pods'], true));
    if (value <= 0) errors.push(invalidValue(`${at}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) errors.push(invalidValue(`${at}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    else if (periodSeconds > MAX_PERIOD_SECONDS) {
      errors.push(invalidValue(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
    }
  });
  return errors;
}

/** `ValidateHorizontalPodAutoscaler`. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas, maxReplicas = 0, scaleTargetRef, metrics = [], behavior } = spec;
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < 1) {
    errors.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  }
  if (maxReplicas < 1) errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  }
  if (!scaleTargetRef?.kind) errors.push(required('spec.scaleTargetRef.kind'));
  if (!scaleTargetRef?.name) errors.push(required('spec.scaleTargetRef.name'));
  return [
    ...errors,
    ...metrics.flatMap((metric, index) => validateMetric(metric, `spec.metrics[${index}]`)),
    ...validateBehavior(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...validateBehavior(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}
