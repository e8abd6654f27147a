/** A pod's resolv.conf (`pkg/kubelet/network/dns/dns.go`): cluster DNS, the host's, or only what `dnsConfig` says. */
import { unresolvable } from './downward.ts';
import type { PodDNSConfig, PodSpec } from '../api/generated/types.ts';

/** The content of a resolv.conf. */
export interface DnsSettings {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** "ndots:5" */
  readonly options: readonly string[];
}

/** Settings with what had to be left out. */
export interface LimitedDns {
  readonly settings: DnsSettings;
  /** Texts of DNSConfigForming events. */
  readonly exceeded: readonly string[];
}

/** Where a pod's settings come from. */
export type DnsMode = 'cluster' | 'host' | 'none';

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_LENGTH = 2048;
const CLUSTER_OPTIONS: readonly string[] = ['ndots:5'];

const MODES: Readonly<Record<string, DnsMode>> = {
  None: 'none',
  ClusterFirstWithHostNet: 'cluster',
  ClusterFirst: 'cluster',
  Default: 'host',
};

/** `getPodDNSType`. Throws for a policy that does not exist. */
export function dnsMode({ dnsPolicy = 'ClusterFirst', hostNetwork = false }: Pick<PodSpec, 'dnsPolicy' | 'hostNetwork'>): DnsMode {
  const mode = MODES[dnsPolicy];
  if (mode === undefined) throw unresolvable(`invalid DNSPolicy: ${dnsPolicy}`);
  return dnsPolicy === 'ClusterFirst' && hostNetwork ? 'host' : mode;
}

/** What a pod's settings depend on besides its spec. */
export interface DnsEnvironment {
  readonly clusterDns: readonly string[];
  /** "cluster.local" */
  readonly clusterDomain: string;
  /** The node's own resolv.conf. */
  readonly host: DnsSettings;
}

/** The settings of a pod, within the limits (`GetPodDNS`). */
export function podDns(
  spec: Pick<PodSpec, 'dnsPolicy' | 'hostNetwork' | 'dnsConfig'>,
  namespace: string,
  { clusterDns, clusterDomain, host }: DnsEnvironment,
): LimitedDns {
  // A policy that does not exist counts as ClusterFirst, as upstream falls back.
  const mode = dnsMode((spec.dnsPolicy ?? '') in MODES ? spec : { hostNetwork: spec.hostNetwork });
  let settings: DnsSettings = { nameservers: [], searches: [], options: [] };
  if (mode === 'host') settings = host;
  else if (mode === 'cluster') {
    const cluster = [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
    settings = { nameservers: clusterDns, searches: unique([...cluster, ...host.searches]), options: CLUSTER_OPTIONS };
  }
  return limitDns(spec.dnsConfig ? withConfig(settings, spec.dnsConfig) : settings);
}

const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** `appendDNSConfig`: more servers and searches without repeats; options of the same name are replaced. */
function withConfig(settings: DnsSettings, { nameservers = [], searches = [], options = [] }: PodDNSConfig): DnsSettings {
  const byName = new Map(settings.options.map((option) => [option.split(':')[0] ?? option, option]));
  for (const { name = '', value } of options) byName.set(name, value === undefined ? name : `${name}:${value}`);
  return {
    nameservers: unique([...settings.nameservers, ...nameservers]),
    searches: unique([...settings.searches, ...searches]),
    options: [...byName.values()],
  };
}

/** `formDNSConfigFitsLimits`: at most 3 nameservers, 32 search paths, 2048 characters of search paths. */
export function limitDns({ nameservers, searches, options }: DnsSettings): LimitedDns {
  const exceeded: string[] = [];
  const servers = nameservers.slice(0, MAX_NAMESERVERS);
  if (servers.length < nameservers.length) {
    exceeded.push(
      `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${servers.join(' ')}`,
    );
  }
  const paths = searches.slice(0, MAX_SEARCHES);
  while (paths.join(' ').length > MAX_SEARCH_LENGTH) paths.pop();
  if (paths.length < searches.length) {
    exceeded.push(`Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${paths.join(' ')}`);
  }
  return { settings: { nameservers: servers, searches: paths, options }, exceeded };
}

/** The file's text, as containerd writes it. */
export function resolvConfText({ nameservers, searches, options }: DnsSettings): string {
  const lines: string[] = [];
  if (searches.length > 0) lines.push(`search ${searches.join(' ')}`);
  for (const server of nameservers) lines.push(`nameserver ${server}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return lines.map((line) => `${line}\n`).join('');
}
