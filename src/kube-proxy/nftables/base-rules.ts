/** The part of table ip kube-proxy that does not depend on Services (`pkg/proxy/nftables/proxier.go`, setupNFTables). */

/** Table and family, as commands name them. */
export const TABLE = 'ip kube-proxy';

/** Filters look at addresses as the client wrote them, so most of them come before DNAT. */
const BASE_CHAINS: readonly (readonly [string, string, string, number])[] = [
  ['filter-prerouting', 'filter', 'prerouting', -110],
  ['filter-input', 'filter', 'input', -110],
  ['filter-forward', 'filter', 'forward', -110],
  ['filter-output', 'filter', 'output', -110],
  ['filter-output-post-dnat', 'filter', 'output', -90],
  ['nat-prerouting', 'nat', 'prerouting', -100],
  ['nat-output', 'nat', 'output', -100],
  ['nat-postrouting', 'nat', 'postrouting', 100],
];

/** From, to, and whether only for packets that begin a connection. */
const JUMPS: readonly (readonly [string, string, boolean])[] = [
  ['filter-input', 'nodeport-endpoints-check', true],
  ['filter-input', 'service-endpoints-check', true],
  ['filter-forward', 'service-endpoints-check', true],
  ['filter-output', 'service-endpoints-check', true],
  ['filter-prerouting', 'firewall-check', true],
  ['filter-output', 'firewall-check', true],
  ['nat-output', 'services', false],
  ['nat-prerouting', 'services', false],
  ['nat-postrouting', 'masquerading', false],
  ['filter-forward', 'cluster-ips-check', true],
  ['filter-output-post-dnat', 'cluster-ips-check', true],
];

const ADDRESS = 'ipv4_addr . inet_proto . inet_service : verdict';
const PORT = 'inet_proto . inet_service : verdict';
const MAPS: readonly (readonly [string, string, string])[] = [
  ['no-endpoint-services', ADDRESS, 'vmap to drop or reject packets to services with no endpoints'],
  ['no-endpoint-nodeports', PORT, 'vmap to drop or reject packets to service nodeports with no endpoints'],
  ['firewall-ips', ADDRESS, 'destinations that are subject to LoadBalancerSourceRanges'],
  ['service-ips', ADDRESS, 'ClusterIP, ExternalIP and LoadBalancer IP traffic'],
  ['service-nodeports', PORT, 'NodePort traffic'],
];

/** What the base rules depend on. */
export interface BaseSettings {
  /** "0x004000" */
  readonly mark: string;
  /** Addresses that accept node ports; undefined: all of the node's. */
  readonly nodePortIps: readonly string[] | undefined;
}

/** The commands, for a table that may exist already. */
// Differs: traffic to cluster addresses that no Service has is not dropped: the ServiceCIDR objects are not read.
export function baseRules({ mark, nodePortIps }: BaseSettings): string {
  const lines = [`add table ${TABLE} { comment "rules for kube-proxy" ; }`];
  for (const [name, type, hook, priority] of BASE_CHAINS) {
    lines.push(`add chain ${TABLE} ${name} { type ${type} hook ${hook} priority ${priority} ; }`, `flush chain ${TABLE} ${name}`);
  }
  const made = new Set<string>();
  const ensure = (chain: string) => {
    if (!made.has(chain)) lines.push(`add chain ${TABLE} ${chain}`, `flush chain ${TABLE} ${chain}`);
    made.add(chain);
  };
  const rule = (chain: string, text: string) => lines.push(`add rule ${TABLE} ${chain} ${text}`);
  for (const [from, to, onlyNew] of JUMPS) {
    ensure(to);
    rule(from, `${onlyNew ? 'ct state new ' : ''}jump ${to}`);
  }
  ensure('mark-for-masquerade');
  rule('mark-for-masquerade', `mark set mark or ${mark}`);
  rule('masquerading', `mark and ${mark} == 0 return`);
  rule('masquerading', `mark set mark xor ${mark}`);
  rule('masquerading', 'masquerade fully-random');
  lines.push(`add set ${TABLE} cluster-ips { type ipv4_addr ; comment "Active ClusterIPs" ; }`);
  rule('cluster-ips-check', 'ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs"');
  lines.push(`add set ${TABLE} nodeport-ips { type ipv4_addr ; comment "IPs that accept NodePort traffic" ; }`);
  if (nodePortIps === undefined) lines.push(`delete set ${TABLE} nodeport-ips`);
  else {
    lines.push(`flush set ${TABLE} nodeport-ips`);
    for (const ip of nodePortIps) lines.push(`add element ${TABLE} nodeport-ips { ${ip} }`);
  }
  for (const [name, type, comment] of MAPS) lines.push(`add map ${TABLE} ${name} { type ${type} ; comment "${comment}" ; }`);
  lines.push(
    `add chain ${TABLE} reject-chain { comment "helper for @no-endpoint-services / @no-endpoint-nodeports" ; }`,
    `flush chain ${TABLE} reject-chain`,
  );
  rule('reject-chain', 'reject');
  const byAddress = 'ip daddr . meta l4proto . th dport vmap';
  const toNodePort = nodePortIps === undefined ? 'ip daddr != 127.0.0.0/8' : 'ip daddr @nodeport-ips';
  rule('service-endpoints-check', `${byAddress} @no-endpoint-services`);
  rule('nodeport-endpoints-check', `${toNodePort} meta l4proto . th dport vmap @no-endpoint-nodeports`);
  rule('firewall-check', `${byAddress} @firewall-ips`);
  rule('services', `${byAddress} @service-ips`);
  const local = nodePortIps === undefined ? 'fib daddr type local ' : '';
  rule('services', `${local}${toNodePort} meta l4proto . th dport vmap @service-nodeports`);
  for (const [name] of MAPS) lines.push(`flush map ${TABLE} ${name}`);
  lines.push(`flush set ${TABLE} cluster-ips`);
  return `${lines.join('\n')}\n`;
}
