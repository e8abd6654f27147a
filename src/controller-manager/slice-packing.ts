/**
 * How endpoints are spread over slices so that few slices change (`k8s.io/endpointslice/reconciler.go`
 * reconcileByPortMapping, finalize). Pure.
 */
import type { DiscoveryV1EndpointPort, Endpoint, EndpointSlice } from '../api/generated/types.ts';
import { canonicalJson } from '../apimachinery/safe-encode.ts';
import { deepEqual } from '../apimachinery/freeze.ts';

/** Endpoints of a slice at most (`--max-endpoints-per-slice`). */
export const MAX_ENDPOINTS_PER_SLICE = 100;

/** The endpoints that have the same ports. */
export interface PortGroup {
  ports: readonly DiscoveryV1EndpointPort[];
  endpoints: Endpoint[];
}

/** What is to be done. New slices have endpoints and ports only; updated ones keep their place. */
export interface SlicePlan {
  create: PortGroup[];
  update: { slice: EndpointSlice; endpoints: Endpoint[] }[];
  delete: EndpointSlice[];
}

/** The identity of a list of ports, in any order. */
export function portsKey(ports: readonly DiscoveryV1EndpointPort[]): string {
  return ports.map(canonicalJson).sort().join();
}

/** The identity of an endpoint: if it is the same, the endpoint moved to no other slice (`hashEndpoint`). */
function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return `${addresses.join()}|${hostname ?? ''}|${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''}`;
}

/**
 * Plans the slices of one address type. Endpoints stay in the slice they are in; new ones go first into slices that
 * change anyway, then, if all fit, into the fullest unchanged one, then into new slices. A slice to delete and one to create become one update.
 */
export function planSlices(
  existing: readonly EndpointSlice[],
  groups: ReadonlyMap<string, PortGroup>,
  max = MAX_ENDPOINTS_PER_SLICE,
): SlicePlan {
  const plan: SlicePlan = { create: [], update: [], delete: [] };
  const byPorts = new Map<string, EndpointSlice[]>();
  for (const slice of existing) {
    const key = portsKey(slice.ports ?? []);
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice]);
  }
  for (const [key, slices] of byPorts) if (!groups.has(key)) plan.delete.push(...slices);
  for (const [key, group] of groups) planGroup(plan, byPorts.get(key) ?? [], group, max);
  return plan;
}

interface Fill {
  slice: EndpointSlice;
  endpoints: Endpoint[];
}

function planGroup(plan: SlicePlan, slices: readonly EndpointSlice[], group: PortGroup, max: number): void {
  const missing = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const changed: Fill[] = [];
  const unchanged: Fill[] = [];
  for (const slice of slices) {
    const kept = keepWanted(slice, missing);
    if (kept.endpoints.length === 0 && (slice.endpoints ?? []).length > 0) plan.delete.push(slice);
    else (kept.changed ? changed : unchanged).push({ slice, endpoints: kept.endpoints });
  }
  const waiting = [...missing.values()];
  changed.sort((a, b) => b.endpoints.length - a.endpoints.length);
  for (const { endpoints } of changed) endpoints.push(...waiting.splice(0, max - endpoints.length));
  while (waiting.length > 0) {
    const room = waiting.length < max ? fullestWithRoom(unchanged, waiting.length, max) : undefined;
    if (room === undefined) plan.create.push({ ports: group.ports, endpoints: waiting.splice(0, max) });
    else {
      unchanged.splice(unchanged.indexOf(room), 1);
      room.endpoints.push(...waiting.splice(0, max - room.endpoints.length));
      changed.push(room);
    }
  }
  // An empty slice left over from before the first pod is not needed once there is another.
  const spare = unchanged.filter(({ endpoints }) => endpoints.length === 0);
  if (changed.length + plan.create.length + unchanged.length > spare.length) plan.delete.push(...spare.map(({ slice }) => slice));
  plan.update.push(...changed);
}

/** The endpoints of the slice that are still wanted, in their newest form; they are taken out of `missing`. */
function keepWanted(slice: EndpointSlice, missing: Map<string, Endpoint>): { endpoints: Endpoint[]; changed: boolean } {
  const endpoints: Endpoint[] = [];
  let changed = false;
  for (const current of slice.endpoints ?? []) {
    const key = endpointKey(current);
    const wanted = missing.get(key);
    missing.delete(key);
    if (wanted === undefined) changed = true;
    else if (isSame(wanted, current)) endpoints.push(current);
    else {
      endpoints.push(wanted);
      changed = true;
    }
  }
  return { endpoints, changed };
}

/** Hints are given afterwards, and make no difference (`EndpointsEqualBeyondHash`). */
function isSame(wanted: Endpoint, current: Endpoint): boolean {
  if (current.hints === undefined) return deepEqual(wanted, current);
  const { hints: _hints, ...plain } = current;
  return deepEqual(wanted, plain);
}

function fullestWithRoom(fills: readonly Fill[], needed: number, max: number): Fill | undefined {
  let best: Fill | undefined;
  for (const fill of fills) {
    const { length } = fill.endpoints;
    if (length + needed <= max && (best === undefined || length > best.endpoints.length)) best = fill;
  }
  return best;
}
