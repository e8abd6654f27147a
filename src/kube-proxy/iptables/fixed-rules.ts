/** What mode iptables writes once, whatever the Services are: jumps from the kernel's own chains, and the ends of the shared ones. */
import type { ProxyConfig } from '../config.ts';
import type { IptablesTable, IptablesTool } from '../iptables-tool.ts';

/** A jump out of one of the kernel's own chains. */
export interface Jump {
  readonly table: IptablesTable;
  readonly from: string;
  readonly to: string;
  /** The rule without its command. */
  readonly rule: string;
}

const NEW = '-m conntrack --ctstate NEW ';
const jump = (table: IptablesTable, from: string, to: string, comment: string, match = ''): Jump => ({
  table,
  from,
  to,
  rule: `${match}${comment === '' ? '' : `-m comment --comment "${comment}" `}-j ${to}`,
});

/** Each is put before what is there, so the last one comes first (`iptablesJumpChains`). */
export const JUMPS: readonly Jump[] = [
  jump('filter', 'INPUT', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', NEW),
  jump('filter', 'FORWARD', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', NEW),
  jump('filter', 'INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports'),
  jump('filter', 'FORWARD', 'KUBE-SERVICES', 'kubernetes service portals', NEW),
  jump('filter', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals', NEW),
  jump('filter', 'FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules'),
  jump('filter', 'INPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', NEW),
  jump('filter', 'OUTPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', NEW),
  jump('filter', 'FORWARD', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', NEW),
  jump('nat', 'OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'),
  jump('nat', 'POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'),
];

/** Jumps that the kubelet makes too, under the same name: whoever comes first (`iptablesKubeletJumpChains`). */
export const KUBELET_JUMPS: readonly Jump[] = [jump('filter', 'INPUT', 'KUBE-FIREWALL', ''), jump('filter', 'OUTPUT', 'KUBE-FIREWALL', '')];

/** Stands between a remote host and services that listen on 127.0.0.1, where route_localnet is on. */
export const LOCALNET_RULE =
  '-m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP';

/** An empty chain in three tables: when it is gone, somebody has flushed the rules. */
export const CANARY = 'KUBE-PROXY-CANARY';
export const CANARY_TABLES: readonly IptablesTable[] = ['mangle', 'nat', 'filter'];

/** 14 as "0x004000". */
export const masqueradeMark = ({ masqueradeBit }: ProxyConfig): string => `0x${(2 ** masqueradeBit).toString(16).padStart(6, '0')}`;

/** Rules of nat KUBE-POSTROUTING and KUBE-MARK-MASQ: masquerade what is marked, and only once. */
export function masqueradeRules(mark: string): string {
  return (
    `-A KUBE-POSTROUTING -m mark ! --mark ${mark}/${mark} -j RETURN\n` +
    `-A KUBE-POSTROUTING -j MARK --xor-mark ${mark}\n` +
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully\n' +
    `-A KUBE-MARK-MASQ -j MARK --or-mark ${mark}\n`
  );
}

/** Rules of filter KUBE-FORWARD: marked traffic passes even where forwarding is denied. */
export function forwardRules(mark: string): string {
  return (
    '-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP\n' +
    `-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark ${mark}/${mark} -j ACCEPT\n` +
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n'
  );
}

/** The end of nat KUBE-SERVICES. `nodePortIps`: addresses that accept node ports; undefined: all of the node's. */
export function nodePortJump(nodePortIps: readonly string[] | undefined, localhostNodePorts: boolean): string {
  const comment = '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"';
  if (nodePortIps !== undefined) return nodePortIps.map((ip) => `${comment} -d ${ip} -j KUBE-NODEPORTS\n`).join('');
  return `${comment} -m addrtype --dst-type LOCAL${localhostNodePorts ? '' : ' ! -d 127.0.0.0/8'} -j KUBE-NODEPORTS\n`;
}

/** Makes chains and jumps that are not there yet. */
export function ensureJumps(iptables: IptablesTool, localhostNodePorts: boolean): void {
  for (const { table, from, to, rule } of [...JUMPS, ...KUBELET_JUMPS]) {
    iptables.ensureChain(table, to);
    iptables.ensureRule('prepend', table, from, rule);
  }
  if (localhostNodePorts) iptables.ensureRule('prepend', 'filter', 'KUBE-FIREWALL', LOCALNET_RULE);
  for (const table of CANARY_TABLES) iptables.ensureChain(table, CANARY);
}
