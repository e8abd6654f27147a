/**
 * What an object costs under a ResourceQuota, and which quotas care about it. Shared by admission, which refuses, and
 * by the quota controller, which recounts (`k8s.io/kubernetes/pkg/quota/v1/evaluator/core`).
 */
import { milliValue, milliQuantityOf, formatQuantity, parseQuantity } from '../../apimachinery/quantity.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { podLimits, podRequests } from './pod-resources.ts';
import { qosClassOf } from './qos.ts';
import type { PersistentVolumeClaim, Pod, PodSpec, ResourceQuota, Service } from '../generated/types.ts';

/** Amounts by quota resource name: "pods", "requests.cpu", "count/deployments.apps". */
export type QuotaUsage = Readonly<Record<string, string>>;

/** Core resources that also have a name of their own besides "count/…". */
const SHORT_COUNTS = new Set([
  'configmaps',
  'secrets',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'persistentvolumeclaims',
  'pods',
]);
const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];

/** What `object` uses. A pod that has ended uses nothing but its count. */
export function quotaUsageOf(resource: { group: string; plural: string }, object: KubernetesObject): QuotaUsage {
  const { group, plural } = resource;
  const usage: Record<string, string> = { [`count/${plural}${group && `.${group}`}`]: '1' };
  if (group !== '') return usage;
  if (SHORT_COUNTS.has(plural) && plural !== 'pods') usage[plural] = '1';
  if (plural === 'pods') return { ...usage, ...podUsage(object as Pod) };
  if (plural === 'services') return { ...usage, ...serviceUsage(object as Service) };
  if (plural === 'persistentvolumeclaims') return { ...usage, ...claimUsage(object as PersistentVolumeClaim) };
  return usage;
}

/** Whether the quota's scopes take in `object` (only pods have scopes). */
export function quotaMatches({ spec }: ResourceQuota, resource: { group: string; plural: string }, object: KubernetesObject): boolean {
  const selectors = [
    ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists', values: undefined })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ];
  if (selectors.length === 0) return true;
  if (resource.group !== '' || resource.plural !== 'pods') return false;
  return selectors.every(({ scopeName, operator, values }) => inScope((object as Pod).spec, scopeName, operator, values ?? []));
}

function inScope(spec: PodSpec, scope: string, operator: string, values: readonly string[]): boolean {
  const bestEffort = qosClassOf(spec) === 'BestEffort';
  switch (scope) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return bestEffort;
    case 'NotBestEffort':
      return !bestEffort;
    case 'PriorityClass': {
      const name = spec.priorityClassName ?? '';
      if (operator === 'Exists') return name !== '';
      if (operator === 'DoesNotExist') return name === '';
      return values.includes(name) === (operator === 'In');
    }
    default:
      return false;
  }
}

function podUsage(pod: Pod): QuotaUsage {
  const phase = pod.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') return {};
  const usage: Record<string, string> = { pods: '1' };
  const [requests, limits] = [podRequests(pod.spec), podLimits(pod.spec)];
  for (const name of COMPUTE) {
    const [request, limit] = [requests.get(name), limits.get(name)];
    if (request !== undefined) usage[name] = usage[`requests.${name}`] = formatQuantity(request);
    if (limit !== undefined) usage[`limits.${name}`] = formatQuantity(limit);
  }
  return usage;
}

function serviceUsage({ spec }: Service): QuotaUsage {
  const ports = spec.ports?.length ?? 0;
  const nodePorts = spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false) ? ports : 0;
  return { 'services.nodeports': String(nodePorts), 'services.loadbalancers': spec.type === 'LoadBalancer' ? '1' : '0' };
}

function claimUsage({ spec }: PersistentVolumeClaim): QuotaUsage {
  const storage = spec.resources?.requests?.['storage'] ?? '0';
  const usage: Record<string, string> = { 'requests.storage': storage };
  const className = spec.storageClassName;
  if (className) {
    usage[`${className}.storageclass.storage.k8s.io/requests.storage`] = storage;
    usage[`${className}.storageclass.storage.k8s.io/persistentvolumeclaims`] = '1';
  }
  return usage;
}

/** The sum of amounts, by name. */
export function addUsage(a: QuotaUsage, b: QuotaUsage, sign: 1 | -1 = 1): QuotaUsage {
  const sum: Record<string, string> = { ...a };
  for (const [name, amount] of Object.entries(b)) {
    const milli = milliValue(a[name] ?? '0') + sign * milliValue(amount);
    const { format } = parseQuantity(a[name] !== undefined && milliValue(a[name]) !== 0 ? a[name] : amount);
    sum[name] = formatQuantity(milliQuantityOf(milli, format));
  }
  return sum;
}
