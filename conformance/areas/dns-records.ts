/** CoreDNS's records: {zone, services, endpoints?, pods?, query} -> {rcode, answers}. */
import type { Endpoint, EndpointSlice, Pod, Service } from '../../src/api/generated/types.ts';
import { answer, DEFAULT_OPTIONS } from '../../src/addons/coredns/kubernetes-plugin.ts';
import { isListed } from '../../src/addons/coredns/zone-view.ts';
import type { ZoneView } from '../../src/addons/coredns/zone-view.ts';
import { fullName, reverseName } from '../../src/linux/net/dns.ts';
import type { DnsRecord, RecordType } from '../../src/linux/net/dns.ts';
import type { Area } from '../area.ts';

interface Input {
  zone: string;
  services: readonly Service[];
  endpoints?: readonly (Endpoint & { service?: string })[];
  pods?: readonly Pod[];
  query: { name: string; type: RecordType };
}

type Answer = Pick<DnsRecord, 'name' | 'type' | 'data'>;

/** All endpoints are those of the one Service, unless they name theirs. The EndpointSlice controller calls those of `publishNotReadyAddresses` ready. */
function viewOf({ services, endpoints = [], pods = [] }: Input): ZoneView {
  const slicesOf = (service: Service): EndpointSlice => {
    const ports = (service.spec.ports ?? []).map(({ name = '', protocol = 'TCP', port, targetPort }) => ({
      name,
      protocol,
      port: typeof targetPort === 'number' ? targetPort : port,
    }));
    const own = endpoints.filter((endpoint) => endpoint.service === undefined || endpoint.service === service.metadata.name);
    const listed = service.spec.publishNotReadyAddresses ? own.map((endpoint) => ({ ...endpoint, conditions: { ready: true } })) : own;
    return {
      metadata: { namespace: service.metadata.namespace },
      addressType: 'IPv4',
      endpoints: listed,
      ports,
    } as unknown as EndpointSlice;
  };
  const named = (namespace: string, name: string) =>
    services.find(({ metadata }) => metadata.namespace?.toLowerCase() === namespace && metadata.name.toLowerCase() === name);
  return {
    service: named,
    slices(namespace, name) {
      const service = named(namespace, name);
      return service === undefined ? [] : [slicesOf(service)];
    },
    hasNamespace: (name) => [...services, ...pods].some(({ metadata }) => metadata.namespace === name),
    hasPod: (namespace, ip) => pods.some(({ metadata, status }) => metadata.namespace === namespace && status?.podIP === ip),
    servicesByReverseName: (name) =>
      services.filter(({ spec }) => [spec.clusterIP ?? '', ...(spec.clusterIPs ?? [])].some((ip) => reverseName(ip) === name)),
    *endpointsByReverseName(name) {
      for (const service of services) {
        for (const endpoint of slicesOf(service).endpoints ?? []) {
          for (const address of endpoint.addresses) {
            if (reverseName(address) !== name || !isListed(endpoint)) continue;
            yield { namespace: service.metadata.namespace ?? '', service: service.metadata.name, endpoint, address };
          }
        }
      }
    },
    hasSynced: true,
    serial: 0,
  };
}

export const run: Area['run'] = (input) => {
  const given = input as unknown as Input;
  const zones = [fullName(given.zone), 'in-addr.arpa.', 'ip6.arpa.'];
  const pods = given.pods === undefined ? 'insecure' : 'verified';
  const reply = answer(given.query, viewOf(given), { ...DEFAULT_OPTIONS, zones, pods });
  const answers = (reply?.answers ?? []).map(({ name, type, data }) => ({
    name,
    type,
    data: type === 'SRV' ? data.replace(/^\d+ \d+ /, '') : data,
  }));
  return { rcode: reply?.rcode ?? 'REFUSED', answers };
};

const textOf = ({ name, type, data }: Answer): string => `${name.toLowerCase()} ${type} ${data.toLowerCase().replaceAll('"', '')}`;

/** Answers have no order; a code of null leaves it open. */
export const equal: Area['equal'] = (key, actual, expected) => {
  if (key === 'rcode') return expected === null || actual === expected;
  const sorted = (answers: unknown) => (answers as Answer[]).map(textOf).sort().join('\n');
  return sorted(actual) === sorted(expected);
};
