/**
 * The portmap plugin: ports of the machine lead to a pod's by rules of the nat table (`plugins/meta/portmap`,
 * portmap_iptables.go). Chained after the one that gives the address.
 */
// Differs: the part of a chain's name that is a hash is made with SHA-256; upstream takes SHA-512.
import { sha256Hex } from '../../apimachinery/sha256.ts';
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import { netfilterOf } from '../../linux/net/netfilter-of.ts';
import type { PortMapping } from '../../linux/net/port-maps.ts';
import type { Netfilter } from '../../linux/netfilter/netfilter.ts';
import { CniError } from '../contract.ts';
import type { CniPlugin, CniResult } from '../contract.ts';

/** Length of a chain's name. */
const CHAIN_LENGTH = 28;
const TOP = 'CNI-HOSTPORT-DNAT';
const MARK = '0x2000/0x2000';
/** Ports in one multiport match. */
const MAX_PORTS = 15;

/** Sets up and takes away port mappings. */
export const portmap: CniPlugin = {
  type: 'portmap',
  add(_config, { containerId, portMappings = [] }, { machine, networkName }, previous) {
    if (previous === undefined) throw new CniError('must be called as chained plugin');
    if (portMappings.length === 0) return previous;
    const netfilter = netfilterOf(machine.netns);
    netfilter.defer(() => forward(netfilter, networkName, containerId, portMappings, previous));
    return previous;
  },
  del(_config, { containerId, portMappings = [] }, { machine, networkName }) {
    if (portMappings.length === 0) return;
    const { netfilter } = machine.netns;
    netfilter?.defer(() => unforward(netfilter, chainOf(networkName, containerId)));
  },
};

const chainOf = (network: string, containerId: string): string => `CNI-DN-${sha256Hex(network + containerId)}`.slice(0, CHAIN_LENGTH);

function forward(
  netfilter: Netfilter,
  network: string,
  containerId: string,
  mappings: readonly PortMapping[],
  { ips: [ip] }: CniResult,
): void {
  if (ip === undefined) return;
  const first = !netfilter.hasChain('nat', TOP);
  const chain = chainOf(network, containerId);
  const jumps = [
    `-I POSTROUTING -m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ`,
    `-A PREROUTING -m addrtype --dst-type LOCAL -j ${TOP}`,
    `-A OUTPUT -m addrtype --dst-type LOCAL -j ${TOP}`,
    `-A CNI-HOSTPORT-SETMARK -m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark ${MARK}`,
    `-A CNI-HOSTPORT-MASQ -m mark --mark ${MARK} -j MASQUERADE`,
  ];
  const chains = first ? ['CNI-HOSTPORT-SETMARK', 'CNI-HOSTPORT-MASQ', TOP] : [];
  const lines = [...chains, chain].map((name) => `:${name} - [0:0]`);
  const comment = `dnat name: \\"${network}\\" id: \\"${containerId}\\"`;
  const entries = portLists(mappings).map(
    ([protocol, ports]) => `-I ${TOP} -p ${protocol} -m comment --comment "${comment}" -m multiport --dports ${ports} -j ${chain}`,
  );
  netfilter.restore(
    [
      '*nat',
      ...lines,
      ...(first ? jumps : []),
      ...mappings.flatMap((each) => rulesOf(chain, each, ip.address)),
      ...entries,
      'COMMIT',
      '',
    ].join('\n'),
    { noflush: true },
  );
}

/** What comes from the pod itself or from the machine's loopback must come back the same way: it is masqueraded. */
function rulesOf(chain: string, { protocol, hostPort, containerPort, hostIp }: PortMapping, address: string): string[] {
  const base = `-p ${protocol.toLowerCase()} -m ${protocol.toLowerCase()} --dport ${hostPort}`;
  const match = hostIp === undefined ? base : `-d ${formatIpv4(hostIp)} ${base}`;
  const ip = address.split('/')[0] ?? '';
  return [
    `-A ${chain} -s ${address} ${match} -j CNI-HOSTPORT-SETMARK`,
    `-A ${chain} -s 127.0.0.1 ${match} -j CNI-HOSTPORT-SETMARK`,
    `-A ${chain} ${match} -j DNAT --to-destination ${ip}:${containerPort}`,
  ];
}

/** "tcp" and "80,443", in the order of protocols; as many lists as it takes. */
function portLists(mappings: readonly PortMapping[]): [string, string][] {
  return (['TCP', 'UDP'] as const).flatMap((protocol) => {
    const ports = mappings.filter((each) => each.protocol === protocol).map(({ hostPort }) => hostPort);
    const lists: [string, string][] = [];
    for (let from = 0; from < ports.length; from += MAX_PORTS)
      lists.push([protocol.toLowerCase(), ports.slice(from, from + MAX_PORTS).join(',')]);
    return lists;
  });
}

function unforward(netfilter: Netfilter, chain: string): void {
  if (!netfilter.hasChain('nat', chain)) return;
  const own = netfilter
    .save({ table: 'nat' })
    .split('\n')
    .filter((line) => line.startsWith(`-A ${TOP} `) && line.endsWith(`-j ${chain}`));
  const deleted = own.map((line) => line.replace('-A', '-D'));
  netfilter.restore(['*nat', `:${chain} - [0:0]`, ...deleted, `-X ${chain}`, 'COMMIT', ''].join('\n'), { noflush: true });
}
