/**
 * The iptables rules of one Service port (`pkg/proxy/iptables/proxier.go`, the loop of syncProxyRules): pieces of the
 * chains that all Services share, and chains of its own. A pure function of what the node sees, so nodes that see the
 * same share the text.
 */
import type { Endpoint } from '../endpoints.ts';
import { isExternallyAccessible, type ServicePortInfo, usesClusterEndpoints, usesLocalEndpoints } from '../service-port.ts';
import type { EndpointCategories } from '../topology.ts';
import { chainNames, type ChainNames, sepChain } from './chain-names.ts';

/** Settings that show in rules. */
export interface RuleSettings {
  readonly clusterCIDR: string;
  readonly masqueradeAll: boolean;
  /** More than 1,000 endpoints: the comments of the many chains are left out. */
  readonly largeCluster: boolean;
}

/** What one Service port adds. Each text is whole lines, or empty. */
export interface ServiceRules {
  /** Names of its chains in table nat. */
  readonly chains: readonly string[];
  /** Rules of those chains. */
  readonly chainRules: string;
  /** Added to nat KUBE-SERVICES. */
  readonly natServices: string;
  /** Added to nat KUBE-NODEPORTS. */
  readonly natNodePorts: string;
  /** Added to filter KUBE-SERVICES. */
  readonly filterServices: string;
  /** Added to filter KUBE-EXTERNAL-SERVICES. */
  readonly filterExternal: string;
  /** Added to filter KUBE-NODEPORTS. */
  readonly filterNodePorts: string;
  /** Added to filter KUBE-PROXY-FIREWALL. */
  readonly filterFirewall: string;
}

/** Where the traffic of a port may go, decided once for all its rules. */
interface Plan {
  readonly info: ServicePortInfo;
  readonly settings: RuleSettings;
  readonly names: ChainNames;
  readonly endpoints: EndpointCategories;
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
  /** Chain for traffic to the cluster address. */
  readonly internalChain: string;
  /** Chain behind KUBE-EXT-. */
  readonly externalPolicyChain: string;
  readonly usesFirewall: boolean;
  /** The node's own address lies in a permitted range. */
  readonly allowFromNode: boolean;
}

/** Makes the rules. `allowFromNode`: whether a source range holds the node's address. */
export function serviceRules(
  info: ServicePortInfo,
  endpoints: EndpointCategories,
  allowFromNode: boolean,
  settings: RuleSettings,
): ServiceRules {
  const names = chainNames(info);
  const hasLocal = endpoints.local.length > 0;
  const plan: Plan = {
    info,
    settings,
    names,
    endpoints,
    hasInternal: info.internalPolicyLocal ? hasLocal : endpoints.hasAny,
    hasExternal: info.externalPolicyLocal ? hasLocal : endpoints.hasAny,
    internalChain: info.internalPolicyLocal ? names.local : names.cluster,
    externalPolicyChain: info.externalPolicyLocal ? names.local : names.cluster,
    usesFirewall: endpoints.hasAny && info.loadBalancerVIPs.length > 0 && info.sourceRanges.length > 0,
    allowFromNode,
  };
  return { ...sharedChainRules(plan), ...ownChains(plan) };
}

/** `-m tcp -p tcp -d 10.96.0.1 --dport 443`, in the order in which kube-proxy writes it. */
const destination = (protocol: string, ip: string, port: number): string => `-m ${protocol} -p ${protocol} -d ${ip} --dport ${port}`;

type SharedChainRules = Omit<ServiceRules, 'chains' | 'chainRules'>;

function sharedChainRules({
  info,
  names,
  endpoints: { hasAny },
  hasInternal,
  hasExternal,
  internalChain,
  usesFirewall,
}: Plan): SharedChainRules {
  const { name, protocol, port, nodePort } = info;
  const to = (ip: string) => destination(protocol, ip, port);
  const refuse = hasAny
    ? { comment: `${name} has no local endpoints`, target: 'DROP' }
    : { comment: `${name} has no endpoints`, target: 'REJECT' };
  let natServices = '';
  let natNodePorts = '';
  let filterServices = '';
  let filterExternal = '';
  let filterFirewall = '';

  if (hasInternal) natServices += `-A KUBE-SERVICES -m comment --comment "${name} cluster IP" ${to(info.clusterIP)} -j ${internalChain}\n`;
  else filterServices += `-A KUBE-SERVICES -m comment --comment "${refuse.comment}" ${to(info.clusterIP)} -j ${refuse.target}\n`;

  for (const ip of info.externalIPs) {
    if (hasAny) natServices += `-A KUBE-SERVICES -m comment --comment "${name} external IP" ${to(ip)} -j ${names.external}\n`;
    if (!hasExternal)
      filterExternal += `-A KUBE-EXTERNAL-SERVICES -m comment --comment "${refuse.comment}" ${to(ip)} -j ${refuse.target}\n`;
  }
  for (const ip of info.loadBalancerVIPs) {
    const chain = usesFirewall ? names.firewall : names.external;
    if (hasAny) natServices += `-A KUBE-SERVICES -m comment --comment "${name} loadbalancer IP" ${to(ip)} -j ${chain}\n`;
    if (usesFirewall) {
      filterFirewall += `-A KUBE-PROXY-FIREWALL -m comment --comment "${name} traffic not accepted by ${names.firewall}" ${to(ip)} -j DROP\n`;
    }
    if (!hasExternal)
      filterExternal += `-A KUBE-EXTERNAL-SERVICES -m comment --comment "${refuse.comment}" ${to(ip)} -j ${refuse.target}\n`;
  }
  if (nodePort !== 0) {
    // Node ports are not subject to source ranges: nobody could change that any more.
    if (hasAny)
      natNodePorts += `-A KUBE-NODEPORTS -m comment --comment ${name} -m ${protocol} -p ${protocol} --dport ${nodePort} -j ${names.external}\n`;
    if (!hasExternal) {
      filterExternal += `-A KUBE-EXTERNAL-SERVICES -m comment --comment "${refuse.comment}" -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${nodePort} -j ${refuse.target}\n`;
    }
  }
  const health = info.healthCheckNodePort;
  const filterNodePorts =
    health === 0
      ? ''
      : `-A KUBE-NODEPORTS -m comment --comment "${name} health check node port" -m tcp -p tcp --dport ${health} -j ACCEPT\n`;
  return { natServices, natNodePorts, filterServices, filterExternal, filterNodePorts, filterFirewall };
}

function ownChains(plan: Plan): Pick<ServiceRules, 'chains' | 'chainRules'> {
  const { info, settings, names, endpoints, hasInternal, internalChain, usesFirewall } = plan;
  const chains: string[] = [];
  // Joined once at the end: text that grows by += would stay a tree in memory.
  const rules: string[] = [];
  if (hasInternal) {
    const match = `-A ${internalChain} -m comment --comment "${info.name} cluster IP" ${destination(info.protocol, info.clusterIP, info.port)}`;
    if (settings.masqueradeAll) rules.push(`${match} -j KUBE-MARK-MASQ\n`);
    else if (settings.clusterCIDR !== '') rules.push(`${match} ! -s ${settings.clusterCIDR} -j KUBE-MARK-MASQ\n`);
  }
  if (endpoints.hasAny && isExternallyAccessible(info)) {
    chains.push(names.external);
    addExternalChain(rules, plan);
  }
  if (usesFirewall) {
    chains.push(names.firewall);
    addFirewallChain(rules, plan);
  }
  if (endpoints.cluster.length > 0 && usesClusterEndpoints(info)) {
    chains.push(names.cluster);
    addBalancing(rules, names.cluster, endpoints.cluster, info, settings);
  }
  if (endpoints.local.length > 0 && usesLocalEndpoints(info)) {
    chains.push(names.local);
    addBalancing(rules, names.local, endpoints.local, info, settings);
  }
  for (const endpoint of endpoints.reachable) {
    chains.push(sepChain(endpoint, info));
    addEndpointChain(rules, endpoint, info, settings);
  }
  return { chains, chainRules: rules.join('') };
}

/** KUBE-EXT-: all traffic from outside, whichever address it came to. */
function addExternalChain(rules: string[], plan: Plan): void {
  const { info, settings, names, hasExternal, externalPolicyChain } = plan;
  const { clusterCIDR } = settings;
  const chain = names.external;
  const comment = (what: string): string => `-A ${chain} -m comment --comment "${what} for ${info.name} external destinations"`;
  if (info.externalPolicyLocal) {
    // Pods, and the node itself, may use any endpoint, as if they had gone out and come back by the load balancer.
    if (clusterCIDR !== '') rules.push(`${comment('pod traffic')} -s ${clusterCIDR} -j ${names.cluster}\n`);
    rules.push(`${comment('masquerade LOCAL traffic')} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n`);
    rules.push(`${comment('route LOCAL traffic')} -m addrtype --src-type LOCAL -j ${names.cluster}\n`);
  } else {
    // The endpoint may be on another node: its answer must come back this way.
    rules.push(`${comment('masquerade traffic')} -j KUBE-MARK-MASQ\n`);
  }
  if (hasExternal) rules.push(`-A ${chain} -j ${externalPolicyChain}\n`);
}

/** KUBE-FW-: what is let through to the load balancer's addresses. What comes to its end is dropped in table filter. */
function addFirewallChain(rules: string[], { info, names, allowFromNode }: Plan): void {
  // A node that calls the load balancer may have its address as the source, when the address is one of its own.
  const sources = allowFromNode ? [...info.sourceRanges, ...info.loadBalancerVIPs] : info.sourceRanges;
  for (const source of sources) {
    rules.push(`-A ${names.firewall} -m comment --comment "${info.name} loadbalancer IP" -s ${source} -j ${names.external}\n`);
  }
  rules.push(`-A ${names.firewall} -m comment --comment "other traffic to ${info.name} will be dropped by KUBE-PROXY-FIREWALL"\n`);
}

/** KUBE-SVC- and KUBE-SVL-: first who was here before, then chance: of n endpoints the i-th gets 1/(n-i) of what comes to it. */
function addBalancing(rules: string[], chain: string, endpoints: readonly Endpoint[], info: ServicePortInfo, settings: RuleSettings): void {
  const comment = ({ text }: Endpoint): string => (settings.largeCluster ? '' : ` -m comment --comment "${info.name} -> ${text}"`);
  if (info.affinitySeconds > 0) {
    for (const endpoint of endpoints) {
      const sep = sepChain(endpoint, info);
      rules.push(`-A ${chain}${comment(endpoint)} -m recent --name ${sep} --rcheck --seconds ${info.affinitySeconds} --reap -j ${sep}\n`);
    }
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const left = endpoints.length - index;
    const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
    rules.push(`-A ${chain}${comment(endpoint)}${chance} -j ${sepChain(endpoint, info)}\n`);
  }
}

/** KUBE-SEP-: masquerade what a pod sends to itself; remember the client; rewrite the destination. */
function addEndpointChain(rules: string[], endpoint: Endpoint, info: ServicePortInfo, { largeCluster }: RuleSettings): void {
  const { protocol } = info;
  const chain = sepChain(endpoint, info);
  const comment = largeCluster ? '' : ` -m comment --comment ${info.name}`;
  const remember = info.affinitySeconds > 0 ? ` -m recent --name ${chain} --set` : '';
  rules.push(
    `-A ${chain}${comment} -s ${endpoint.ip} -j KUBE-MARK-MASQ\n`,
    `-A ${chain}${comment}${remember} -m ${protocol} -p ${protocol} -j DNAT --to-destination ${endpoint.text}\n`,
  );
}
