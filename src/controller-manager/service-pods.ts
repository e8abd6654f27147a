/**
 * Which pods stand behind which Service, and what they offer it (`pkg/controller/endpoint`, `k8s.io/endpointslice/util`).
 * Shared by the Endpoints and the EndpointSlice controller, which differ only in the object they write.
 */
import { isSidecar } from '../api/core/pod-resources.ts';
import { PodResource } from '../api/core/pod.ts';
import { ServiceResource } from '../api/core/service.ts';
import type { DiscoveryV1EndpointPort, ObjectReference, Pod, Service, ServicePort } from '../api/generated/types.ts';
import { selectorFromSet } from '../apimachinery/labels.ts';
import { keyOf } from '../apimachinery/meta.ts';
import type { Controller } from '../client/controller.ts';
import type { Informer } from '../client/informer.ts';
import { coalesceMs } from './deps.ts';
import type { ControllerDeps } from './deps.ts';
import { isPodReady, isPodTerminal } from './pods.ts';

const BY_LABEL = 'labels';
const BY_NAMESPACE = 'namespace';
/** Labels by which no Service selects; not worth an index entry each. */
const NOT_INDEXED = new Set(['pod-template-hash', 'controller-revision-hash', 'pod-template-generation']);

/** The caches that both controllers read. */
export interface ServicePods {
  services: Informer<Service>;
  pods: Informer<Pod>;
}

/** Adds an index by every label to the pods. */
export function indexByLabels(pods: Informer<Pod>): Informer<Pod> {
  return pods.addIndex(BY_LABEL, ({ metadata }) => {
    const values: string[] = [];
    for (const [key, value] of Object.entries(metadata.labels ?? {})) {
      if (!NOT_INDEXED.has(key)) values.push(`${metadata.namespace ?? ''}/${key}=${value}`);
    }
    return values;
  });
}

/** The pods of a namespace that may match: all of it must be checked, `equal` only narrows the search. */
export function podsWithLabels(pods: Informer<Pod>, namespace: string, equal: Readonly<Record<string, string>> | undefined): Iterable<Pod> {
  const first = Object.entries(equal ?? {}).find(([key]) => !NOT_INDEXED.has(key));
  return first === undefined ? pods.list() : pods.byIndex(BY_LABEL, `${namespace}/${first[0]}=${first[1]}`);
}

/** The caches, indexed. */
export function servicePods({ informers }: ControllerDeps): ServicePods {
  const pods = indexByLabels(informers.informer(PodResource));
  const services = informers.informer(ServiceResource).addIndex(BY_NAMESPACE, ({ metadata }) => [metadata.namespace ?? '']);
  return { services, pods };
}

/** The pods that the Service selects; none without a selector. */
export function* selectedPods({ pods }: ServicePods, { metadata, spec }: Service): IterableIterator<Pod> {
  const selector = selectorFromSet(spec.selector);
  for (const pod of podsWithLabels(pods, metadata.namespace ?? '', spec.selector))
    if (pod.metadata.namespace === metadata.namespace && selector.matches(pod.metadata.labels)) yield pod;
}

/**
 * Enqueues a Service when it or one of its pods changes in a way that endpoints show. `sizes` holds the pods per Service
 * at its last sync: large Services wait for more changes to come.
 */
export function watchServicePods(
  deps: ControllerDeps,
  { services, pods }: ServicePods,
  controller: Controller,
  sizes: ReadonlyMap<string, number>,
): void {
  const enqueue = (service: Service) => controller.enqueue(keyOf(service));
  const enqueueFor = (pod: Pod) => {
    for (const service of services.byIndex(BY_NAMESPACE, pod.metadata.namespace ?? '')) {
      const { selector } = service.spec;
      if (selector === undefined || !selectorFromSet(selector).matches(pod.metadata.labels)) continue;
      const key = keyOf(service);
      controller.enqueueAfter(key, coalesceMs(sizes.get(key) ?? 0));
    }
  };
  services.addHandler({ add: enqueue, update: enqueue, delete: enqueue }, deps.scope);
  pods.addHandler(
    {
      add: (pod) => {
        if (isIncluded(pod)) enqueueFor(pod);
      },
      update: (pod, old) => {
        if (pod.metadata.labels !== old.metadata.labels) enqueueFor(old);
        if (pod.metadata.labels !== old.metadata.labels || endpointChanged(pod, old)) enqueueFor(pod);
      },
      delete: enqueueFor,
    },
    deps.scope,
  );
}

function endpointChanged(pod: Pod, old: Pod): boolean {
  return (
    isIncluded(pod) !== isIncluded(old) ||
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    isPodReady(pod) !== isPodReady(old) ||
    pod.status?.podIP !== old.status?.podIP ||
    pod.spec.nodeName !== old.spec.nodeName ||
    pod.spec.hostname !== old.spec.hostname ||
    pod.spec.subdomain !== old.spec.subdomain
  );
}

/** Has an address and has not ended (`ShouldPodBeInEndpoints` with terminating pods included). */
export function isIncluded(pod: Pod): boolean {
  return !isPodTerminal(pod) && Boolean(pod.status?.podIP);
}

/** The host name under which DNS lists the pod in a headless Service, if any (`ShouldSetHostname`). */
export function hostnameFor(service: Service, pod: Pod): string | undefined {
  const { hostname, subdomain } = pod.spec;
  return hostname && subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace ? hostname : undefined;
}

/** Ports of the pod behind the Service's ports; a port name that no container has is left out (`getEndpointPorts`). */
export function endpointPorts({ spec }: Service, pod: Pod): DiscoveryV1EndpointPort[] {
  const ports: DiscoveryV1EndpointPort[] = [];
  for (const servicePort of spec.ports ?? []) {
    const port = findPort(pod, servicePort);
    if (port === undefined) continue;
    const { appProtocol } = servicePort;
    ports.push({
      name: servicePort.name ?? '',
      port,
      protocol: servicePort.protocol ?? 'TCP',
      ...(appProtocol !== undefined && { appProtocol }),
    });
  }
  return ports;
}

/** True when every pod has the same ports, because none is given by name. */
export const hasOnlyNumericPorts = ({ spec }: Service): boolean =>
  (spec.ports ?? []).every(({ targetPort }) => typeof targetPort !== 'string');

function findPort(pod: Pod, { port, protocol = 'TCP', targetPort }: ServicePort): number | undefined {
  if (typeof targetPort !== 'string') return targetPort || port;
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]) {
    for (const offered of container.ports ?? []) {
      if (offered.name === targetPort && (offered.protocol ?? 'TCP') === protocol) return offered.containerPort;
    }
  }
  return undefined;
}

/** How endpoints point back at their pod. */
export function podReference({ metadata }: Pod): ObjectReference {
  return {
    kind: 'Pod',
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
    name: metadata.name,
    uid: metadata.uid,
  };
}
