/**
 * The calico plugin (`projectcalico/calico` cni-plugin/pkg/dataplane/linux): a veth pair without a bridge. The pod has
 * a /32 and one neighbour, 169.254.1.1, for which the machine's end of the pair answers; the machine has a route to the
 * pod. So every packet between two pods is forwarded, and meets the policies of both.
 */
// Differs: the hash in a veth's name is made with SHA-256; upstream takes SHA-1.
import { sha256Hex } from '../../apimachinery/sha256.ts';
import type { Machine } from '../../linux/machine.ts';
import { formatIpv4, type Ipv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import { addAddress, addVethPair, deleteLink, macOf } from '../../linux/net/link.ts';
import { type CniArguments, CniError, type CniPlugin, type CniResult, type NetworkContext, type PluginConfig } from '../contract.ts';

/** Every pod's gateway. */
const GATEWAY = parseIpv4('169.254.1.1') ?? 0;
const HASH_LENGTH = 11;

/** A pod of this machine, as felix sees it. */
export interface WorkloadEndpoint {
  readonly namespace: string;
  readonly pod: string;
  /** The machine's end of the veth pair: "cali1a2b3c4d5e6". */
  readonly device: string;
  readonly ip: Ipv4;
}

/** Address management of one machine. */
export interface PodAddresses {
  /** Throws CniError when there is none left, or `requested` is not to be had. */
  allocate(containerId: string, requested?: string): { readonly ip: Ipv4 };
  release(ip: Ipv4, containerId: string): void;
}

/** "cali" and eleven digits. */
export const vethOf = (namespace: string, pod: string): string => `cali${sha256Hex(`${namespace}.${pod}`).slice(0, HASH_LENGTH)}`;

/** The plugin of one machine. */
export class CalicoPlugin implements CniPlugin {
  readonly type = 'calico';
  /** By sandbox. */
  readonly endpoints = new Map<string, WorkloadEndpoint>();
  /** Counts changes of the endpoints. */
  version = 0;
  /** Set once calico-node has come up. */
  addresses: PodAddresses | undefined;
  mtu = 1500;
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  add(_config: PluginConfig, call: CniArguments, { cniVersion }: NetworkContext): CniResult {
    if (this.addresses === undefined) throw new CniError('error getting ClusterInformation: connection is unauthorized: Unauthorized');
    const { namespace, name } = call.pod ?? { namespace: '', name: call.containerId };
    const { ip } = this.addresses.allocate(call.containerId, call.ip);
    const device = vethOf(namespace, name);
    const { netns } = this.#machine;
    // A pod that is made again under its name: the old pair goes with the old sandbox, which may still be there.
    const old = netns.link(device);
    if (old !== undefined) deleteLink(old);
    const [inside, outside] = addVethPair(call.netns, call.ifName, netns, device);
    inside.mtu = outside.mtu = this.mtu;
    addAddress(inside, ip, 32);
    call.netns.addRoute({ network: GATEWAY, prefixLength: 32, link: inside });
    call.netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway: GATEWAY, onlink: true });
    netns.setSysctl(`net/ipv4/conf/${device}/proxy_arp`, 1);
    netns.addRoute({ network: ip, prefixLength: 32, link: outside });
    this.endpoints.set(call.containerId, { namespace, pod: name, device, ip });
    this.version++;
    return {
      cniVersion,
      interfaces: [{ name: device }, { name: call.ifName, mac: macOf(inside), sandbox: call.netns.name }],
      ips: [{ address: `${formatIpv4(ip)}/32`, gateway: formatIpv4(GATEWAY), interface: 1 }],
      routes: [],
    };
  }

  del(_config: PluginConfig, call: CniArguments): void {
    const endpoint = this.endpoints.get(call.containerId);
    if (!this.endpoints.delete(call.containerId) || endpoint === undefined) return;
    this.version++;
    this.addresses?.release(endpoint.ip, call.containerId);
    const link = call.netns.link(call.ifName);
    if (link !== undefined) deleteLink(link);
    this.#machine.netns.details.sysctls?.forgetDevice(endpoint.device);
  }

  /** The machine lost its memory. */
  reset(): void {
    this.addresses = undefined;
    this.endpoints.clear();
    this.version++;
  }
}
