/**
 * What one Service port is in nftables (`pkg/proxy/nftables/proxier.go`, the loop of syncProxyRules): members of the
 * maps that all packets are looked up in, and chains of its own that the members lead to. Pure and shared.
 */
import { sha256Base32 } from '../../apimachinery/sha256.ts';
import type { Endpoint } from '../endpoints.ts';
import { isExternallyAccessible, type ServicePortInfo, usesClusterEndpoints, usesLocalEndpoints } from '../service-port.ts';
import type { EndpointCategories } from '../topology.ts';

/** Settings that show in rules. */
export interface NftSettings {
  readonly clusterCIDR: string;
  readonly masqueradeAll: boolean;
}

/** A member of a shared map or set, as text: "10.96.0.1 . tcp . 443". */
export interface NftMember {
  readonly container:
    'cluster-ips' | 'service-ips' | 'service-nodeports' | 'no-endpoint-services' | 'no-endpoint-nodeports' | 'firewall-ips';
  readonly key: string;
  /** "goto service-…"; empty in sets. */
  readonly verdict: string;
  /** Empty: none. */
  readonly comment: string;
}

/** All of a Service port. */
export interface NftServiceRules {
  /** Names of its chains. */
  readonly chains: readonly string[];
  /** Names of its affinity sets. */
  readonly sets: readonly string[];
  /** Commands that make the chains, empty, and the sets. */
  readonly declarations: string;
  /** Commands that fill the chains. */
  readonly rules: string;
  readonly members: readonly NftMember[];
}

const TABLE = 'ip kube-proxy';

/** "ULMVA6XW-ns1/svc1/tcp/p80": eight characters of the hash keep the names apart. */
function withHash(name: string): string {
  const full = `${sha256Base32(name).slice(0, 8)}-${name}`;
  const limit = 240;
  return full.length > limit ? `${full.slice(0, limit - 3)}...` : full;
}

/** Where the traffic of a port may go. */
interface Plan {
  readonly info: ServicePortInfo;
  readonly settings: NftSettings;
  readonly endpoints: EndpointCategories;
  readonly path: string;
  readonly base: string;
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
  readonly firewall: boolean;
}

/** Makes the rules. */
export function nftServiceRules(
  info: ServicePortInfo,
  endpoints: EndpointCategories,
  allowFromNode: boolean,
  settings: NftSettings,
): NftServiceRules {
  const path = `${info.service}/${info.protocol}/${info.portName}`;
  const hasLocal = endpoints.local.length > 0;
  const plan: Plan = {
    info,
    settings,
    endpoints,
    path,
    base: withHash(path),
    hasInternal: info.internalPolicyLocal ? hasLocal : endpoints.hasAny,
    hasExternal: info.externalPolicyLocal ? hasLocal : endpoints.hasAny,
    firewall: info.loadBalancerVIPs.length > 0 && info.sourceRanges.length > 0,
  };
  const names = endpoints.reachable.map((endpoint) => endpointBase(endpoint, path));
  const chains = names.map((name) => `endpoint-${name}`);
  if (endpoints.cluster.length > 0 && usesClusterEndpoints(info)) chains.push(`service-${plan.base}`);
  if (hasLocal && usesLocalEndpoints(info)) chains.push(`local-${plan.base}`);
  if (endpoints.hasAny && isExternallyAccessible(info)) chains.push(`external-${plan.base}`);
  if (plan.firewall) chains.push(`firewall-${plan.base}`);
  const sets = info.affinitySeconds > 0 ? names.map((name) => `affinity-${name}`) : [];
  const declarations = [
    ...chains.map((chain) => `add chain ${TABLE} ${chain}\nflush chain ${TABLE} ${chain}\n`),
    ...sets.map((set) => `add set ${TABLE} ${set} { type ipv4_addr ; flags dynamic,timeout ; timeout ${info.affinitySeconds}s ; }\n`),
  ];
  return { chains, sets, declarations: declarations.join(''), rules: chainRules(plan, allowFromNode).join(''), members: members(plan) };
}

const endpointBase = ({ ip, port }: Endpoint, path: string): string => withHash(`${path}__${ip}/${port}`);

function members({ info, endpoints: { hasAny }, base, hasInternal, hasExternal, firewall }: Plan): NftMember[] {
  const { name, protocol, port, nodePort } = info;
  const refusal = hasAny ? 'drop' : 'goto reject-chain';
  const found: NftMember[] = [{ container: 'cluster-ips', key: info.clusterIP, verdict: '', comment: '' }];
  const keyOf = (ip: string) => `${ip} . ${protocol} . ${port}`;
  const lead = (ip: string, chain: string) =>
    found.push({ container: 'service-ips', key: keyOf(ip), verdict: `goto ${chain}`, comment: '' });
  const refuse = (ip: string) => found.push({ container: 'no-endpoint-services', key: keyOf(ip), verdict: refusal, comment: name });

  if (hasInternal) lead(info.clusterIP, `${info.internalPolicyLocal ? 'local' : 'service'}-${base}`);
  else refuse(info.clusterIP);
  for (const ip of [...info.externalIPs, ...info.loadBalancerVIPs]) {
    if (hasAny) lead(ip, `external-${base}`);
    if (!hasExternal) refuse(ip);
  }
  if (firewall) {
    for (const ip of info.loadBalancerVIPs)
      found.push({ container: 'firewall-ips', key: keyOf(ip), verdict: `goto firewall-${base}`, comment: '' });
  }
  if (nodePort !== 0) {
    const key = `${protocol} . ${nodePort}`;
    if (hasAny) found.push({ container: 'service-nodeports', key, verdict: `goto external-${base}`, comment: '' });
    if (!hasExternal) found.push({ container: 'no-endpoint-nodeports', key, verdict: refusal, comment: name });
  }
  return found;
}

function chainRules(plan: Plan, allowFromNode: boolean): string[] {
  const { info, settings, endpoints, base, path, hasInternal } = plan;
  const rules: string[] = [];
  const add = (chain: string, rule: string) => rules.push(`add rule ${TABLE} ${chain} ${rule}\n`);
  if (hasInternal && (settings.masqueradeAll || settings.clusterCIDR !== '')) {
    const notLocal = settings.masqueradeAll ? '' : `ip saddr != ${settings.clusterCIDR} `;
    const match = `ip daddr ${info.clusterIP} ${info.protocol} dport ${info.port} ${notLocal}`;
    add(`${info.internalPolicyLocal ? 'local' : 'service'}-${base}`, `${match}jump mark-for-masquerade`);
  }
  if (endpoints.hasAny && isExternallyAccessible(info)) addExternal(plan, (rule) => add(`external-${base}`, rule));
  if (plan.firewall) {
    const sources = allowFromNode ? [...info.sourceRanges, ...info.loadBalancerVIPs] : info.sourceRanges;
    add(`firewall-${base}`, `ip saddr != { ${sources.join(' , ')} } drop`);
  }
  if (usesClusterEndpoints(info)) addBalancing(plan, endpoints.cluster, (rule) => add(`service-${base}`, rule));
  if (usesLocalEndpoints(info)) addBalancing(plan, endpoints.local, (rule) => add(`local-${base}`, rule));
  for (const endpoint of endpoints.reachable) {
    const name = endpointBase(endpoint, path);
    add(`endpoint-${name}`, `ip saddr ${endpoint.ip} jump mark-for-masquerade`);
    if (info.affinitySeconds > 0) add(`endpoint-${name}`, `update @affinity-${name} { ip saddr }`);
    add(`endpoint-${name}`, `meta l4proto ${info.protocol} dnat to ${endpoint.text}`);
  }
  return rules;
}

function addExternal({ info, settings, base, hasExternal }: Plan, add: (rule: string) => void): void {
  if (info.externalPolicyLocal) {
    if (settings.clusterCIDR !== '') add(`ip saddr ${settings.clusterCIDR} goto service-${base} comment "short-circuit pod traffic"`);
    add('fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"');
    add(`fib saddr type local goto service-${base} comment "short-circuit local traffic"`);
  } else add('jump mark-for-masquerade');
  if (hasExternal) add(`goto ${info.externalPolicyLocal ? 'local' : 'service'}-${base}`);
}

/** Who was here before goes where it was; all others are spread by one random number and one look-up. */
function addBalancing({ info, path }: Plan, endpoints: readonly Endpoint[], add: (rule: string) => void): void {
  if (endpoints.length === 0) return;
  const names = endpoints.map((endpoint) => endpointBase(endpoint, path));
  if (info.affinitySeconds > 0) for (const name of names) add(`ip saddr @affinity-${name} goto endpoint-${name}`);
  const choices = names.map((name, index) => `${index} : goto endpoint-${name}`);
  add(`numgen random mod ${names.length} vmap { ${choices.join(' , ')} }`);
}
