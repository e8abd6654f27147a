/** Rules of the userspace proxy: from a Service's address to the port that kube-proxy itself listens on (`pkg/proxy/userspace/proxier.go` of 1.6). */
import type { IptablesTable, IptablesTool } from '../iptables-tool.ts';
import type { ServicePortInfo } from '../service-port.ts';

/** A rule and where it is appended. */
export interface PortalRule {
  readonly table: IptablesTable;
  readonly chain: string;
  readonly rule: string;
}

const CLUSTER_IPS = '-m comment --comment "handle ClusterIPs; NOTE: this must be before the NodePort rules"';
const NODE_PORTS =
  '-m addrtype --dst-type LOCAL -m comment --comment "handle service NodePorts; NOTE: this must be the last rule in the chain"';
const NON_LOCAL = '-m comment --comment "Ensure that non-local NodePort traffic can flow"';

const JUMPS: readonly (PortalRule & { readonly to: string; readonly position: 'prepend' | 'append' })[] = [
  { table: 'nat', chain: 'PREROUTING', to: 'KUBE-PORTALS-CONTAINER', position: 'prepend', rule: CLUSTER_IPS },
  { table: 'nat', chain: 'OUTPUT', to: 'KUBE-PORTALS-HOST', position: 'prepend', rule: CLUSTER_IPS },
  { table: 'nat', chain: 'PREROUTING', to: 'KUBE-NODEPORT-CONTAINER', position: 'append', rule: NODE_PORTS },
  { table: 'nat', chain: 'OUTPUT', to: 'KUBE-NODEPORT-HOST', position: 'append', rule: NODE_PORTS },
  { table: 'filter', chain: 'INPUT', to: 'KUBE-NODEPORT-NON-LOCAL', position: 'prepend', rule: NON_LOCAL },
];

/** Only this mode has this chain. */
export const TRACE_CHAIN = 'KUBE-PORTALS-CONTAINER';

/** Chains and jumps (`iptablesInit`). */
export function ensurePortalChains(iptables: IptablesTool): void {
  for (const { table, chain, to, position, rule } of JUMPS) {
    iptables.ensureChain(table, to);
    iptables.ensureRule(position, table, chain, `${rule} -j ${to}`);
  }
}

/** Removes chains and jumps; does nothing where the mode has left no trace. */
export function cleanUpUserspace(iptables: IptablesTool): void {
  if (!iptables.hasChain('nat', TRACE_CHAIN)) return;
  for (const { table, chain, to, rule } of JUMPS) {
    iptables.deleteRule(table, chain, `${rule} -j ${to}`);
    iptables.deleteChain(table, to);
  }
}

/** All rules of a Service port. `proxyPort` belongs to its cluster and external addresses, `hostIp` is the node's. */
export function portalRules(info: ServicePortInfo, hostIp: string, proxyPort: number): PortalRule[] {
  const { protocol, port, nodePort } = info;
  const match = (dport: number, ip?: string): string =>
    `-m comment --comment ${info.name} -p ${protocol} -m ${protocol} --dport ${dport}${ip === undefined ? '' : ` -d ${ip}/32`}`;
  const redirect = `-j REDIRECT --to-ports ${proxyPort}`;
  const dnat = `-j DNAT --to-destination ${hostIp}:${proxyPort}`;
  const fromPods = (rule: string): PortalRule => ({ table: 'nat', chain: 'KUBE-PORTALS-CONTAINER', rule });
  const fromHost = (rule: string): PortalRule => ({ table: 'nat', chain: 'KUBE-PORTALS-HOST', rule });
  const rules = [fromPods(`${match(port, info.clusterIP)} ${redirect}`), fromHost(`${match(port, info.clusterIP)} ${dnat}`)];
  for (const ip of [...info.externalIPs, ...info.loadBalancerVIPs]) {
    const external = match(port, ip);
    // From outside; or to an address that this node has.
    rules.push(fromPods(`${external} -m physdev ! --physdev-is-in ${redirect}`));
    rules.push(fromPods(`${external} -m addrtype --dst-type LOCAL ${redirect}`));
    rules.push(fromHost(`${external} -m addrtype --dst-type LOCAL ${dnat}`));
  }
  if (nodePort !== 0) {
    rules.push({ table: 'nat', chain: 'KUBE-NODEPORT-CONTAINER', rule: `${match(nodePort)} ${redirect}` });
    rules.push({ table: 'nat', chain: 'KUBE-NODEPORT-HOST', rule: `${match(nodePort)} ${dnat}` });
    rules.push({ table: 'filter', chain: 'KUBE-NODEPORT-NON-LOCAL', rule: `${match(proxyPort)} -m state --state NEW -j ACCEPT` });
  }
  return rules;
}
