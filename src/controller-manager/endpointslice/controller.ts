/**
 * The EndpointSlice controller (`pkg/controller/endpointslice`, `k8s.io/endpointslice`): for every Service with a
 * selector, slices of up to 100 addresses with the conditions ready, serving and terminating.
 * Differs: slices carry no endpoints.kubernetes.io/last-change-trigger-time, which serves latency metrics only.
 */
import { NodeResource } from '../../api/core/node.ts';
import type { Endpoint, Node, Pod, Service } from '../../api/generated/types.ts';
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
import { TopologyHints } from './hints.ts';
import { portsKey } from '../slice-packing.ts';
import type { PortGroup } from '../slice-packing.ts';
import { MANAGED_BY, SERVICE_NAME, slicesManagedBy, SliceWriter, STALE_RETRY_MS } from '../slice-writer.ts';

const CONTROLLER_NAME = 'endpointslice-controller.k8s.io';
const HEADLESS = 'service.kubernetes.io/headless';
const ZONE = 'topology.kubernetes.io/zone';
/** How soon to look again for the Node of a pod that is not known yet. */
const NODE_RETRY_MS = 1000;

/** Starts the controller. */
export function startEndpointSliceController(deps: ControllerDeps): void {
  const caches = servicePods(deps);
  const nodes = deps.informers.informer(NodeResource);
  const slices = slicesManagedBy(deps, CONTROLLER_NAME);
  const sizes = new Map<string, number>();
  const controller = startController(deps.scope, 'services', reconcile, [caches.services, caches.pods, nodes, slices.informer]);
  watchServicePods(deps, caches, controller, sizes);
  const writer = new SliceWriter(deps, controller, slices);
  const hints = new TopologyHints(deps, nodes);
  hints.watchNodes(controller);

  function reconcile(key: string): Requeue | undefined {
    const service = caches.services.get(key);
    if (service === undefined) {
      sizes.delete(key);
      hints.forget(key);
      return undefined;
    }
    if (service.spec.type === 'ExternalName' || service.spec.selector === undefined || service.metadata.deletionTimestamp !== undefined)
      return undefined;
    if (writer.isStale(key)) return requeueAfter(STALE_RETRY_MS);
    const pods = [...selectedPods(caches, service)].filter(isIncluded);
    sizes.set(key, pods.length);
    const existing = slices.of(key);
    const content = { owner: service, labels: sliceLabels(service) };
    let missingNode = false;
    for (const addressType of addressTypes(service)) {
      const groups = new Map<string, PortGroup>();
      missingNode = !group(groups, service, pods, addressType, nodes) || missingNode;
      writer.write(content, addressType, existing, groups, (plan, unchanged) => hints.apply(service, addressType, plan, unchanged));
    }
    for (const slice of existing) if (!addressTypes(service).includes(slice.addressType)) writer.remove(key, slice);
    return missingNode ? requeueAfter(NODE_RETRY_MS, { background: true }) : undefined;
  }
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

function sliceLabels(service: Service): Record<string, string> {
  const { [SERVICE_NAME]: _name, [MANAGED_BY]: _manager, [HEADLESS]: _headless, ...labels } = service.metadata.labels ?? {};
  const headless: Record<string, string> = service.spec.clusterIP === 'None' ? { [HEADLESS]: '' } : {};
  return { ...labels, ...headless, [SERVICE_NAME]: service.metadata.name, [MANAGED_BY]: CONTROLLER_NAME };
}
