/**
 * The EndpointSlice controller (`pkg/controller/endpointslice`, `k8s.io/endpointslice`): for every Service with a
 * selector, slices of up to 100 addresses with the conditions ready, serving and terminating.
 * Left out: topology hints (`trafficDistribution`).
 * Differs: slices carry no endpoints.kubernetes.io/last-change-trigger-time, which serves latency metrics only.
 */
import { NodeResource } from '../../api/core/node.ts';
import { EndpointSliceResource } from '../../api/discovery/endpoint-slice.ts';
import type { Endpoint, EndpointSlice, Node, Pod, Service } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { newControllerRef } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import {
  endpointPorts,
  hasOnlyNumericPorts,
  hostnameFor,
  isIncluded,
  podReference,
  selectedPods,
  servicePods,
  watchServicePods,
} from '../service-pods.ts';
import { isPodReady } from '../pods.ts';
import { planSlices, portsKey } from './packing.ts';
import type { PortGroup } from './packing.ts';
import { SliceTracker } from './tracker.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const ZONE = 'topology.kubernetes.io/zone';
const BY_SERVICE = 'service';
/** How soon to look again for the Node of a pod that is not known yet. */
const NODE_RETRY_MS = 1000;
/** How soon to look again when the cache lacks our own last write. */
const STALE_RETRY_MS = 5;

/** Starts the controller. */
export function startEndpointSliceController(deps: ControllerDeps): void {
  const caches = servicePods(deps);
  const nodes = deps.informers.informer(NodeResource);
  const slices = deps.informers.informer(EndpointSliceResource).addIndex(BY_SERVICE, managedServiceKeys);
  const sizes = new Map<string, number>();
  const controller = startController(deps.scope, 'services', reconcile, [caches.services, caches.pods, nodes, slices]);
  watchServicePods(deps, caches, controller, sizes);
  const tracker = new SliceTracker();
  /** Somebody else's change is repaired; our own writes are only ticked off. */
  const seen = (slice: EndpointSlice) => {
    for (const key of managedServiceKeys(slice)) if (!tracker.seen(key, slice)) controller.enqueue(key);
  };
  slices.addHandler({ add: seen, update: seen, delete: seen }, deps.scope);

  function reconcile(key: string): Requeue | undefined {
    const service = caches.services.get(key);
    if (service === undefined) {
      sizes.delete(key);
      return undefined;
    }
    if (service.spec.type === 'ExternalName' || service.spec.selector === undefined || service.metadata.deletionTimestamp !== undefined)
      return undefined;
    if (tracker.isStale(key)) return requeueAfter(STALE_RETRY_MS);
    const pods = [...selectedPods(caches, service)].filter(isIncluded);
    sizes.set(key, pods.length);
    const existing = [...slices.byIndex(BY_SERVICE, key)].filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    let missingNode = false;
    for (const addressType of addressTypes(service)) {
      const groups = new Map<string, PortGroup>();
      missingNode = !group(groups, service, pods, addressType, nodes) || missingNode;
      apply(
        { deps, tracker, service },
        addressType,
        existing.filter((slice) => slice.addressType === addressType),
        groups,
      );
    }
    for (const slice of existing) if (!addressTypes(service).includes(slice.addressType)) remove({ deps, tracker, service }, slice);
    return missingNode ? requeueAfter(NODE_RETRY_MS, { background: true }) : undefined;
  }
}

function managedServiceKeys({ metadata }: EndpointSlice): string[] {
  const service = metadata.labels?.[SERVICE_NAME];
  return service === undefined || metadata.labels?.[MANAGED_BY] !== CONTROLLER_NAME ? [] : [`${metadata.namespace ?? ''}/${service}`];
}

function addressTypes({ spec }: Service): string[] {
  return spec.ipFamilies && spec.ipFamilies.length > 0 ? spec.ipFamilies : ['IPv4'];
}

/** Sorts the pods' endpoints by their ports. False when the Node of some pod is not known. */
function group(
  groups: Map<string, PortGroup>,
  service: Service,
  pods: readonly Pod[],
  addressType: string,
  nodes: Informer<Node>,
): boolean {
  const numeric = hasOnlyNumericPorts(service);
  let complete = true;
  let current: PortGroup | undefined;
  for (const pod of pods) {
    const node = nodes.get(pod.spec.nodeName ?? '');
    if (node === undefined && !service.spec.publishNotReadyAddresses) {
      complete = false;
      continue;
    }
    const endpoint = endpointOf(service, pod, addressType, node);
    if (endpoint === undefined) continue;
    if (current === undefined || !numeric) {
      const ports = endpointPorts(service, pod);
      const key = portsKey(ports);
      current = groups.get(key) ?? { ports, endpoints: [] };
      groups.set(key, current);
    }
    current.endpoints.push(endpoint);
  }
  return complete;
}

/** The pod as an endpoint (`podToEndpoint`); undefined when it has no address of the type. */
export function endpointOf(service: Service, pod: Pod, addressType: string, node: Node | undefined): Endpoint | undefined {
  const { status, spec, metadata } = pod;
  const addresses = (status?.podIPs ?? [{ ip: status?.podIP ?? '' }])
    .map(({ ip }) => ip)
    .filter((ip) => ip.includes(':') === (addressType === 'IPv6'));
  if (addresses.length === 0) return undefined;
  const serving = isPodReady(pod);
  const terminating = metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = hostnameFor(service, pod);
  const zone = node?.metadata.labels?.[ZONE];
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && { hostname }),
    targetRef: podReference(pod),
    ...(spec.nodeName !== undefined && { nodeName: spec.nodeName }),
    ...(zone !== undefined && { zone }),
  };
}

interface Writer {
  deps: ControllerDeps;
  tracker: SliceTracker;
  service: Service;
}

/** Brings the slices of one address type to what `groups` says. Without any endpoint one empty slice remains. */
function apply(writer: Writer, addressType: string, existing: readonly EndpointSlice[], groups: Map<string, PortGroup>): void {
  const { deps, tracker, service } = writer;
  if (groups.size === 0) groups.set('', { ports: [], endpoints: [] });
  const plan = planSlices(existing, groups);
  const labels = sliceLabels(service);
  if (plan.create.length === 0 && plan.update.length === 0 && existing.length === plan.delete.length)
    plan.create.push({ ports: [], endpoints: [] });
  const updated = new Set(plan.update.map(({ slice }) => slice));
  for (const slice of existing) {
    // The Service's labels changed: its slices carry them too.
    const stale = !updated.has(slice) && !plan.delete.includes(slice) && !deepEqual(slice.metadata.labels, labels);
    if (stale) plan.update.push({ slice, endpoints: slice.endpoints ?? [] });
  }
  while (plan.create.length > 0 && plan.delete.length > 0) {
    const slice = plan.delete.pop();
    const made = plan.create.pop();
    if (slice && made) plan.update.push({ slice: { ...slice, ports: [...made.ports] }, endpoints: made.endpoints });
  }
  for (const { slice, endpoints } of plan.update) {
    tracker.wrote(service, deps.client.update(EndpointSliceResource, { ...slice, metadata: { ...slice.metadata, labels }, endpoints }));
  }
  for (const { ports, endpoints } of plan.create) {
    const slice = deps.client.create(EndpointSliceResource, {
      metadata: {
        generateName: `${service.metadata.name}-`,
        namespace: service.metadata.namespace,
        labels,
        ownerReferences: [newControllerRef(service)],
      },
      addressType,
      endpoints,
      ports: [...ports],
    });
    tracker.wrote(service, slice);
  }
  for (const slice of plan.delete) remove(writer, slice);
}

function remove({ deps, tracker, service }: Writer, slice: EndpointSlice): void {
  try {
    deps.client.delete(EndpointSliceResource, slice.metadata);
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
  tracker.deletes(service, slice);
}

function sliceLabels(service: Service): Record<string, string> {
  const { [SERVICE_NAME]: _name, [MANAGED_BY]: _manager, [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {};
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
  return { ...labels, ...headless, [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: CONTROLLER_NAME };
}
