/**
 * Topology hints: which zone's clients each endpoint should serve, so that zones get endpoints in proportion to their
 * CPUs (`k8s.io/endpointslice/topologycache`), for Services with `service.kubernetes.io/topology-mode: Auto`.
 * Zones are gone through by name, where upstream's order is that of a Go map: none.
 */
import type { Endpoint, EndpointSlice, Node } from '../../api/generated/types.ts';
import { milliValue } from '../../apimachinery/quantity.ts';
import { isCondition } from '../../apimachinery/conditions.ts';

/** An endpoint's share may be exceeded by so much. */
const OVERLOAD_THRESHOLD = 0.2;
const ZONE = 'topology.kubernetes.io/zone';
const EXCLUDED = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

/** What is told of a Service. */
export interface TopologyEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** A slice with the endpoints that it will have. */
export interface PlannedEndpoints {
  endpoints: Endpoint[];
}

/** The slices of one address type: those that are written anyway, and those that stay unless their hints must change. */
export interface HintedSlices {
  readonly planned: readonly PlannedEndpoints[];
  readonly unchanged: readonly EndpointSlice[];
  /** Has the slice written after all. */
  rewrite(slice: EndpointSlice): PlannedEndpoints;
}

/** How many endpoints a zone should have. */
interface Allocation {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
}

const disabled = (message: string): TopologyEvent => ({ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message });
const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;
const hintFor = (zone: string) => ({ forZones: [{ name: zone }] });

/** Each zone's part of all CPUs; undefined when a ready worker has no zone or CPU, or all are in one zone. */
export function cpuRatios(nodes: Iterable<Node>): ReadonlyMap<string, number> | undefined {
  const cpu = new Map<string, number>();
  let total = 0;
  for (const { metadata, status } of nodes) {
    if (EXCLUDED.some((label) => metadata.labels?.[label] !== undefined) || !isCondition(status?.conditions, 'Ready')) continue;
    const zone = metadata.labels?.[ZONE] ?? '';
    const milliCpu = milliValue(status?.allocatable?.['cpu'] ?? '0');
    if (zone === '' || milliCpu === 0) return undefined;
    total += milliCpu;
    cpu.set(zone, (cpu.get(zone) ?? 0) + milliCpu);
  }
  if (cpu.size < 2) return undefined;
  return new Map([...cpu].sort(([a], [b]) => (a < b ? -1 : 1)).map(([zone, own]) => [zone, own / total]));
}

/**
 * What each zone should get of `count` endpoints: desired = ratio × count, minimum = ⌈desired / 1.2⌉, maximum = minimum
 * and all that is left over. An event when it cannot be done: with 3 zones of a third each and 4 endpoints the
 * minimum is ⌈1.33 / 1.2⌉ = 2 for each, which makes 6.
 */
export function allocationsOf(
  ratios: ReadonlyMap<string, number> | undefined,
  count: number,
): ReadonlyMap<string, Allocation> | TopologyEvent {
  if (ratios === undefined) return disabled('Insufficient Node information: allocatable CPU or zone not specified on one or more nodes');
  const numbers = `(${count} endpoints, ${ratios.size} zones)`;
  if (ratios.size > count) return disabled(`Insufficient number of endpoints ${numbers}`);
  const minimums = new Map([...ratios].map(([zone, ratio]) => [zone, Math.ceil((ratio * count) / (1 + OVERLOAD_THRESHOLD))]));
  const needed = [...minimums.values()].reduce((sum, minimum) => sum + minimum, 0);
  if (needed > count)
    return disabled(`Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${numbers}`);
  return new Map(
    [...ratios].map(([zone, ratio]) => {
      const minimum = minimums.get(zone) ?? 0;
      return [zone, { minimum, maximum: minimum + count - needed, desired: Math.max(ratio * count, minimum) }];
    }),
  );
}

/** Takes all hints away. */
export function removeHints({ planned, unchanged, rewrite }: HintedSlices): void {
  for (const slice of planned) slice.endpoints = withoutHints(slice.endpoints);
  for (const slice of unchanged) {
    if (!slice.endpoints?.some(({ hints }) => hints !== undefined)) continue;
    rewrite(slice).endpoints = withoutHints(slice.endpoints);
  }
}

const withoutHints = (endpoints: readonly Endpoint[]): Endpoint[] =>
  endpoints.map((endpoint) => {
    if (endpoint.hints === undefined) return endpoint;
    const { hints: _hints, ...rest } = endpoint;
    return rest;
  });

/** Gives every ready endpoint a hint. Returns the endpoints of each zone, or an event when there can be none. */
export function addHints(
  slices: HintedSlices,
  ratios: ReadonlyMap<string, number> | undefined,
): ReadonlyMap<string, number> | TopologyEvent {
  const all = [...slices.planned, ...slices.unchanged].flatMap(({ endpoints }) => endpoints ?? []);
  const allocations = allocationsOf(ratios, all.filter(isReady).length);
  const refuse = (event: TopologyEvent): TopologyEvent => {
    removeHints(slices);
    return event;
  };
  if (!(allocations instanceof Map)) return refuse(allocations as TopologyEvent);
  const counts = new Map<string, number>();
  const add = (zone: string, by: number) => counts.set(zone, (counts.get(zone) ?? 0) + by);
  const open = [...slices.planned];
  for (const slice of slices.unchanged) {
    const own = validHints(slice, counts, allocations);
    if (own === undefined) open.push(slices.rewrite(slice));
    else for (const [zone, count] of own) add(zone, count);
  }
  for (const slice of open) {
    const plain = withoutHints(slice.endpoints);
    if (plain.some((endpoint) => isReady(endpoint) && !endpoint.zone))
      return refuse(disabled('One or more endpoints do not have a zone specified'));
    slice.endpoints = plain.map((endpoint) => (isReady(endpoint) ? { ...endpoint, hints: hintFor(endpoint.zone ?? '') } : endpoint));
    for (const endpoint of plain) if (isReady(endpoint)) add(endpoint.zone ?? '', 1);
  }
  const { giving, receiving } = exchanges(allocations, counts);
  redistribute(open, giving, receiving, add);
  return counts.size === 0 ? refuse(disabled('No hints allocated for zones')) : counts;
}

/** The hints of a slice by zone; undefined when some are missing, for unknown zones, or too many. */
function validHints(
  slice: EndpointSlice,
  counts: ReadonlyMap<string, number>,
  allocations: ReadonlyMap<string, Allocation>,
): Map<string, number> | undefined {
  const own = new Map<string, number>();
  for (const endpoint of slice.endpoints ?? []) {
    if (!isReady(endpoint)) continue;
    const zones = endpoint.hints?.forZones ?? [];
    if (zones.length === 0) return undefined;
    for (const { name } of zones) {
      if (!allocations.has(name)) return undefined;
      own.set(name, (own.get(name) ?? 0) + 1);
    }
  }
  for (const [zone, count] of own) if (count + (counts.get(zone) ?? 0) > (allocations.get(zone)?.maximum ?? 0)) return undefined;
  return own;
}

/** How many endpoints each zone gives to others, and how many it receives (`getGivingAndReceivingZones`). */
function exchanges(allocations: ReadonlyMap<string, Allocation>, counts: ReadonlyMap<string, number>) {
  const tooMany = new Map<string, number>();
  const tooFew = new Map<string, number>();
  for (const [zone, { desired }] of allocations) {
    const difference = (counts.get(zone) ?? 0) - desired;
    if (difference > 0) tooMany.set(zone, difference);
    else if (difference < 0) tooFew.set(zone, -difference);
  }
  const giving = new Map<string, number>();
  const receiving = new Map<string, number>();
  for (;;) {
    const [from, give] = most(tooMany);
    const [to, take] = most(tooFew);
    if (from === '' || to === '' || (give < 1 && take < 1) || give < 0.5 || take < 0.5) return { giving, receiving };
    giving.set(from, (giving.get(from) ?? 0) + 1);
    tooMany.set(from, give - 1);
    receiving.set(to, (receiving.get(to) ?? 0) + 1);
    tooFew.set(to, take - 1);
  }
}

function most(zones: ReadonlyMap<string, number>): [zone: string, number: number] {
  let best: [string, number] = ['', 0];
  for (const [zone, number] of zones) if (number > best[1]) best = [zone, number];
  return best;
}

function redistribute(
  slices: readonly PlannedEndpoints[],
  giving: Map<string, number>,
  receiving: Map<string, number>,
  add: (zone: string, by: number) => void,
): void {
  for (const slice of slices) {
    slice.endpoints = slice.endpoints.map((endpoint) => {
      const { zone = '' } = endpoint;
      const gives = giving.get(zone) ?? 0;
      const to = [...receiving].find(([, count]) => count > 0)?.[0];
      if (!isReady(endpoint) || gives === 0 || to === undefined) return endpoint;
      giving.set(zone, gives - 1);
      receiving.set(to, (receiving.get(to) ?? 0) - 1);
      add(zone, -1);
      add(to, 1);
      return { ...endpoint, hints: hintFor(to) };
    });
  }
}

/** Whether some zone has fewer endpoints than its CPUs call for. */
export function isOverloaded(counts: ReadonlyMap<string, number>, ratios: ReadonlyMap<string, number> | undefined): boolean {
  if (counts.size === 0) return false;
  if (ratios === undefined) return true;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...ratios].some(([zone, ratio]) => (counts.get(zone) ?? 0) < Math.ceil((total * ratio) / (1 + OVERLOAD_THRESHOLD)));
}

/** Hints for `spec.trafficDistribution` (`k8s.io/endpointslice/trafficdist`): every ready endpoint serves its own zone. */
export function hintOwnZones(slices: HintedSlices): void {
  const hinted = (endpoints: readonly Endpoint[]): Endpoint[] =>
    withoutHints(endpoints).map((endpoint) =>
      isReady(endpoint) && endpoint.zone ? { ...endpoint, hints: hintFor(endpoint.zone) } : endpoint,
    );
  for (const slice of slices.planned) slice.endpoints = hinted(slice.endpoints);
  for (const slice of slices.unchanged) {
    const isWrong = ({ zone, hints, ...endpoint }: Endpoint) => {
      const [first, ...more] = hints?.forZones ?? [];
      return isReady(endpoint) && (zone ? first?.name !== zone || more.length > 0 : first !== undefined);
    };
    if (slice.endpoints?.some(isWrong)) slices.rewrite(slice).endpoints = hinted(slice.endpoints);
  }
}
