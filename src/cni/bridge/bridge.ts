/**
 * The bridge plugin (`plugins/main/bridge`): a veth pair from the pod's namespace to a bridge on the machine, which is
 * the pods' gateway. Left out: VLANs, promiscuous mode, MAC spoofing checks.
 */
import { assert } from '../../apimachinery/assert.ts';
import { type Cidr, formatIpv4, type Ipv4, parseCidr } from '../../linux/net/ipv4.ts';
import { addAddress, addLink, addVethPair, deleteLink, type Link, macOf, setMaster } from '../../linux/net/link.ts';
import type { Machine } from '../../linux/machine.ts';
import { type CniArguments, CniError, type CniPlugin, type CniResult, type NetworkContext, type PluginConfig } from '../contract.ts';

/** What the bridge plugin needs from address management. */
export interface Addresses {
  readonly gateway: Ipv4;
  allocate(containerId: string, requested?: string): { ip: Ipv4; prefixLength: number; gateway: Ipv4 };
  release(ip: Ipv4, containerId: string): void;
}

const DEFAULT_BRIDGE = 'cni0';
/** Length of the random part of "veth1a2b3c4d". */
const NAME_LENGTH = 8;

/** The bridge plugin of one machine. `addressesOf` gives the store of a network's subnet, the same one each time. */
export class BridgePlugin implements CniPlugin {
  readonly type = 'bridge';
  readonly #addressesOf: (network: string, subnet: string) => Addresses;

  constructor(addressesOf: (network: string, subnet: string) => Addresses) {
    this.#addressesOf = addressesOf;
  }

  add(config: PluginConfig, call: CniArguments, network: NetworkContext): CniResult {
    const { addresses, subnet } = this.#ipam(config, network);
    const { ip, prefixLength, gateway } = addresses.allocate(call.containerId, call.ip);
    const bridge = ensureBridge(network.machine, config.bridge ?? DEFAULT_BRIDGE, addresses.gateway, subnet);
    const [inside, outside] = addVethPair(call.netns, call.ifName, network.machine.netns, vethName(network.machine, call.containerId));
    setMaster(outside, bridge);
    outside.hairpin = config.hairpinMode ?? false;
    if (config.mtu !== undefined) bridge.mtu = inside.mtu = outside.mtu = config.mtu;
    addAddress(inside, ip, prefixLength);
    if (config.isDefaultGateway) call.netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway });
    return {
      cniVersion: network.cniVersion,
      interfaces: [{ name: bridge.name }, { name: outside.name }, { name: inside.name, mac: macOf(inside), sandbox: call.netns.name }],
      ips: [{ address: `${formatIpv4(ip)}/${prefixLength}`, gateway: formatIpv4(gateway), interface: 2 }],
      routes: [{ dst: '0.0.0.0/0', gw: formatIpv4(gateway) }],
    };
  }

  del(config: PluginConfig, call: CniArguments, network: NetworkContext): void {
    const { addresses } = this.#ipam(config, network);
    const link = call.netns.link(call.ifName);
    if (link === undefined) return;
    for (const { ip } of link.addresses) addresses.release(ip, call.containerId);
    deleteLink(link);
  }

  #ipam({ ipam }: PluginConfig, network: NetworkContext): { addresses: Addresses; subnet: Cidr } {
    const subnet = parseCidr(ipam?.subnet ?? '');
    if (ipam?.subnet === undefined || subnet === undefined) throw new CniError('no IPAM configuration');
    return { addresses: this.#addressesOf(network.networkName, ipam.subnet), subnet };
  }
}

function ensureBridge(machine: Machine, name: string, gateway: Ipv4, subnet: Cidr): Link {
  let bridge = machine.netns.link(name);
  if (bridge === undefined) {
    bridge = addLink(machine.netns, name, 'bridge');
    addAddress(bridge, gateway, subnet.prefixLength);
  }
  assert(bridge.kind === 'bridge', `${name} is not a bridge`);
  return bridge;
}

/** Differs: upstream draws the name at random; here it comes from the container's id, so that it repeats. */
function vethName(machine: Machine, containerId: string): string {
  for (let from = 0; ; from++) {
    const name = `veth${containerId.slice(from, from + NAME_LENGTH)}`;
    if (machine.netns.link(name) === undefined) return name;
  }
}
