/**
 * Rules of Service ports, made once and shared by the proxiers of all nodes: only a port whose endpoints look
 * different from two nodes (policy Local, hints, source ranges with a node in them) has more than one text.
 */
import { contains, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Endpoint } from '../endpoints.ts';
import type { ServicePortEntry } from '../service-model.ts';
import { sourceCidrs } from '../service-port.ts';
import { categorizeEndpoints, type EndpointCategories, type NodePlace } from '../topology.ts';
import { type RuleSettings, type ServiceRules, serviceRules } from './service-rules.ts';

/** A node, as far as it shows in rules. */
export interface RuleNode extends NodePlace {
  readonly ip: string;
}

type ByEntry = WeakMap<ServicePortEntry, ServiceRules | Map<string, ServiceRules>>;

/** One for each cluster. Forgets what belongs to replaced entries by itself. */
export class SharedServiceRules {
  readonly #bySettings = new Map<string, ByEntry>();

  /** The rules of an entry on a node. The same object for nodes that see the same; another object when the entry changed. */
  rulesOf(entry: ServicePortEntry, node: RuleNode, settings: RuleSettings): ServiceRules {
    const byEntry = this.#of(settings);
    const known = byEntry.get(entry);
    if (known !== undefined && !(known instanceof Map)) return known;
    const { info, endpoints, nodeDependent } = entry;
    const seen = categorizeEndpoints(endpoints, info, node);
    if (!nodeDependent) {
      const rules = serviceRules(info, seen, false, settings);
      byEntry.set(entry, rules);
      return rules;
    }
    const views = known ?? new Map<string, ServiceRules>();
    byEntry.set(entry, views);
    const ip = parseIpv4(node.ip) ?? 0;
    const allowFromNode = sourceCidrs(info).some((range) => contains(range, ip));
    const view = `${allowFromNode} ${viewOf(endpoints, seen)}`;
    let rules = views.get(view);
    if (rules === undefined) views.set(view, (rules = serviceRules(info, seen, allowFromNode, settings)));
    return rules;
  }

  #of({ clusterCIDR, masqueradeAll, largeCluster }: RuleSettings): ByEntry {
    const key = `${clusterCIDR} ${masqueradeAll} ${largeCluster}`;
    let byEntry = this.#bySettings.get(key);
    if (byEntry === undefined) this.#bySettings.set(key, (byEntry = new WeakMap()));
    return byEntry;
  }
}

/** For each endpoint a digit: 1 for Cluster traffic, 2 for Local traffic, 3 for both. */
function viewOf(endpoints: readonly Endpoint[], { cluster, local }: EndpointCategories): string {
  if (local.length === 0 && cluster === endpoints) return 'all';
  const inCluster = new Set(cluster);
  const inLocal = new Set(local);
  return endpoints.map((endpoint) => (inCluster.has(endpoint) ? 1 : 0) + (inLocal.has(endpoint) ? 2 : 0)).join('');
}
