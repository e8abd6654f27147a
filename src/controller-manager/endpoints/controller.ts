/**
 * The Endpoints controller (`pkg/controller/endpoint/endpoints_controller.go`): one Endpoints object per Service with a
 * selector, the older form of EndpointSlices. At most 1000 addresses.
 */
import { EndpointsResource } from '../../api/core/endpoints.ts';
import type { EndpointAddress, EndpointPort, Endpoints, EndpointSubset, Pod, Service } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { splitKey } from '../../apimachinery/meta.ts';
import { canonicalJson } from '../../apimachinery/safe-encode.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { startController } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';
import { isPodReady } from '../pods.ts';
import { endpointPorts, hostnameFor, isIncluded, podReference, selectedPods, servicePods, watchServicePods } from '../service-pods.ts';

const MAX_ADDRESSES = 1000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const HEADLESS = 'service.kubernetes.io/headless';

/** Starts the controller. */
export function startEndpointsController(deps: ControllerDeps): void {
  const { client } = deps;
  const caches = servicePods(deps);
  const endpoints = deps.informers.informer(EndpointsResource);
  const sizes = new Map<string, number>();
  const controller = startController(deps.scope, 'services', reconcile, [caches.services, caches.pods, endpoints]);
  watchServicePods(deps, caches, controller, sizes);

  function reconcile(key: string): void {
    const service = caches.services.get(key);
    if (service === undefined) {
      sizes.delete(key);
      return remove(key);
    }
    if (service.spec.type === 'ExternalName' || service.spec.selector === undefined) return;
    const pods = [...selectedPods(caches, service)].filter(
      (pod) => isIncluded(pod) && (pod.metadata.deletionTimestamp === undefined || service.spec.publishNotReadyAddresses === true),
    );
    sizes.set(key, pods.length);
    write(service, truncated(subsetsOf(service, pods)), endpoints.get(key));
  }

  function write(
    service: Service,
    { subsets, overCapacity }: { subsets: EndpointSubset[]; overCapacity: boolean },
    current: Endpoints | undefined,
  ): void {
    const labels: Record<string, string> = { ...service.metadata.labels, [MANAGED_BY]: 'endpoint-controller' };
    if (service.spec.clusterIP === 'None') labels[HEADLESS] = '';
    const { [OVER_CAPACITY]: _over, ...others } = current?.metadata.annotations ?? {};
    const annotations = overCapacity ? { ...others, [OVER_CAPACITY]: 'truncated' } : others;
    const unchanged =
      current !== undefined &&
      deepEqual(current.subsets ?? [], subsets) &&
      deepEqual(current.metadata.labels ?? {}, labels) &&
      deepEqual(current.metadata.annotations ?? {}, annotations);
    if (unchanged) return;
    const { name, namespace } = service.metadata;
    if (current === undefined) client.create(EndpointsResource, { metadata: { name, namespace, labels, annotations }, subsets });
    else client.update(EndpointsResource, { ...current, metadata: { ...current.metadata, labels, annotations }, subsets });
  }

  function remove(key: string): void {
    const { namespace, name } = splitKey(key);
    if (endpoints.get(key) === undefined) return;
    try {
      client.delete(EndpointsResource, { namespace, name });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

/** The pods grouped by their ports, addresses in order (`endpoints.RepackSubsets`). */
export function subsetsOf(service: Service, pods: readonly Pod[]): EndpointSubset[] {
  const groups = new Map<string, { ports: EndpointPort[]; ready: EndpointAddress[]; notReady: EndpointAddress[] }>();
  for (const pod of pods) {
    const ports = endpointPorts(service, pod).map(({ name, port = 0, ...rest }) => ({ ...(name && { name }), port, ...rest }));
    if (ports.length === 0 && service.spec.clusterIP !== 'None') continue;
    const key = canonicalJson(ports);
    const group = groups.get(key) ?? { ports, ready: [], notReady: [] };
    groups.set(key, group);
    const isReady = service.spec.publishNotReadyAddresses === true || isPodReady(pod);
    (isReady ? group.ready : group.notReady).push(addressOf(service, pod));
  }
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, { ports, ready, notReady }]) => ({
    ...(ready.length > 0 && { addresses: ready.sort(compareAddresses) }),
    ...(notReady.length > 0 && { notReadyAddresses: notReady.sort(compareAddresses) }),
    ...(ports.length > 0 && { ports }),
  }));
}

function addressOf(service: Service, pod: Pod): EndpointAddress {
  const hostname = hostnameFor(service, pod);
  const { nodeName } = pod.spec;
  return {
    ip: pod.status?.podIP ?? '',
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    targetRef: podReference(pod),
  };
}

const compareAddresses = (a: EndpointAddress, b: EndpointAddress): number => (a.ip < b.ip ? -1 : Number(a.ip > b.ip));

/** At most 1000 addresses, ready ones first (`truncateEndpoints`). */
function truncated(subsets: EndpointSubset[]): { subsets: EndpointSubset[]; overCapacity: boolean } {
  const count = subsets.reduce((sum, { addresses = [], notReadyAddresses = [] }) => sum + addresses.length + notReadyAddresses.length, 0);
  if (count <= MAX_ADDRESSES) return { subsets, overCapacity: false };
  const keep = new Set(
    [...subsets.flatMap(({ addresses = [] }) => addresses), ...subsets.flatMap(({ notReadyAddresses = [] }) => notReadyAddresses)].slice(
      0,
      MAX_ADDRESSES,
    ),
  );
  const cut = subsets.map(({ addresses = [], notReadyAddresses = [], ports }) => {
    const [ready, notReady] = [addresses.filter((address) => keep.has(address)), notReadyAddresses.filter((address) => keep.has(address))];
    return {
      ...(ready.length > 0 && { addresses: ready }),
      ...(notReady.length > 0 && { notReadyAddresses: notReady }),
      ...(ports && { ports }),
    };
  });
  return { subsets: cut.filter((subset) => 'addresses' in subset || 'notReadyAddresses' in subset), overCapacity: true };
}
