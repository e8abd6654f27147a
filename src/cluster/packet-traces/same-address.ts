/**
 * Pods whose address means something on their own node only, as with Docker's own network: two nodes give out the same one, and a packet
 * that was meant for the one pod is taken by the other, or by nobody.
 */
import { PodResource } from '../../api/core/pod.ts';
import type { Pod, Service } from '../../api/generated/types.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import type { TraceWorld } from './world.ts';

/** Whether addresses of pods are a node's own business. */
const isPerNode = ({ surroundings }: TraceWorld): boolean => surroundings.cni === 'docker';

const text = ({ metadata, spec }: Pod): string => `pod ${metadata.namespace}/${metadata.name} on ${spec.nodeName}`;

const hasAddress =
  (address: string) =>
  ({ spec, status }: Pod): boolean =>
    status?.podIP === address && !spec.hostNetwork;

/**
 * Whom a packet was meant for that arrived in `netns` (the pod that was named, or one of the Service that was asked), when that is somebody
 * else with the same address: "pod default/web on node-1".
 */
export function meantInstead(
  netns: NetworkNamespace,
  pod: Pod | undefined,
  serviceOf: () => Service | undefined,
  world: TraceWorld,
): string | undefined {
  const sandbox = isPerNode(world) ? world.sandboxIn(netns) : undefined;
  if (sandbox === undefined) return undefined;
  const { podUid } = sandbox.config;
  const meant = pod === undefined ? selectedPods(serviceOf(), world) : [pod];
  if (meant.some(({ metadata }) => metadata.uid === podUid)) return undefined;
  const other = meant.find(hasAddress(sandbox.ips[0] ?? ''));
  return other && text(other);
}

function selectedPods(service: Service | undefined, { surroundings }: TraceWorld): Pod[] {
  if (service?.spec.selector === undefined) return [];
  const labelSelector = Object.entries(service.spec.selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return surroundings.client.list(PodResource, service.metadata.namespace, { labelSelector }).items;
}

/** Who has an address that nobody has on `node`: "pod default/web on node-1". */
export function ownerElsewhere(address: string, node: string, world: TraceWorld): string | undefined {
  if (!isPerNode(world)) return undefined;
  const owner = world.surroundings.client
    .list(PodResource)
    .items.filter(({ spec }) => spec.nodeName !== node)
    .find(hasAddress(address));
  return owner && text(owner);
}
