/**
 * The subresources of Pods that change state: binding and eviction
 * (`k8s.io/kubernetes/pkg/registry/core/pod/storage/{storage,eviction}.go`).
 */
import { formatTime } from '../../apimachinery/durations.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { setCondition } from '../../apimachinery/conditions.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { badRequest, conflict, invalid, notSupported, required, StatusError } from '../../apimachinery/status.ts';
import type { Status } from '../../apimachinery/status.ts';
import type { Pod, PodCondition, PodDisruptionBudget, PodSpec } from '../../api/generated/types.ts';
import type { ApiResponse } from '../../api/request.ts';
import { deleteObject } from '../registry/deletion.ts';
import type { Registry } from '../registry/registry.ts';
import { admitBody } from './admission.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

interface Binding {
  metadata?: { name?: string; uid?: string; annotations?: Record<string, string> };
  target?: { kind?: string; name?: string };
}

interface Eviction {
  metadata?: { name?: string; namespace?: string };
  deleteOptions?: { gracePeriodSeconds?: number; preconditions?: { uid?: string; resourceVersion?: string } };
}

const BINDING = { group: '', version: 'v1', kind: 'Binding', schema: 'core.v1.Binding' };
const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction', schema: 'policy.v1.Eviction' };

const success = (code: number): Status => ({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code });

/** Spec with node → the spec bound to it, shared by all pods of one template on one node. */
const boundSpecs = new WeakMap<PodSpec, Map<string, PodSpec>>();

function boundSpec(spec: PodSpec, nodeName: string): PodSpec {
  let byNode = boundSpecs.get(spec);
  if (byNode === undefined) boundSpecs.set(spec, (byNode = new Map<string, PodSpec>()));
  let bound = byNode.get(nodeName);
  if (bound === undefined) byNode.set(nodeName, (bound = { ...spec, nodeName }));
  return bound;
}

/** POST pods/{name}/binding: the scheduler's decision. */
export const bindingSubresource: Subresource = {
  resource: 'pods',
  name: 'binding',
  handle(call: SubresourceCall): ApiResponse | undefined {
    const { registry, context, request } = call;
    if (request.verb !== 'create') return undefined;
    const { metadata = {}, target = {} } = admitBody(call, BINDING, request.body as Binding);
    const name = request.name ?? '';
    if (target.kind && target.kind !== 'Node')
      throw invalid('', 'Binding', name, [notSupported('target.kind', target.kind, ['Node', '<empty>'])]);
    if (!target.name) throw invalid('', 'Binding', name, [required('target.name')]);
    const pod = registry.get(request.namespace, name) as Pod;
    if (metadata.uid && metadata.uid !== pod.metadata.uid)
      throw conflict(
        registry.groupResource,
        name,
        `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${pod.metadata.uid}`,
      );
    if (pod.metadata.deletionTimestamp !== undefined)
      throw refuseBinding(registry, name, `pod ${name} is being deleted, cannot be assigned to a host`);
    if (pod.spec.nodeName) throw refuseBinding(registry, name, `pod ${name} is already assigned to node "${pod.spec.nodeName}"`);
    if (pod.spec.schedulingGates?.length) throw refuseBinding(registry, name, `pod ${name} has non-empty .spec.schedulingGates`);
    const scheduled: PodCondition = { type: 'PodScheduled', status: 'True' };
    const next = {
      ...pod,
      spec: boundSpec(pod.spec, target.name),
      status: { ...pod.status, conditions: setCondition(pod.status?.conditions, scheduled, formatTime(registry.deps.sim.now)) },
    } as Pod;
    registry.commit(context, next, pod);
    return { code: 201, object: success(201), warnings: [] };
  },
};

function refuseBinding(registry: Registry, name: string, why: string): StatusError {
  return conflict({ group: '', resource: `${registry.definition.plural}/binding` }, name, why);
}

/** POST pods/{name}/eviction: a delete that disruption budgets may refuse with 429. */
export const evictionSubresource: Subresource = {
  resource: 'pods',
  name: 'eviction',
  handle(call: SubresourceCall): ApiResponse | undefined {
    const { registry, context, request, server } = call;
    if (request.verb !== 'create') return undefined;
    const sent = request.body as Eviction;
    const name = request.name ?? '';
    if (sent.metadata?.name && sent.metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
    const { deleteOptions = {} } = admitBody(call, EVICTION, sent);
    const pod = registry.get(request.namespace, name) as Pod;
    const phase = pod.status?.phase ?? 'Pending';
    const free = phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || pod.metadata.deletionTimestamp !== undefined;
    if (!free) spendBudget(server.registry('policy', 'poddisruptionbudgets'), context, pod);
    const { gracePeriodSeconds, preconditions } = deleteOptions;
    const options = { ...context.options, gracePeriodSeconds, preconditions };
    deleteObject(registry, { ...context, options, admitted: true }, request.namespace, name);
    return { code: 201, object: success(201), warnings: [] };
  },
};

/** Takes one disruption from the pod's budget; throws when the budget has none left, or when there are two budgets. */
function spendBudget(registry: Registry, context: SubresourceCall['context'], pod: Pod): void {
  const { storage } = registry;
  const budgets = (
    storage.page(`${storage.prefix}${pod.metadata.namespace}/`, {}).items as KubernetesObject[] as PodDisruptionBudget[]
  ).filter(({ spec }) => spec.selector && labelSelectorAsSelector(spec.selector).matches(pod.metadata.labels));
  const [budget, second] = budgets;
  if (budget === undefined) return;
  if (second !== undefined)
    throw new StatusError(
      500,
      'InternalError',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True');
  const { status } = budget;
  const healthyEnough = (status?.currentHealthy ?? 0) >= (status?.desiredHealthy ?? 0) && (status?.desiredHealthy ?? 0) > 0;
  if (!ready && (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || healthyEnough)) return;
  const allowed = status?.disruptionsAllowed ?? 0;
  if ((status?.observedGeneration ?? 0) < (budget.metadata.generation ?? 0) || allowed <= 0) throw refuseEviction(budget, allowed);
  const disruptedPods = { ...status?.disruptedPods, [pod.metadata.name]: formatTime(registry.deps.sim.now) };
  const next = { ...budget, status: { ...status, disruptionsAllowed: allowed - 1, disruptedPods } } as PodDisruptionBudget;
  registry.commit(context, next, budget);
}

function refuseEviction({ metadata, status }: PodDisruptionBudget, allowed: number): StatusError {
  const stale = (status?.observedGeneration ?? 0) < (metadata.generation ?? 0);
  const message = stale
    ? `The disruption budget ${metadata.name} is still being processed by the server.`
    : `The disruption budget ${metadata.name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`;
  const causes = [{ reason: 'DisruptionBudget', message }];
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes,
    ...(stale && { retryAfterSeconds: 10 }),
    ...(allowed < 0 && { name: metadata.name }),
  });
}
