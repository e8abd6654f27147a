/**
 * A rule of iptables in the parts that a reader looks for: what it compares, what it does, and the comment behind it. The whole text, as
 * iptables-save prints it, stays in the text twin and in the rule's title. Rules in other languages (nftables) stay whole.
 */
import type { PacketTraceRule } from '../../api/kubarium/packet-trace.ts';

/** The parts; "" for what the rule has not. */
export interface RuleParts {
  matches: string;
  /** "→ KUBE-SVC-XPG…", "DNAT --to-destination 10.244.2.7:80", "policy ACCEPT" */
  action: string;
  comment: string;
}

const COMMENT = /-m comment --comment (?:"((?:[^"\\]|\\.)*)"|(\S+)) ?/;
const ACTION = /(?:^| )-([jg]) (\S+)(.*)$/;
const JUMP = /^(?:jump|goto) (\S+)$/;

/** Takes a rule apart. */
export function ruleParts({ text = '', target = '' }: Pick<PacketTraceRule, 'text' | 'target'>): RuleParts {
  const [, quoted, word] = COMMENT.exec(text) ?? [];
  const bare = text.replace(COMMENT, '');
  const action = ACTION.exec(bare);
  const chain = JUMP.exec(target)?.[1];
  return {
    // "-p tcp -m tcp --dport 80": the name of the module says nothing more than the protocol did.
    matches: (action ? bare.slice(0, action.index) : bare).replace(/-m (tcp|udp|sctp) ?/g, '').trim(),
    action: chain !== undefined ? `→ ${chain}` : action ? `${action[2] ?? ''}${action[3] ?? ''}`.trim() : target,
    comment: quoted ?? word ?? '',
  };
}

/** Chains whose purpose has words of its own, by the beginning of their names; the first that fits counts. */
const CHAINS = [
  ['KUBE-SERVICES', 'services'],
  ['KUBE-SVC-', 'service'],
  ['KUBE-SVL-', 'serviceLocal'],
  ['KUBE-EXT-', 'external'],
  ['KUBE-SEP-', 'endpoint'],
  ['KUBE-FW-', 'firewall'],
  ['KUBE-NODEPORTS', 'nodePorts'],
  ['KUBE-NODE-PORT', 'nodePorts'],
  ['KUBE-EXTERNAL-SERVICES', 'externalServices'],
  ['KUBE-MARK-MASQ', 'markMasq'],
  ['KUBE-POSTROUTING', 'postrouting'],
  ['KUBE-PROXY-FIREWALL', 'proxyFirewall'],
  ['KUBE-FORWARD', 'forward'],
  ['KUBE-FIREWALL', 'kubeFirewall'],
  ['KUBE-IPVS', 'ipvsFilter'],
  ['KUBE-LOAD-BALANCER', 'services'],
  ['KUBE-PORTALS', 'portals'],
  ['FLANNEL-', 'flannel'],
  ['cali-', 'policy'],
  ['CNI-', 'hostPort'],
  ['DOCKER', 'docker'],
  ['service-', 'service'],
  ['external-', 'external'],
  ['endpoint-', 'endpoint'],
  ['services', 'services'],
  ['masquerading', 'postrouting'],
  ['mark-for-masquerade', 'markMasq'],
] as const;

/** A chain's purpose; `kernel` for the kernel's own chains, `other` for any that nobody here knows. */
export type ChainPurpose = (typeof CHAINS)[number][1] | 'kernel' | 'other';

const KERNEL = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

/** What a chain is for. */
export function purposeOf(chain: string): ChainPurpose {
  if (KERNEL.has(chain)) return 'kernel';
  return CHAINS.find(([beginning]) => chain.startsWith(beginning))?.[1] ?? 'other';
}
