/**
 * The iptables part of mode ipvs (`pkg/proxy/ipvs/proxier.go`, writeIptablesRules): what must be masqueraded, and what
 * must not be refused. Its length does not depend on the number of Services, only on which sets are empty.
 */
import type { ProxyConfig } from '../config.ts';
import type { IptablesTable } from '../iptables-tool.ts';
import { IP_SETS, type IpSetName } from './ip-sets.ts';

/** Each is put before what is there, so the last one comes first. */
export const IPVS_JUMPS: readonly {
  readonly table: IptablesTable;
  readonly from: string;
  readonly to: string;
  readonly comment: string;
}[] = [
  { table: 'nat', from: 'OUTPUT', to: 'KUBE-SERVICES', comment: 'kubernetes service portals' },
  { table: 'nat', from: 'PREROUTING', to: 'KUBE-SERVICES', comment: 'kubernetes service portals' },
  { table: 'nat', from: 'POSTROUTING', to: 'KUBE-POSTROUTING', comment: 'kubernetes postrouting rules' },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-FORWARD', comment: 'kubernetes forwarding rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-NODE-PORT', comment: 'kubernetes health check rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-PROXY-FIREWALL', comment: 'kube-proxy firewall rules' },
  { table: 'filter', from: 'FORWARD', to: 'KUBE-PROXY-FIREWALL', comment: 'kube-proxy firewall rules' },
  { table: 'filter', from: 'INPUT', to: 'KUBE-IPVS-FILTER', comment: 'kubernetes ipvs access filter' },
];

/** All chains, by table. */
export const IPVS_CHAINS: Readonly<Record<'nat' | 'filter', readonly string[]>> = {
  nat: ['KUBE-SERVICES', 'KUBE-POSTROUTING', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER', 'KUBE-MARK-MASQ'],
  filter: ['KUBE-FORWARD', 'KUBE-NODE-PORT', 'KUBE-PROXY-FIREWALL', 'KUBE-SOURCE-RANGES-FIREWALL', 'KUBE-IPVS-FILTER'],
};

/** Rules that ask one set, and are left out while it is empty: where, what part of the packet, what then. */
const SET_RULES: readonly (readonly [IpSetName, 'nat' | 'filter', string, string, string, string?])[] = [
  ['KUBE-LOOP-BACK', 'nat', 'KUBE-POSTROUTING', 'dst,dst,src', 'MASQUERADE'],
  ['KUBE-LOAD-BALANCER', 'nat', 'KUBE-SERVICES', 'dst,dst', 'KUBE-LOAD-BALANCER'],
  ['KUBE-LOAD-BALANCER-FW', 'filter', 'KUBE-PROXY-FIREWALL', 'dst,dst', 'KUBE-SOURCE-RANGES-FIREWALL'],
  ['KUBE-LOAD-BALANCER-SOURCE-CIDR', 'filter', 'KUBE-SOURCE-RANGES-FIREWALL', 'dst,dst,src', 'RETURN'],
  ['KUBE-LOAD-BALANCER-SOURCE-IP', 'filter', 'KUBE-SOURCE-RANGES-FIREWALL', 'dst,dst,src', 'RETURN'],
  ['KUBE-LOAD-BALANCER-LOCAL', 'nat', 'KUBE-LOAD-BALANCER', 'dst,dst', 'RETURN'],
  ['KUBE-NODE-PORT-LOCAL-TCP', 'nat', 'KUBE-NODE-PORT', 'dst', 'RETURN', 'tcp'],
  ['KUBE-NODE-PORT-TCP', 'nat', 'KUBE-NODE-PORT', 'dst', 'KUBE-MARK-MASQ', 'tcp'],
  ['KUBE-NODE-PORT-LOCAL-UDP', 'nat', 'KUBE-NODE-PORT', 'dst', 'RETURN', 'udp'],
  ['KUBE-NODE-PORT-UDP', 'nat', 'KUBE-NODE-PORT', 'dst', 'KUBE-MARK-MASQ', 'udp'],
  ['KUBE-NODE-PORT-LOCAL-SCTP-HASH', 'nat', 'KUBE-NODE-PORT', 'dst,dst', 'RETURN', 'sctp'],
  ['KUBE-NODE-PORT-SCTP-HASH', 'nat', 'KUBE-NODE-PORT', 'dst,dst', 'KUBE-MARK-MASQ', 'sctp'],
];

/** The whole text for iptables-restore. `has`: whether a set has members; `mark`: "0x004000". */
export function ipvsIptablesText(has: (set: IpSetName) => boolean, config: ProxyConfig, mark: string): string {
  const rules: Record<'nat' | 'filter', string> = { nat: '-A KUBE-SERVICES -s 127.0.0.0/8 -j RETURN\n', filter: '' };
  for (const [set, table, chain, parts, target, protocol] of SET_RULES) {
    if (!has(set)) continue;
    const match = protocol === undefined ? '' : ` -p ${protocol}`;
    rules[table] += `-A ${chain}${match} ${asks(set, parts)} -j ${target}\n`;
  }
  rules.nat += serviceRules(has, config);
  rules.nat += '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT\n-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ\n';
  // Whatever IPVS serves is accepted here, before rules of others could refuse it.
  for (const set of ['KUBE-CLUSTER-IP', 'KUBE-LOAD-BALANCER'] as const) {
    if (has(set)) rules.nat += `-A KUBE-SERVICES -m set --match-set ${set} dst,dst -j ACCEPT\n`;
  }
  rules.nat +=
    `-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN\n-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}\n` +
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully\n' +
    `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}\n`;
  rules.filter += filterRules(mark);
  const declare = (table: 'nat' | 'filter') => IPVS_CHAINS[table].map((chain) => `:${chain} - [0:0]\n`).join('');
  return `*nat\n${declare('nat')}${rules.nat}COMMIT\n*filter\n${declare('filter')}${rules.filter}COMMIT\n`;
}

const asks = (set: IpSetName, parts: string): string => `-m comment --comment "${IP_SETS[set].comment}" -m set --match-set ${set} ${parts}`;

/** nat KUBE-SERVICES: cluster addresses from outside, then external addresses. */
function serviceRules(has: (set: IpSetName) => boolean, { masqueradeAll, clusterCIDR }: ProxyConfig): string {
  let rules = '';
  if (has('KUBE-CLUSTER-IP')) {
    // Without a cluster CIDR: what an address of a Service has as its source came from this node.
    const parts = masqueradeAll || clusterCIDR !== '' ? 'dst,dst' : 'src,dst';
    const notLocal = masqueradeAll || clusterCIDR === '' ? '' : ` ! -s ${clusterCIDR}`;
    rules += `-A KUBE-SERVICES ${asks('KUBE-CLUSTER-IP', parts)}${notLocal} -j KUBE-MARK-MASQ\n`;
  }
  for (const set of ['KUBE-EXTERNAL-IP', 'KUBE-EXTERNAL-IP-LOCAL'] as const) {
    if (!has(set)) continue;
    const match = `-A KUBE-SERVICES ${asks(set, 'dst,dst')}`;
    if (set === 'KUBE-EXTERNAL-IP') rules += `${match} -j KUBE-MARK-MASQ\n`;
    // Only what comes from another machine, or what goes to an address that is one of this node's.
    rules += `${match} -m physdev ! --physdev-is-in -m addrtype ! --src-type LOCAL -j ACCEPT\n`;
    rules += `${match} -m addrtype --dst-type LOCAL -j ACCEPT\n`;
  }
  return rules;
}

function filterRules(mark: string): string {
  const passes = (set: IpSetName, parts: string) => `-A KUBE-IPVS-FILTER -m set --match-set ${set} ${parts} -j RETURN\n`;
  return (
    '-A KUBE-SOURCE-RANGES-FIREWALL -j DROP\n' +
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT\n` +
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n' +
    `-A KUBE-NODE-PORT ${asks('KUBE-HEALTH-CHECK-NODE-PORT', 'dst')} -j ACCEPT\n` +
    passes('KUBE-LOAD-BALANCER', 'dst,dst') +
    passes('KUBE-CLUSTER-IP', 'dst,dst') +
    passes('KUBE-EXTERNAL-IP', 'dst,dst') +
    passes('KUBE-EXTERNAL-IP-LOCAL', 'dst,dst') +
    passes('KUBE-HEALTH-CHECK-NODE-PORT', 'dst') +
    // Other ports of a Service's address must not lead to what the node itself listens on.
    '-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-IPVS-IPS dst -j REJECT\n'
  );
}
