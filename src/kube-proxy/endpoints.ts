/**
 * The endpoints of one Service port, put together from its EndpointSlices (`pkg/proxy/endpoint.go`,
 * `endpointslicecache.go`): sorted by their text "ip:port", each once.
 */
import type { EndpointSlice, Endpoint as SliceEndpoint } from '../api/generated/types.ts';
import { sha256Base32 } from '../apimachinery/sha256.ts';
import type { ServicePortInfo } from './service-port.ts';

const NO_HINTS: readonly string[] = [];

/** One place that traffic of a Service port may go to. Shared by the proxiers of all nodes; never changed. */
export class Endpoint {
  /** "10.244.1.5:8080" */
  readonly text: string;
  readonly ip: string;
  readonly port: number;
  /** Empty when nobody knows. */
  readonly nodeName: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
  #hash: string | undefined;

  constructor({ addresses: [ip = ''], conditions, nodeName = '', hints }: SliceEndpoint, port: number) {
    this.ip = ip;
    this.port = port;
    this.text = `${ip}:${port}`;
    this.nodeName = nodeName;
    this.ready = conditions?.ready ?? true;
    this.serving = conditions?.serving ?? this.ready;
    this.terminating = conditions?.terminating ?? false;
    this.zoneHints = hints?.forZones?.map(({ name }) => name) ?? NO_HINTS;
    this.nodeHints = hints?.forNodes?.map(({ name }) => name) ?? NO_HINTS;
  }

  /** The 16 characters after KUBE-SEP-: the hash of Service port, protocol and "ip:port". The same for one Service port always. */
  chainHash({ name, protocol }: ServicePortInfo): string {
    return (this.#hash ??= sha256Base32(name + protocol + this.text));
  }

  /** Whether nothing about it differs. */
  equals(other: Endpoint): boolean {
    return (
      this.text === other.text &&
      this.nodeName === other.nodeName &&
      this.ready === other.ready &&
      this.serving === other.serving &&
      this.terminating === other.terminating &&
      sameTexts(this.zoneHints, other.zoneHints) &&
      sameTexts(this.nodeHints, other.nodeHints)
    );
  }
}

const sameTexts = (one: readonly string[], other: readonly string[]): boolean =>
  one === other || (one.length === other.length && one.every((text, index) => text === other[index]));

/**
 * All endpoints of a port of a Service, by its slices. Endpoints that did not change are taken from `before`, so that
 * what was derived from them remains; `before` itself is the answer when nothing changed.
 */
export function mergeEndpoints(
  slices: Iterable<EndpointSlice>,
  { portName, protocol }: ServicePortInfo,
  before: readonly Endpoint[],
): readonly Endpoint[] {
  const found = new Map<string, Endpoint>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    for (const port of slice.ports ?? []) {
      if ((port.name ?? '') !== portName || (port.protocol ?? 'TCP').toLowerCase() !== protocol || !port.port) continue;
      for (const each of slice.endpoints ?? []) {
        if (each.addresses.length === 0) continue;
        const endpoint = new Endpoint(each, port.port);
        // An address may be in two slices while it moves from one to the other: the one that is ready counts.
        const twin = found.get(endpoint.text);
        if (twin === undefined || (!twin.ready && endpoint.ready)) found.set(endpoint.text, endpoint);
      }
    }
  }
  const known = new Map(before.map((endpoint) => [endpoint.text, endpoint]));
  const merged = [...found.values()]
    .sort((one, other) => (one.text < other.text ? -1 : 1))
    .map((endpoint) => {
      const old = known.get(endpoint.text);
      return old?.equals(endpoint) ? old : endpoint;
    });
  return merged.length === before.length && merged.every((endpoint, index) => endpoint === before[index]) ? before : merged;
}
