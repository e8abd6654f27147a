/**
 * Docker's default bridge network (`docker run` without --network; dockerd 20.10, `libnetwork/drivers/bridge`), as clusters had it before
 * CNI: the kubelet's network plug-in "kubernetes.io/no-op" left pods where dockershim put them. Every machine has the same docker0,
 * 172.17.0.1/16, and hands out 172.17.0.2 and so on by itself: addresses mean something on one machine only, so pods of two machines can
 * have the same and never reach each other. hostPort is `docker run -p`.
 */
// Differs: the runtime is containerd with today's kubelet (dockershim was removed in 1.24), and asks Docker's network where it asks CNI else.
import { assert } from '../../apimachinery/assert.ts';
import type { Machine } from '../../linux/machine.ts';
import { broadcastOf, type Cidr, formatIpv4, type Ipv4, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import { addAddress, addLink, addVethPair, deleteLink, type Link, macOf, setMaster } from '../../linux/net/link.ts';
import type { Mac } from '../../linux/net/mac.ts';
import { netfilterOf } from '../../linux/net/netfilter-of.ts';
import type { PortMapping } from '../../linux/net/port-maps.ts';
import type { Process } from '../../linux/process.ts';
import { type CniArguments, CniError, type CniPlugin, type CniResult, type NetworkConfigList, type PluginConfig } from '../contract.ts';
import type { NodeNetwork } from '../node-network.ts';
import { startDockerProxy } from './docker-proxy.ts';
import { DOCKER_BRIDGE, DOCKER_RULES, DOCKER_SUBNET, publishedRules } from './rules.ts';

/** Stands where other networks have a file in /etc/cni/net.d: Docker's has none, and no version of the specification. */
const DOCKER_CONFIG: NetworkConfigList = { cniVersion: '', name: 'bridge', plugins: [{ type: 'docker' }] };

/** "02:42", with which Docker begins hardware addresses; the container's address is the rest. */
const MAC_PREFIX = 0x0242 * 2 ** 32;
/** Digits after "veth". */
const NAME_LENGTH = 7;

interface Endpoint {
  readonly ip: Ipv4;
  readonly published: readonly PortMapping[];
  readonly proxies: readonly Process[];
}

/** dockerd comes up on a machine that has just booted: from now on its pods get a network. */
export function startDocker(machine: Machine, network: NodeNetwork): void {
  network.install(new DockerBridge(machine));
  network.configure(DOCKER_CONFIG);
}

/** The default bridge network of one machine. */
class DockerBridge implements CniPlugin {
  readonly type = 'docker';
  readonly #machine: Machine;
  readonly #subnet: Cidr;
  readonly #gateway: Ipv4;
  readonly #bridge: Link;
  readonly #endpoints = new Map<string, Endpoint>();

  /** dockerd comes up: docker0 with its address, and the rules, before those of anybody who starts later. */
  // Differs: docker0's own hardware address is made of its address; upstream draws it at random.
  constructor(machine: Machine) {
    const subnet = parseCidr(DOCKER_SUBNET);
    assert(subnet !== undefined, 'the subnet is a CIDR');
    this.#machine = machine;
    this.#subnet = subnet;
    this.#gateway = subnet.network + 1;
    forgetBridge(machine);
    this.#bridge = addLink(machine.netns, DOCKER_BRIDGE, 'bridge');
    addAddress(this.#bridge, this.#gateway, subnet.prefixLength);
    this.#bridge.configure({ mac: macOfContainer(this.#gateway) });
    const netfilter = netfilterOf(machine.netns);
    netfilter.defer(() => {
      const { exitCode, stderr } = netfilter.restore(DOCKER_RULES, { noflush: true });
      assert(exitCode === 0, stderr);
    });
  }

  add(_config: PluginConfig, call: CniArguments): CniResult {
    const { containerId, netns, ifName, portMappings = [] } = call;
    const ip = this.#free(call.ip);
    const published: PortMapping[] = [];
    const proxies: Process[] = [];
    this.#endpoints.set(containerId, { ip, published, proxies });
    const [inside, outside] = addVethPair(netns, ifName, this.#machine.netns, this.#vethName(containerId));
    setMaster(outside, this.#bridge);
    inside.configure({ mac: macOfContainer(ip) });
    addAddress(inside, ip, this.#subnet.prefixLength);
    netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway: this.#gateway });
    for (const mapping of portMappings) {
      const proxy = startDockerProxy(this.#machine, mapping, ip);
      if (proxy === undefined) throw new CniError(portTaken(mapping));
      this.#iptables('-A', mapping, ip);
      published.push(mapping);
      proxies.push(proxy);
    }
    return {
      cniVersion: '',
      interfaces: [{ name: DOCKER_BRIDGE }, { name: outside.name }, { name: ifName, mac: macOf(inside), sandbox: netns.name }],
      ips: [{ address: `${formatIpv4(ip)}/${this.#subnet.prefixLength}`, gateway: formatIpv4(this.#gateway), interface: 2 }],
      routes: [{ dst: '0.0.0.0/0', gw: formatIpv4(this.#gateway) }],
    };
  }

  del(_config: PluginConfig, { containerId, netns, ifName }: CniArguments): void {
    const endpoint = this.#endpoints.get(containerId);
    if (endpoint === undefined) return;
    this.#endpoints.delete(containerId);
    for (const mapping of endpoint.published) this.#iptables('-D', mapping, endpoint.ip);
    for (const proxy of endpoint.proxies) this.#machine.exit(proxy, 0);
    const link = netns.link(ifName);
    if (link !== undefined) deleteLink(link);
  }

  /** `wanted`, or the lowest address that no container has: one that was given back is the next to be given out (`libnetwork/ipam`). */
  #free(wanted: string | undefined): Ipv4 {
    const taken = new Set([...this.#endpoints.values()].map(({ ip }) => ip));
    const last = broadcastOf(this.#subnet) - 1;
    let ip = parseIpv4(wanted ?? '') ?? this.#gateway + 1;
    while (wanted === undefined && ip <= last && taken.has(ip)) ip++;
    if (taken.has(ip)) throw new CniError('Address already in use');
    if (ip > last) throw new CniError("no available IPv4 addresses on this network's address pools: bridge");
    return ip;
  }

  /** As `iptables -C` and then -A or -D: nothing is written twice, and nothing is missed that somebody has flushed (`ProgramRule`). */
  #iptables(action: '-A' | '-D', mapping: PortMapping, ip: Ipv4): void {
    const netfilter = netfilterOf(this.#machine.netns);
    netfilter.defer(() => {
      for (const { table, chain, rule } of publishedRules(mapping, ip)) {
        const words = [chain, ...rule.split(' ')];
        const exists = netfilter.command(['-t', table, '-C', ...words]).exitCode === 0;
        if (exists === (action === '-D')) netfilter.command(['-t', table, action, ...words]);
      }
    });
  }

  /** "veth1a2b3c4". */
  // Differs: upstream draws the name at random; here it comes from the container's id, so that it repeats.
  #vethName(containerId: string): string {
    for (let from = 0; ; from++) {
      const name = `veth${containerId.slice(from, from + NAME_LENGTH)}`;
      if (this.#machine.netns.link(name) === undefined) return name;
    }
  }
}

/** Devices do not outlive a machine's power; what is still there is from before. */
function forgetBridge({ netns }: Machine): void {
  const old = netns.link(DOCKER_BRIDGE);
  if (old === undefined) return;
  for (const port of [...(old.ports ?? [])]) deleteLink(port);
  deleteLink(old);
}

const macOfContainer = (ip: Ipv4): Mac => MAC_PREFIX + ip;

const portTaken = ({ hostIp = 0, hostPort }: PortMapping): string =>
  `driver failed programming external connectivity: Bind for ${formatIpv4(hostIp)}:${hostPort} failed: port is already allocated`;
