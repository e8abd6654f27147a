/**
 * The kubelet's own rules (`pkg/kubelet/kubelet_network_linux.go`, syncIPTablesRules): nobody else reaches a node's
 * loopback addresses, which route_localnet would allow; and chains without rules by which others see that a kubelet is here.
 */

/** Input of `iptables-restore --noflush`. `first`: the jumps are not there yet. */
export function kubeletRules(first = true): string {
  const jumps = first ? ['-A INPUT -j KUBE-FIREWALL', '-A OUTPUT -j KUBE-FIREWALL'] : [];
  return [
    '*mangle',
    ':KUBE-IPTABLES-HINT - [0:0]',
    ':KUBE-KUBELET-CANARY - [0:0]',
    'COMMIT',
    '*nat',
    ':KUBE-KUBELET-CANARY - [0:0]',
    'COMMIT',
    '*filter',
    ':KUBE-FIREWALL - [0:0]',
    ':KUBE-KUBELET-CANARY - [0:0]',
    ...jumps,
    '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections"' +
      ' -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    'COMMIT',
    '',
  ].join('\n');
}
