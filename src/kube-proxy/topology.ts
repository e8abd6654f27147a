/** Which endpoints a node uses for a Service port: traffic policies, topology hints, ending pods (`pkg/proxy/topology.go`). */
import type { Endpoint } from './endpoints.ts';
import { type ServicePortInfo, usesClusterEndpoints, usesLocalEndpoints } from './service-port.ts';

/** Where a node is. */
export interface NodePlace {
  readonly name: string;
  /** Label topology.kubernetes.io/zone; empty when it has none. */
  readonly zone: string;
}

/** The endpoints of a Service port, seen from one node. */
export interface EndpointCategories {
  /** For traffic of policy Cluster. */
  readonly cluster: readonly Endpoint[];
  /** For traffic of policy Local. */
  readonly local: readonly Endpoint[];
  /** All that this node may send traffic to: the union of both. */
  readonly reachable: readonly Endpoint[];
  /** Whether any node has an endpoint that can be used. */
  readonly hasAny: boolean;
}

const NONE: readonly Endpoint[] = [];
const isEnding = ({ serving, terminating }: Endpoint): boolean => serving && terminating;

/** All of `endpoints` that satisfy; the same list when all do. */
function select(endpoints: readonly Endpoint[], satisfies: (endpoint: Endpoint) => boolean): readonly Endpoint[] {
  return endpoints.every(satisfies) ? endpoints : endpoints.filter(satisfies);
}

/** Ready endpoints, or, only when there is none, those that still serve while they end. */
export function categorizeEndpoints(endpoints: readonly Endpoint[], info: ServicePortInfo, place: NodePlace): EndpointCategories {
  let cluster = NONE;
  if (usesClusterEndpoints(info)) {
    const isNear = hintedEndpoints(endpoints, place);
    cluster = select(endpoints, (endpoint) => endpoint.ready && isNear(endpoint));
    if (cluster.length === 0) cluster = select(endpoints, isEnding);
  }
  if (!usesLocalEndpoints(info)) return { cluster, local: NONE, reachable: cluster, hasAny: cluster.length > 0 };
  const here = select(endpoints, ({ nodeName }) => nodeName !== '' && nodeName === place.name);
  let local = select(here, ({ ready }) => ready);
  if (local.length === 0) local = select(here, isEnding);
  const hasAny = cluster.length > 0 || endpoints.some((endpoint) => endpoint.ready || isEnding(endpoint));
  if (!usesClusterEndpoints(info)) return { cluster, local, reachable: local, hasAny };
  const all = new Set([...cluster, ...local]);
  return { cluster, local, reachable: all.size === cluster.length ? cluster : [...all], hasAny };
}

/** Whether hints make the choice depend on the node. */
export const haveHints = (endpoints: readonly Endpoint[]): boolean =>
  endpoints.some(({ zoneHints, nodeHints }) => zoneHints.length > 0 || nodeHints.length > 0);

/** Hints count only when every ready endpoint has one and one is meant for this place. */
function hintedEndpoints(endpoints: readonly Endpoint[], { name, zone }: NodePlace): (endpoint: Endpoint) => boolean {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  const obeyed = (hints: (endpoint: Endpoint) => readonly string[], place: string): boolean =>
    place !== '' && ready.every((endpoint) => hints(endpoint).length > 0) && ready.some((endpoint) => hints(endpoint).includes(place));
  if (obeyed(({ nodeHints }) => nodeHints, name)) return ({ nodeHints }) => nodeHints.includes(name);
  if (obeyed(({ zoneHints }) => zoneHints, zone)) return ({ zoneHints }) => zoneHints.includes(zone);
  return () => true;
}
