/**
 * CoreDNS's `kubernetes` plugin: from a question to records (`coredns/plugin/kubernetes/kubernetes.go`, `parse.go`,
 * `reverse.go`, `plugin/backend_lookup.go`), which is how the "Kubernetes DNS-Based Service Discovery" specification
 * 1.1.0 is carried out. Pure: everything comes from a view.
 */
import type { DiscoveryV1EndpointPort, Endpoint, Service, ServicePort } from '../../api/generated/types.ts';
import { addressType, emptyReply, fullName, isInZone, reverseName } from '../../linux/net/dns.ts';
import type { DnsQuestion, DnsRecord, DnsReply, RecordType } from '../../linux/net/dns.ts';
import { isListed } from './zone-view.ts';
import type { ZoneView } from './zone-view.ts';

/** The plugin's settings in the Corefile. */
export interface KubernetesOptions {
  /** Zones as full names; the first that is no reverse zone is the one that names are made in. */
  readonly zones: readonly string[];
  /** Records for pods by their address: none, for every address, or for those that exist. */
  readonly pods: 'disabled' | 'insecure' | 'verified';
  /** Seconds. */
  readonly ttl: number;
  /** Endpoints without a host name are called after their pod. */
  readonly endpointPodNames: boolean;
  /** Zones for which a name that does not exist is left to the next plugin; undefined: none. */
  readonly fallthrough: readonly string[] | undefined;
  /** Only these namespaces have names; all when empty. */
  readonly namespaces: readonly string[];
  /** A Service without ready endpoints has no name. */
  readonly ignoreEmptyService: boolean;
}

/** What `kubernetes cluster.local in-addr.arpa ip6.arpa` means without a block. */
export const DEFAULT_OPTIONS: KubernetesOptions = {
  zones: ['cluster.local.', 'in-addr.arpa.', 'ip6.arpa.'],
  pods: 'disabled',
  ttl: 5,
  endpointPodNames: false,
  fallthrough: undefined,
  namespaces: [],
  ignoreEmptyService: false,
};

/** Looks a name up outside of the cluster's zones, as for the target of a CNAME. */
export type Upstream = (question: DnsQuestion) => DnsReply;

/** Something with an address, or an alias: `key` is its own full name. Port -1: it has none. */
interface Target {
  readonly key: string;
  readonly host: string;
  readonly port: number;
}

const DNS_VERSION = '1.1.0';
const MAX_ALIASES = 7;
const NOWHERE: Upstream = () => emptyReply('NXDOMAIN');

const isReverseZone = (zone: string): boolean => zone.endsWith('.arpa.');
const isAddress = (host: string): boolean => host.includes(':') || /^\d+\.\d+\.\d+\.\d+$/.test(host);

/** A question, taken apart. */
interface Parsed {
  readonly kind: 'svc' | 'pod';
  readonly namespace: string;
  readonly name: string;
  readonly endpoint: string;
  readonly port: string;
  readonly protocol: string;
}

/** Answers a question; undefined when its name is in none of the zones, or when it falls through. */
export function answer(
  question: DnsQuestion,
  view: ZoneView,
  options: KubernetesOptions = DEFAULT_OPTIONS,
  upstream: Upstream = NOWHERE,
): DnsReply | undefined {
  const name = fullName(question.name).toLowerCase();
  const zone = longestZone(options.zones, name);
  if (zone === undefined) return undefined;
  const asked = { ...question, name: fullName(question.name) };
  const plugin = new Lookup(view, options, upstream, zone);
  const found = plugin.records(asked);
  if (found === 'no such name') {
    if (options.fallthrough?.some((fallen) => isInZone(name, fallen))) return undefined;
    return { ...emptyReply(view.hasSynced ? 'NXDOMAIN' : 'SERVFAIL', true), authority: [plugin.soa()] };
  }
  if (found.answers.length === 0) return { ...emptyReply('NOERROR', true), authority: [plugin.soa()] };
  return { ...emptyReply('NOERROR', true), ...found };
}

/** The longest zone that the name lies in. */
export function longestZone(zones: readonly string[], name: string): string | undefined {
  let best: string | undefined;
  for (const zone of zones) if (isInZone(name, zone) && (best === undefined || zone.length > best.length)) best = zone;
  return best;
}

type Found = { readonly answers: readonly DnsRecord[]; readonly additional?: readonly DnsRecord[] } | 'no such name';

/** One question's work. */
class Lookup {
  readonly #view: ZoneView;
  readonly #options: KubernetesOptions;
  readonly #upstream: Upstream;
  readonly #zone: string;

  constructor(view: ZoneView, options: KubernetesOptions, upstream: Upstream, zone: string) {
    this.#view = view;
    this.#options = options;
    this.#upstream = upstream;
    this.#zone = zone;
  }

  soa(): DnsRecord {
    const { ttl } = this.#options;
    const data = `ns.dns.${this.#zone} hostmaster.${this.#zone} ${this.#view.serial} 7200 1800 86400 ${ttl}`;
    return { name: this.#zone, type: 'SOA', ttl, data };
  }

  records({ name, type }: DnsQuestion): Found {
    if (isReverseZone(this.#zone)) return type === 'PTR' ? this.#pointers(name) : 'no such name';
    if (type === 'SOA' && name.toLowerCase() === this.#zone) return { answers: [this.soa()] };
    if (type === 'TXT' && name.toLowerCase() === `dns-version.${this.#zone}`)
      return { answers: [this.#record(name, 'TXT', `"${DNS_VERSION}"`)] };
    const targets = this.#targets(name.toLowerCase());
    if (targets === undefined) return 'no such name';
    switch (type) {
      case 'A':
      case 'AAAA':
        return { answers: this.#addresses(name, type, targets, []) };
      case 'SRV':
        return this.#services(name, targets);
      case 'CNAME': {
        const [first] = targets;
        return { answers: first === undefined || isAddress(first.host) ? [] : [this.#record(name, 'CNAME', fullName(first.host))] };
      }
      default:
        return { answers: [] };
    }
  }

  #record(name: string, type: RecordType, data: string): DnsRecord {
    return { name, type, ttl: this.#options.ttl, data };
  }

  /** What stands behind a name; empty when it only leads to longer names, undefined when it does not exist. */
  #targets(name: string): readonly Target[] | undefined {
    const base = name === this.#zone ? '' : name.slice(0, -this.#zone.length - 1);
    if (base === '' || base === 'svc' || base === 'pod') return [];
    const parsed = parseLabels(base.split('.'));
    if (parsed === undefined || !this.#isExposed(parsed.namespace)) return undefined;
    if (parsed.name === '') return this.#view.hasNamespace(parsed.namespace) ? [] : undefined;
    return parsed.kind === 'pod' ? this.#podTargets(parsed) : this.#serviceTargets(parsed);
  }

  #isExposed(namespace: string): boolean {
    const { namespaces } = this.#options;
    return namespaces.length === 0 || namespaces.includes(namespace);
  }

  #podTargets({ namespace, name }: Parsed): readonly Target[] | undefined {
    const { pods } = this.#options;
    const isV4 = /^[^-]+(-[^-]+){3}$/.test(name);
    const ip = name.replaceAll('-', isV4 ? '.' : ':');
    if (pods === 'disabled' || !this.#view.hasNamespace(namespace) || reverseName(ip) === undefined) return undefined;
    if (pods === 'verified' && !this.#view.hasPod(namespace, ip)) return undefined;
    return [{ key: `${name}.${namespace}.pod.${this.#zone}`, host: ip, port: -1 }];
  }

  #serviceTargets(parsed: Parsed): readonly Target[] | undefined {
    const { namespace, name, endpoint, port, protocol } = parsed;
    const service = this.#view.service(namespace, name);
    if (service === undefined) return undefined;
    const { spec } = service;
    const key = `${name}.${namespace}.svc.${this.#zone}`;
    if (spec.type === 'ExternalName') {
      const isPlain = endpoint === '' && port === '' && protocol === '';
      const host = spec.externalName ?? '';
      return isPlain && host !== '' && !isAddress(host) ? [{ key, host, port: -1 }] : undefined;
    }
    const targets =
      spec.clusterIP === 'None' || endpoint !== '' ? this.#endpointTargets(parsed, key) : this.#addressTargets(service, parsed, key);
    return targets.length === 0 ? undefined : targets;
  }

  #addressTargets(service: Service, { namespace, name, port, protocol }: Parsed, key: string): Target[] {
    const targets: Target[] = [];
    if (this.#options.ignoreEmptyService && !this.#hasEndpoints(namespace, name)) return targets;
    const { clusterIP = '', clusterIPs, ports } = service.spec;
    const addresses = clusterIPs !== undefined && clusterIPs.length > 0 ? clusterIPs : [clusterIP];
    for (const offered of portsOr(ports)) {
      if (!matches(port, offered.name ?? '', protocol, offered.protocol)) continue;
      for (const host of addresses) if (host !== '') targets.push({ key, host, port: offered.port ?? -1 });
    }
    return targets;
  }

  #hasEndpoints(namespace: string, name: string): boolean {
    for (const { endpoints } of this.#view.slices(namespace, name)) if (endpoints?.some(isListed)) return true;
    return false;
  }

  #endpointTargets({ namespace, name, endpoint, port, protocol }: Parsed, service: string): Target[] {
    const targets: Target[] = [];
    for (const slice of this.#view.slices(namespace, name)) {
      for (const listed of slice.endpoints ?? []) {
        if (!isListed(listed)) continue;
        for (const host of listed.addresses) {
          const own = endpointName(listed, host, this.#options.endpointPodNames);
          if (endpoint !== '' && endpoint !== own) continue;
          for (const offered of portsOr(slice.ports)) {
            if (matches(port, offered.name ?? '', protocol, offered.protocol))
              targets.push({ key: `${own}.${service}`, host, port: offered.port ?? -1 });
          }
        }
      }
    }
    return targets;
  }

  /** A and AAAA records, through aliases. `before` are the aliases that led here. */
  #addresses(name: string, type: 'A' | 'AAAA', targets: readonly Target[], before: readonly DnsRecord[]): DnsRecord[] {
    const answers: DnsRecord[] = [];
    const seen = new Set<string>();
    for (const { host } of targets) {
      if (!isAddress(host)) answers.push(...this.#alias(name, type, host, before));
      else if (addressType(host) === type && !seen.has(host)) {
        seen.add(host);
        answers.push(this.#record(name, type, host));
      }
    }
    return answers;
  }

  #alias(name: string, type: 'A' | 'AAAA', host: string, before: readonly DnsRecord[]): readonly DnsRecord[] {
    const target = fullName(host);
    const lower = target.toLowerCase();
    const alias = this.#record(name, 'CNAME', target);
    const isLoop = lower === name.toLowerCase() || before.some(({ data }) => data.toLowerCase() === lower);
    if (isLoop || before.length > MAX_ALIASES) return [];
    if (isInZone(lower, this.#zone)) {
      const next = this.#addresses(target, type, this.#targets(lower) ?? [], [...before, alias]);
      return next.length > 0 ? [alias, ...next] : [];
    }
    return [alias, ...this.#upstream({ name: target, type }).answers];
  }

  /** SRV records, and the addresses of their targets. Each of n targets weighs 100/n. */
  #services(name: string, targets: readonly Target[]): Found {
    const answers: DnsRecord[] = [];
    const additional: DnsRecord[] = [];
    const seen = new Set<string>();
    const weight = Math.max(1, Math.floor(100 / Math.max(targets.length, 1)));
    for (const { key, host, port } of targets) {
      if (port === -1 || !isAddress(host)) continue;
      if (!seen.has(`${key}:${port}`)) answers.push(this.#record(name, 'SRV', `0 ${weight} ${port} ${key}`));
      if (!seen.has(`${key} ${host}`)) additional.push(this.#record(key, addressType(host), host));
      seen.add(`${key}:${port}`).add(`${key} ${host}`);
    }
    return { answers, additional };
  }

  /** PTR records: the Service that has the cluster IP, or else the endpoints with a host name that have the address. */
  #pointers(name: string): Found {
    const reverse = name.toLowerCase();
    const zone = this.#options.zones.find((other) => !isReverseZone(other)) ?? '.';
    for (const { metadata } of this.#view.servicesByReverseName(reverse)) {
      if (!this.#isExposed(metadata.namespace ?? '')) continue;
      return { answers: [this.#record(name, 'PTR', `${metadata.name}.${metadata.namespace ?? ''}.svc.${zone}`)] };
    }
    const answers: DnsRecord[] = [];
    for (const { namespace, service, endpoint } of this.#view.endpointsByReverseName(reverse)) {
      if (!endpoint.hostname || !this.#isExposed(namespace)) continue;
      answers.push(this.#record(name, 'PTR', `${endpoint.hostname}.${service}.${namespace}.svc.${zone}`));
    }
    return answers.length === 0 ? 'no such name' : { answers };
  }
}

/** "a.b.web.default.svc": kind, namespace, name, and either an endpoint or a port and protocol. Undefined for any other number. */
function parseLabels(labels: readonly string[]): Parsed | undefined {
  const rest = [...labels];
  const kind = rest.pop();
  if (kind !== 'svc' && kind !== 'pod') return undefined;
  const namespace = rest.pop() ?? '';
  const name = rest.pop() ?? '';
  const [first = '', second = ''] = rest;
  if (rest.length > 2) return undefined;
  const isPort = rest.length === 2;
  return {
    kind,
    namespace,
    name,
    endpoint: isPort ? '' : first,
    port: isPort ? first.replace(/^_/, '') : '',
    protocol: isPort ? second.replace(/^_/, '') : '',
  };
}

/** The name of an endpoint in its Service: its host name, its pod's name if so wished, or its address. */
function endpointName({ hostname, targetRef }: Endpoint, address: string, podNames: boolean): string {
  if (hostname) return hostname;
  if (podNames && targetRef?.name) return targetRef.name;
  return address.replaceAll(/[.:]/g, '-');
}

type OfferedPort = Pick<ServicePort, 'name' | 'port' | 'protocol'> | DiscoveryV1EndpointPort;
const NO_PORT: readonly OfferedPort[] = [{ name: '', port: -1, protocol: '' }];

/** Without a port a name still has its addresses. */
const portsOr = (ports: readonly OfferedPort[] | undefined): readonly OfferedPort[] =>
  ports === undefined || ports.length === 0 ? NO_PORT : ports;

function matches(port: string, offered: string, protocol: string, offeredProtocol = 'TCP'): boolean {
  return (port === '' || port === offered.toLowerCase()) && (protocol === '' || protocol === offeredProtocol.toLowerCase());
}
