/** The pod network of one node: what the daemon of its network add-on sets up when it comes up. */
import { assert } from '../apimachinery/assert.ts';
import type { Felix } from '../cni/calico/felix.ts';
import type { BlockIpam } from '../cni/calico/ipam.ts';
import { CalicoPlugin } from '../cni/calico/plugin.ts';
import type { PolicyIndex } from '../cni/calico/policy-index.ts';
import { type PeerTables, startBackend, vxlanDevice } from '../cni/flannel/backend.ts';
import { Flannel, FLANNEL_CONFIG } from '../cni/flannel/flannel.ts';
import { flannelRules } from '../cni/flannel/masq-rules.ts';
import type { NodeNetwork } from '../cni/node-network.ts';
import type { Machine } from '../linux/machine.ts';
import { parseCidr } from '../linux/net/ipv4.ts';
import { addAddress, addLink } from '../linux/net/link.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import type { SharedRoutes } from '../linux/net/routes.ts';
import { configureIpip } from '../linux/net/tunnels.ts';
import { CLUSTER_CIDR } from './bootstrap/release.ts';
import { networkParts } from './late-parts.ts';
import { bridgeConfig, calicoConfig, needsNoAgent, type NetworkPlan } from './network-plan.ts';

/** What the daemons of all nodes share. */
export interface PodNetworkTables {
  readonly peers: PeerTables;
  /** calico: routes to blocks of addresses, and who has them. */
  readonly blocks: SharedRoutes;
  readonly ipam: BlockIpam;
  /** Undefined where NetworkPolicies have no effect. */
  readonly policies: PolicyIndex | undefined;
}

const CALICO_VNI = 4096;
const CALICO_PORT = 4789;

/** One node's. */
export class NodePodNetwork {
  readonly flannel: Flannel;
  readonly calico: CalicoPlugin;
  felix: Felix | undefined;
  readonly #machine: Machine;
  readonly #network: NodeNetwork;
  readonly #plan: NetworkPlan;
  #hasRules = false;

  constructor(machine: Machine, network: NodeNetwork, plan: NetworkPlan) {
    this.#machine = machine;
    this.#network = network;
    this.#plan = plan;
    this.flannel = new Flannel(machine);
    this.calico = new CalicoPlugin(machine);
    network.install(this.flannel);
    network.install(this.calico);
    this.boot();
  }

  /** The machine has booted: what waits for nobody in the cluster comes up with it. */
  boot(): void {
    if (this.#plan.addon === 'docker') networkParts.get().startDocker(this.#machine, this.#network);
  }

  /** The daemon runs: pods get addresses and a way to the others. Does no harm when it is done again. */
  start(podCidr: string, tables: PodNetworkTables, connected: () => boolean): void {
    const plan = this.#plan;
    if (needsNoAgent(plan)) return;
    if (plan.addon === 'bridge') return this.#network.configure(bridgeConfig(podCidr));
    if (plan.addon === 'calico') this.#startCalico(plan.backend, podCidr, tables);
    else {
      const mtu = startBackend(this.#machine, plan.backend, podCidr, CLUSTER_CIDR, tables.peers);
      this.#writeFlannelRules(podCidr);
      if (plan.addon === 'flannel') {
        this.flannel.acquireSubnet(podCidr, mtu);
        return this.#network.configure(FLANNEL_CONFIG);
      }
      this.calico.mtu = mtu;
      this.calico.addresses = this.#network.addresses('k8s-pod-network', podCidr);
    }
    if (tables.policies !== undefined) {
      this.felix ??= new (networkParts.get().Felix)(this.calico, tables.policies, connected);
      this.felix.start(netfilterOf(this.#machine.netns));
    }
    this.#network.configure(calicoConfig(plan.addon));
  }

  /** The daemon has ended: what it has written stays. */
  stop(): void {
    this.felix?.stop();
  }

  /** The machine lost its memory. */
  reset(): void {
    this.#hasRules = false;
    this.flannel.releaseSubnet();
    this.calico.reset();
  }

  #writeFlannelRules(podCidr: string): void {
    const netfilter = netfilterOf(this.#machine.netns);
    const text = flannelRules(podCidr, CLUSTER_CIDR, !this.#hasRules);
    this.#hasRules = true;
    netfilter.defer(() => {
      const { exitCode, stderr } = netfilter.restore(text, { noflush: true });
      assert(exitCode === 0, stderr);
    });
  }

  #startCalico(backend: 'bgp' | 'ipip' | 'vxlan', podCidr: string, { peers, blocks, ipam }: PodNetworkTables): void {
    const { netns, hostname } = this.#machine;
    const eth0 = netns.link('eth0');
    const subnet = parseCidr(podCidr);
    assert(eth0 !== undefined && subnet !== undefined, 'calico needs a device');
    this.calico.addresses = ipam.of(hostname);
    this.#writeCalicoNat();
    if (backend === 'bgp') return netns.routes.attach(blocks, eth0);
    if (backend === 'vxlan') {
      const vtep = vxlanDevice(this.#machine, 'vxlan.calico', CALICO_VNI, CALICO_PORT, subnet.network, peers);
      this.calico.mtu = vtep.mtu;
      return netns.routes.attach(blocks, vtep, true);
    }
    let tunl0 = netns.link('tunl0');
    if (tunl0 === undefined) {
      tunl0 = addLink(netns, 'tunl0', 'ipip');
      configureIpip(tunl0, eth0.addresses[0]?.ip ?? 0, eth0);
      addAddress(tunl0, subnet.network, 32);
    }
    this.calico.mtu = tunl0.mtu;
    netns.routes.attach(blocks, tunl0, true);
  }

  /** natOutgoing of the IP pool: what leaves the pool's addresses is masqueraded (`felix/rules/nat.go`). */
  #writeCalicoNat(): void {
    if (this.#hasRules) return;
    this.#hasRules = true;
    const netfilter = netfilterOf(this.#machine.netns);
    netfilter.defer(() => {
      const pools = ['cali40all-ipam-pools', 'cali40masq-ipam-pools'];
      netfilter.sets.restore(
        pools.map((pool) => `create ${pool} hash:net family inet maxelem 1048576\nadd ${pool} ${CLUSTER_CIDR}\n`).join(''),
        { exist: true },
      );
      const { exitCode, stderr } = netfilter.restore(CALICO_NAT, { noflush: true });
      assert(exitCode === 0, stderr);
    });
  }
}

const CALICO_NAT = `*nat
:cali-POSTROUTING - [0:0]
:cali-nat-outgoing - [0:0]
-I POSTROUTING -j cali-POSTROUTING
-A cali-POSTROUTING -j cali-nat-outgoing
-A cali-nat-outgoing -m set --match-set cali40masq-ipam-pools src -m set ! --match-set cali40all-ipam-pools dst -j MASQUERADE --random-fully
COMMIT
`;
