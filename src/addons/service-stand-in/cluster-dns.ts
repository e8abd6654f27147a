/**
 * The records that CoreDNS serves from the API (`coredns/plugin/kubernetes`, and the "DNS for Services and Pods"
 * specification): Services, headless Services, their endpoints by host name, ExternalName, and pods by address.
 */
import type { Service } from '../../api/generated/types.ts';
import { type Ipv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Random } from '../../sim/random.ts';
import type { ServiceIndex } from './service-index.ts';

const CLUSTER_DOMAIN = 'cluster.local';
const MAX_ALIASES = 8;

/** The A records of a full name, without the dot at its end; undefined when there is no such name. */
export function resolveName(index: ServiceIndex, random: Random, fullName: string, aliases = 0): readonly Ipv4[] | undefined {
  const name = fullName.toLowerCase();
  if (!name.endsWith(`.${CLUSTER_DOMAIN}`)) return undefined;
  const labels = name.slice(0, -CLUSTER_DOMAIN.length - 1).split('.');
  const kind = labels.pop();
  const namespace = labels.pop() ?? '';
  const last = labels.pop() ?? '';
  if (kind === 'pod') return labels.length === 0 ? addressOf(last) : undefined;
  const service = kind === 'svc' ? index.service(namespace, last) : undefined;
  if (service === undefined || labels.length > 1) return undefined;
  const [endpoint] = labels;
  if (endpoint !== undefined) return endpointAddresses(index, service, endpoint);
  if (service.spec.type === 'ExternalName') {
    const alias = (service.spec.externalName ?? '').replace(/\.$/, '');
    return aliases < MAX_ALIASES ? resolveName(index, random, alias, aliases + 1) : undefined;
  }
  if (service.spec.clusterIP !== 'None') return addressOf(service.spec.clusterIP ?? '');
  return rotate(endpointAddresses(index, service, undefined), random);
}

/** Ready endpoints, all or those of a host name; one without a host name is called after its address: 10-244-1-5. */
function endpointAddresses(index: ServiceIndex, service: Service, name: string | undefined): readonly Ipv4[] | undefined {
  const found: Ipv4[] = [];
  for (const { addresses, conditions, hostname } of index.endpoints(service)) {
    const [text = ''] = addresses;
    const ip = parseIpv4(text);
    if (ip === undefined || !(conditions?.ready ?? true)) continue;
    if (name === undefined || name === (hostname ?? text.replaceAll('.', '-'))) found.push(ip);
  }
  return found.length === 0 ? undefined : found;
}

/** "10.96.0.1" or "10-244-1-5". */
function addressOf(text: string): readonly Ipv4[] | undefined {
  const ip = parseIpv4(text.replaceAll('-', '.'));
  return ip === undefined ? undefined : [ip];
}

/** The `loadbalance` plugin: each answer begins with another address. */
function rotate(addresses: readonly Ipv4[] | undefined, random: Random): readonly Ipv4[] | undefined {
  if (addresses === undefined || addresses.length < 2) return addresses;
  const first = random.int(addresses.length);
  return [...addresses.slice(first), ...addresses.slice(0, first)];
}
