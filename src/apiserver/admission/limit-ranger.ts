/**
 * LimitRange: fills in default requests and limits of containers, then checks minima, maxima and ratios of containers,
 * pods and claims (`k8s.io/kubernetes/plugin/pkg/admission/limitranger/admission.go`).
 */
import { podLimits, podRequests } from '../../api/core/pod-resources.ts';
import type { ResourceAmounts } from '../../api/core/pod-resources.ts';
import { canonicalQuantity, compareQuantities, formatQuantity, milliValue, parseQuantity } from '../../apimachinery/quantity.ts';
import { forbidden } from '../../apimachinery/status.ts';
import { LimitRangeResource } from '../../api/core/limit-range.ts';
import type { Container, LimitRange, LimitRangeItem, PersistentVolumeClaim, Pod, PodSpec } from '../../api/generated/types.ts';
import type { AdmissionPlugin } from './admission.ts';

type Amounts = Readonly<Record<string, string>>;

interface Usage {
  requests: Amounts;
  limits: Amounts;
}

export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  seesSubresources: true,
  admit({ operation, resource, subresource, namespace, reader }, object) {
    if (operation !== 'CREATE' || subresource !== '' || resource.kind !== 'Pod' || resource.group !== '') return object;
    let pod = object as Pod;
    for (const limitRange of reader.list(LimitRangeResource, namespace)) pod = withDefaults(pod, limitRange);
    return pod;
  },
  validate({ operation, resource, subresource, namespace, name, object, reader }) {
    const isResize = operation === 'UPDATE' && subresource === 'resize';
    if (((operation !== 'CREATE' || subresource !== '') && !isResize) || object === undefined) return;
    if (resource.kind !== 'Pod' && resource.kind !== 'PersistentVolumeClaim') return;
    for (const limitRange of reader.list(LimitRangeResource, namespace)) {
      const errors =
        resource.kind === 'Pod' ? podViolations(limitRange, object as Pod) : claimViolations(limitRange, object as PersistentVolumeClaim);
      if (errors.length > 0)
        throw forbidden(
          { group: '', resource: resource.plural },
          name,
          errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`,
        );
    }
  },
};

/** The pod with the range's container defaults where it has nothing of its own (`mergePodResourceRequirements`). */
function withDefaults(pod: Pod, { spec }: LimitRange): Pod {
  const item = (spec.limits ?? []).find(({ type }) => type === 'Container');
  if (!item?.default && !item?.defaultRequest) return pod;
  const notes: string[] = [];
  const fill = (container: Container, what: string): Container => {
    const { requests = {}, limits = {} } = container.resources ?? {};
    const missing = (have: Amounts, defaults: Amounts = {}) =>
      Object.keys(defaults)
        .filter((key) => have[key] === undefined)
        .sort();
    const newRequests = missing(requests, item.defaultRequest);
    const newLimits = missing(limits, item.default);
    if (newRequests.length + newLimits.length === 0) return container;
    if (newRequests.length > 0) notes.push(`${newRequests.join(', ')} request for ${what} ${container.name}`);
    if (newLimits.length > 0) notes.push(`${newLimits.join(', ')} limit for ${what} ${container.name}`);
    const pick = (keys: string[], from: Amounts = {}) => Object.fromEntries(keys.map((key) => [key, from[key] as string]));
    return {
      ...container,
      resources: {
        ...container.resources,
        limits: { ...pick(newLimits, item.default), ...limits },
        requests: { ...pick(newRequests, item.defaultRequest), ...requests },
      },
    };
  };
  const containers = ((pod.spec as Partial<PodSpec>).containers ?? []).map((container) => fill(container, 'container'));
  const initContainers = pod.spec.initContainers?.map((container) => fill(container, 'init container'));
  if (notes.length === 0) return pod;
  const annotations = { ...pod.metadata.annotations, [`kubernetes.io/limit-ranger`]: `LimitRanger plugin set: ${notes.join('; ')}` };
  const spec2: PodSpec = { ...pod.spec, containers, ...(initContainers && { initContainers }) };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec: spec2 };
}

/** Every violation of one range by a pod, as upstream words it (`PodValidateLimitFunc`). */
export function podViolations({ spec }: LimitRange, pod: Pod): string[] {
  const errors: string[] = [];
  for (const item of spec.limits ?? []) {
    if (item.type === 'Container') {
      for (const container of [...((pod.spec as Partial<PodSpec>).containers ?? []), ...(pod.spec.initContainers ?? [])])
        errors.push(...violations(item, usageOf(container)));
    } else if (item.type === 'Pod') errors.push(...violations(item, podUsage(pod.spec)));
  }
  return errors;
}

function claimViolations({ spec }: LimitRange, claim: PersistentVolumeClaim): string[] {
  const errors: string[] = [];
  const requests = claim.spec.resources?.requests ?? {};
  for (const item of spec.limits ?? []) {
    if (item.type !== 'PersistentVolumeClaim') continue;
    for (const [name, minimum] of Object.entries(item.min ?? {}))
      errors.push(...below(item.type, name, minimum, requests[name], undefined));
    for (const [name, maximum] of Object.entries(item.max ?? {})) {
      const request = requests[name];
      if (request === undefined)
        errors.push(`maximum ${name} usage per ${item.type} is ${canonicalQuantity(maximum)}.  No request is specified`);
      else if (isMore(request, maximum))
        errors.push(
          `maximum ${name} usage per ${item.type} is ${canonicalQuantity(maximum)}, but request is ${canonicalQuantity(request)}`,
        );
    }
  }
  return errors;
}

const isMore = (a: string, b: string) => compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;

function usageOf({ resources = {} }: Container): Usage {
  return { requests: resources.requests ?? {}, limits: resources.limits ?? {} };
}

function violations(item: LimitRangeItem, usage: Usage): string[] {
  const errors: string[] = [];
  for (const [name, minimum] of Object.entries(item.min ?? {}))
    errors.push(...below(item.type, name, minimum, usage.requests[name], usage.limits[name]));
  for (const [name, maximum] of Object.entries(item.max ?? {}))
    errors.push(...above(item.type, name, maximum, usage.requests[name], usage.limits[name]));
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) errors.push(...unbalanced(item.type, name, ratio, usage));
  return errors;
}

function below(type: string, name: string, minimum: string, request: string | undefined, limit: string | undefined): string[] {
  const head = `minimum ${name} usage per ${type} is ${canonicalQuantity(minimum)}`;
  if (request === undefined) return [`${head}.  No request is specified`];
  if (isMore(minimum, request)) return [`${head}, but request is ${canonicalQuantity(request)}`];
  return limit !== undefined && isMore(minimum, limit) ? [`${head}, but limit is ${canonicalQuantity(limit)}`] : [];
}

function above(type: string, name: string, maximum: string, request: string | undefined, limit: string | undefined): string[] {
  const head = `maximum ${name} usage per ${type} is ${canonicalQuantity(maximum)}`;
  if (limit === undefined) return [`${head}.  No limit is specified`];
  if (isMore(limit, maximum)) return [`${head}, but limit is ${canonicalQuantity(limit)}`];
  return request !== undefined && isMore(request, maximum) ? [`${head}, but request is ${canonicalQuantity(request)}`] : [];
}

function unbalanced(type: string, name: string, ratio: string, { requests, limits }: Usage): string[] {
  const request = requests[name];
  const limit = limits[name];
  const head = `${name} max limit to request ratio per ${type} is ${canonicalQuantity(ratio)}, but`;
  if (request === undefined || milliValue(request) === 0) return [`${head} no request is specified or request is 0`];
  if (limit === undefined || milliValue(limit) === 0) return [`${head} no limit is specified or limit is 0`];
  const actual = milliValue(limit) / milliValue(request);
  return actual > milliValue(ratio) / 1000 ? [`${head} provided ratio is ${actual.toFixed(6)}`] : [];
}

function podUsage(spec: PodSpec): Usage {
  const written = (amounts: ResourceAmounts): Amounts =>
    Object.fromEntries([...amounts].map(([name, amount]) => [name, formatQuantity(amount)]));
  return { requests: written(podRequests(spec)), limits: written(podLimits(spec)) };
}
