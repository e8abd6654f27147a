/**
 * The rules of flannel's daemon (`pkg/trafficmngr/iptables/iptables.go`): what leaves the pod network gets the node's
 * address, and what belongs to it is forwarded whatever the policy of FORWARD says.
 */

/** The jumps into flannel's chains, which are appended once. */
const MASQ_JUMP = '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG';
const FORWARD_JUMP = '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD';

/**
 * Input of `iptables-restore --noflush` for the node with this pod subnet ("10.244.1.0/24"), in a cluster with pods in
 * `clusterCidr`. `first`: the jumps are not there yet.
 */
export function flannelRules(podCidr: string, clusterCidr: string, first = true): string {
  const masq = (rule: string) => `-A FLANNEL-POSTRTG ${rule}`;
  const comment = '-m comment --comment "flanneld masq"';
  return [
    '*nat',
    ':FLANNEL-POSTRTG - [0:0]',
    ...(first ? [MASQ_JUMP] : []),
    masq(`-m mark --mark 0x4000/0x4000 ${comment} -j RETURN`),
    masq(`-s ${podCidr} -d ${clusterCidr} ${comment} -j RETURN`),
    masq(`-s ${clusterCidr} -d ${podCidr} ${comment} -j RETURN`),
    masq(`! -s ${clusterCidr} -d ${podCidr} ${comment} -j RETURN`),
    masq(`-s ${clusterCidr} ! -d 224.0.0.0/4 ${comment} -j MASQUERADE --random-fully`),
    masq(`! -s ${clusterCidr} -d ${clusterCidr} ${comment} -j MASQUERADE --random-fully`),
    'COMMIT',
    '*filter',
    ':FLANNEL-FWD - [0:0]',
    ...(first ? [FORWARD_JUMP] : []),
    `-A FLANNEL-FWD -s ${clusterCidr} -m comment --comment "flanneld forward" -j ACCEPT`,
    `-A FLANNEL-FWD -d ${clusterCidr} -m comment --comment "flanneld forward" -j ACCEPT`,
    'COMMIT',
    '',
  ].join('\n');
}
