/**
 * flannel: the plugin, which delegates to bridge with the node's subnet
 * (`flannel-io/cni-plugin`), and the kernel side of the agent, which keeps a route to every other node's subnet
 * (`pkg/backend/hostgw`). What it is told about nodes comes from whoever watches them.
 */
import { formatCidr, type Ipv4, parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Machine } from '../../linux/machine.ts';
import type { SharedRoutes } from '../../linux/net/routes.ts';
import {
  type CniArguments,
  CniError,
  type CniPlugin,
  type CniResult,
  type NetworkConfigList,
  type NetworkContext,
  type PluginConfig,
} from '../contract.ts';
import { assert } from '../../apimachinery/assert.ts';

/** Another node, as flannel sees it. */
export interface FlannelPeer {
  /** "10.244.2.0/24" */
  readonly podCidr: string;
  /** "172.18.0.3": the node's address on the LAN. */
  readonly nodeIp: string;
}

/** /etc/cni/net.d/10-flannel.conflist, which flannel's DaemonSet installs. */
export const FLANNEL_CONFIG: NetworkConfigList = {
  cniVersion: '0.3.1',
  name: 'cbr0',
  plugins: [{ type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } }, { type: 'portmap' }],
};

/** The agent's kernel side and the plugin of one machine. */
export class Flannel implements CniPlugin {
  readonly type = 'flannel';
  readonly #machine: Machine;
  readonly #peers = new Map<string, Ipv4>();
  #subnet: string | undefined = undefined;
  #mtu: number | undefined = undefined;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Writes /run/flannel/subnet.env: from now on the plugin works. */
  acquireSubnet(podCidr: string, mtu?: number): void {
    this.#subnet = podCidr;
    this.#mtu = mtu;
  }

  /** Forgets the subnet and the routes, as a reboot does (/run is in memory). */
  releaseSubnet(): void {
    this.#subnet = undefined;
    this.#machine.netns.routes.attach(undefined);
  }

  /** Adds or changes the route to one other node. */
  addPeer({ podCidr, nodeIp }: FlannelPeer): void {
    const subnet = parseCidr(podCidr);
    const gateway = parseIpv4(nodeIp);
    const link = this.#machine.netns.link('eth0');
    assert(subnet !== undefined && gateway !== undefined && link !== undefined, `flannel cannot route ${podCidr} via ${nodeIp}`);
    const key = formatCidr(subnet);
    if (key === this.#subnet || this.#peers.get(key) === gateway) return;
    this.#peers.set(key, gateway);
    this.#machine.netns.addRoute({ ...subnet, gateway, link });
  }

  /** Deletes the route to a node that is gone. */
  removePeer(podCidr: string): void {
    const subnet = parseCidr(podCidr);
    if (subnet === undefined || !this.#peers.delete(formatCidr(subnet))) return;
    this.#machine.netns.routes.delete(subnet.network, subnet.prefixLength);
  }

  /** Routes to the subnets of all nodes that `peers` has, as it changes; one list serves the daemons of all nodes. */
  follow(peers: SharedRoutes): void {
    const link = this.#machine.netns.link('eth0');
    assert(link !== undefined, 'flannel needs a device');
    this.#machine.netns.routes.attach(peers, link);
  }

  /** Makes the routes those to `peers`, no more and no fewer. */
  setPeers(peers: readonly FlannelPeer[]): void {
    const wanted = new Set(peers.map((peer) => peer.podCidr));
    for (const known of [...this.#peers.keys()]) if (!wanted.has(known)) this.removePeer(known);
    for (const peer of peers) this.addPeer(peer);
  }

  add(config: PluginConfig, call: CniArguments, network: NetworkContext): CniResult {
    const delegate = this.#delegateConfig(config);
    if (delegate === undefined) throw new CniError('loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory');
    try {
      return network.delegate(delegate).add(delegate, call, network, undefined);
    } catch (error) {
      if (error instanceof CniError) throw new CniError(`failed to delegate add: ${error.message}`);
      throw error;
    }
  }

  del(config: PluginConfig, call: CniArguments, network: NetworkContext): void {
    const delegate = this.#delegateConfig(config);
    if (delegate !== undefined) network.delegate(delegate).del(delegate, call, network);
  }

  #delegateConfig(config: PluginConfig): PluginConfig | undefined {
    if (this.#subnet === undefined) return undefined;
    const mtu = this.#mtu === undefined ? {} : { mtu: this.#mtu };
    return { ...mtu, ...config.delegate, type: 'bridge', ipam: { type: 'host-local', subnet: this.#subnet } };
  }
}
