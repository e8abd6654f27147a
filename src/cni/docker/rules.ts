/**
 * The rules of Docker's default bridge network, as dockerd 20.10 writes them (`libnetwork/drivers/bridge/setup_ip_tables.go`,
 * `libnetwork/iptables/iptables.go`, `libnetwork/firewall_linux.go`): what leaves docker0 gets the machine's address, what comes from
 * elsewhere gets in by published ports only, and one bridge's containers do not reach another's.
 */
import { formatIpv4, type Ipv4 } from '../../linux/net/ipv4.ts';
import type { PortMapping } from '../../linux/net/port-maps.ts';

/** The bridge, its addresses, and the machine's own among them. */
export const DOCKER_BRIDGE = 'docker0';
export const DOCKER_SUBNET = '172.17.0.0/16';

/** Input of `iptables-restore --noflush` for a machine on which dockerd has just come up. */
// Differs: upstream sets the policy of FORWARD to DROP only where it was dockerd that turned forwarding on; here it always was.
export const DOCKER_RULES = [
  '*nat',
  ':DOCKER - [0:0]',
  '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
  '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER',
  `-I POSTROUTING -s ${DOCKER_SUBNET} ! -o ${DOCKER_BRIDGE} -j MASQUERADE`,
  `-A DOCKER -i ${DOCKER_BRIDGE} -j RETURN`,
  'COMMIT',
  '*filter',
  ':FORWARD DROP [0:0]',
  ':DOCKER - [0:0]',
  ':DOCKER-ISOLATION-STAGE-1 - [0:0]',
  ':DOCKER-ISOLATION-STAGE-2 - [0:0]',
  ':DOCKER-USER - [0:0]',
  // Each is put before the ones written earlier, so they stand in the opposite order.
  `-I FORWARD -i ${DOCKER_BRIDGE} -o ${DOCKER_BRIDGE} -j ACCEPT`,
  `-I FORWARD -i ${DOCKER_BRIDGE} ! -o ${DOCKER_BRIDGE} -j ACCEPT`,
  `-I FORWARD -o ${DOCKER_BRIDGE} -j DOCKER`,
  `-I FORWARD -o ${DOCKER_BRIDGE} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  '-I FORWARD -j DOCKER-ISOLATION-STAGE-1',
  '-I FORWARD -j DOCKER-USER',
  `-A DOCKER-ISOLATION-STAGE-1 -i ${DOCKER_BRIDGE} ! -o ${DOCKER_BRIDGE} -j DOCKER-ISOLATION-STAGE-2`,
  '-A DOCKER-ISOLATION-STAGE-1 -j RETURN',
  `-A DOCKER-ISOLATION-STAGE-2 -o ${DOCKER_BRIDGE} -j DROP`,
  '-A DOCKER-ISOLATION-STAGE-2 -j RETURN',
  '-A DOCKER-USER -j RETURN',
  'COMMIT',
  '',
].join('\n');

/** A rule with its place: table, chain, and the words after them. */
export interface PublishedRule {
  readonly table: 'nat' | 'filter';
  readonly chain: string;
  readonly rule: string;
}

/** The rules of `docker run -p`, in the order in which dockerd appends and deletes them (`ChainInfo.Forward`). */
export function publishedRules({ protocol, hostPort, containerPort, hostIp }: PortMapping, container: Ipv4): PublishedRule[] {
  const name = protocol.toLowerCase();
  const match = (port: number) => `-p ${name} -m ${name} --dport ${port}`;
  const ip = formatIpv4(container);
  const to = hostIp === undefined ? '' : `-d ${formatIpv4(hostIp)}/32 `;
  return [
    {
      table: 'nat',
      chain: 'DOCKER',
      rule: `${to}! -i ${DOCKER_BRIDGE} ${match(hostPort)} -j DNAT --to-destination ${ip}:${containerPort}`,
    },
    { table: 'filter', chain: 'DOCKER', rule: `-d ${ip}/32 ! -i ${DOCKER_BRIDGE} -o ${DOCKER_BRIDGE} ${match(containerPort)} -j ACCEPT` },
    { table: 'nat', chain: 'POSTROUTING', rule: `-s ${ip}/32 -d ${ip}/32 ${match(containerPort)} -j MASQUERADE` },
  ];
}
