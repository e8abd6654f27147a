/**
 * What was derived from a Service port, made once and shared by the proxiers of all nodes: only a port whose endpoints
 * look different from two nodes (policy Local, hints, source ranges with a node in them) has more than one result.
 */
import { contains, parseIpv4 } from '../linux/net/ipv4.ts';
import type { Endpoint } from './endpoints.ts';
import type { ServicePortEntry } from './service-model.ts';
import { type ServicePortInfo, sourceCidrs } from './service-port.ts';
import { categorizeEndpoints, type EndpointCategories, type NodePlace } from './topology.ts';

/** A node, as far as it shows in what is derived. */
export interface ViewNode extends NodePlace {
  readonly ip: string;
}

/** Derives a result from what a node sees. `allowFromNode`: a source range holds the node's address. */
export type MakeView<S, R> = (info: ServicePortInfo, endpoints: EndpointCategories, allowFromNode: boolean, settings: S) => R;

/** One for each cluster and mode. Forgets what belongs to replaced entries by itself. */
export class SharedViews<S extends object, R extends object> {
  readonly #make: MakeView<S, R>;
  readonly #bySettings = new Map<string, WeakMap<ServicePortEntry, R | Map<string, R>>>();

  constructor(make: MakeView<S, R>) {
    this.#make = make;
  }

  /** The result for each entry under these settings: the same object for nodes that see the same, another one when the entry changed. */
  under(settings: S): (entry: ServicePortEntry, node: ViewNode) => R {
    const key = JSON.stringify(settings);
    let byEntry = this.#bySettings.get(key);
    if (byEntry === undefined) this.#bySettings.set(key, (byEntry = new WeakMap()));
    const results = byEntry;
    return (entry, node) => {
      const known = results.get(entry);
      if (known !== undefined && !(known instanceof Map)) return known;
      const { info, endpoints, nodeDependent } = entry;
      const seen = categorizeEndpoints(endpoints, info, node);
      if (!nodeDependent) {
        const result = this.#make(info, seen, false, settings);
        results.set(entry, result);
        return result;
      }
      const views = known ?? new Map<string, R>();
      results.set(entry, views);
      const ip = parseIpv4(node.ip) ?? 0;
      const allowFromNode = sourceCidrs(info).some((range) => contains(range, ip));
      const view = `${allowFromNode} ${viewOf(endpoints, seen)}`;
      let result = views.get(view);
      if (result === undefined) views.set(view, (result = this.#make(info, seen, allowFromNode, settings)));
      return result;
    };
  }
}

/** For each endpoint a digit: 1 for Cluster traffic, 2 for Local traffic, 3 for both. */
function viewOf(endpoints: readonly Endpoint[], { cluster, local }: EndpointCategories): string {
  if (local.length === 0 && cluster === endpoints) return 'all';
  const inCluster = new Set(cluster);
  const inLocal = new Set(local);
  return endpoints.map((endpoint) => (inCluster.has(endpoint) ? 1 : 0) + (inLocal.has(endpoint) ? 2 : 0)).join('');
}
