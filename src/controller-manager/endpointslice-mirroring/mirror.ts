/**
 * What a mirrored EndpointSlice takes from its Endpoints (`pkg/controller/endpointslicemirroring/utils.go`,
 * `reconciler_helpers.go`). Pure.
 */
import type { Endpoint, EndpointAddress, Endpoints } from '../../api/generated/types.ts';
import { portsKey } from '../slice-packing.ts';
import type { PortGroup } from '../slice-packing.ts';
import { MANAGED_BY, SERVICE_NAME } from '../slice-writer.ts';

/** The controller's name in the label of its slices. */
export const CONTROLLER_NAME = 'endpointslicemirroring-controller.k8s.io';
const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** Annotations that speak of the Endpoints object alone. */
const NOT_COPIED = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'endpoints.kubernetes.io/last-change-trigger-time']);

/** Whether the Endpoints may be mirrored at all: not when they say no, and not when they are an old leader election's lock. */
export function isMirrored({ metadata }: Endpoints): boolean {
  return metadata.labels?.[SKIP_MIRROR] !== 'true' && metadata.annotations?.[LEADER] === undefined;
}

/** The labels of the slices. */
export function mirroredLabels({ metadata }: Endpoints): Record<string, string> {
  return { ...metadata.labels, [SERVICE_NAME]: metadata.name, [MANAGED_BY]: CONTROLLER_NAME };
}

/** The annotations of the slices. */
export function mirroredAnnotations({ metadata }: Endpoints): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name)));
}

const familyOf = ({ ip }: EndpointAddress): string => (ip.includes(':') ? 'IPv6' : 'IPv4');

/** Endpoints by address type and by ports. Without any address there is one empty group of IPv4. */
export function mirroredGroups({ subsets = [] }: Endpoints): Map<string, Map<string, PortGroup>> {
  const byType = new Map<string, Map<string, PortGroup>>();
  for (const { addresses = [], notReadyAddresses = [], ports: subsetPorts = [] } of subsets) {
    const ports = subsetPorts.map((port) => ({ ...port, name: port.name ?? '' }));
    const key = portsKey(ports);
    const add = (address: EndpointAddress, ready: boolean) => {
      const type = familyOf(address);
      const groups = byType.get(type) ?? new Map<string, PortGroup>();
      const group = groups.get(key) ?? { ports, endpoints: [] };
      group.endpoints.push(endpointOf(address, ready));
      byType.set(type, groups.set(key, group));
    };
    for (const address of addresses) add(address, true);
    for (const address of notReadyAddresses) add(address, false);
  }
  return byType.size > 0 ? byType : new Map([['IPv4', new Map<string, PortGroup>()]]);
}

/** `addressToEndpoint`. */
function endpointOf({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(nodeName && { nodeName }),
    ...(targetRef && { targetRef }),
  };
}
