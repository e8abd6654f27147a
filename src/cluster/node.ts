/** One node: a machine with its kernel, containerd, the pod network, and the kubelet that runs on it. */
import type { Pod } from '../api/generated/types.ts';
import type { Transport } from '../api/request.ts';
import { NodeNetwork } from '../cni/node-network.ts';
import { Client } from '../client/client.ts';
import type { Sent } from '../client/client.ts';
import { Containerd } from '../container-runtime/containerd.ts';
import type { Catalogue } from '../container-runtime/images/catalogue.ts';
import type { VolumeTree } from '../container-runtime/cri.ts';
import { Kubelet } from '../kubelet/kubelet.ts';
import { kubeletRules } from '../kubelet/network-rules.ts';
import type { NodeIds } from '../kubelet/node-object.ts';
import type { Fabric } from '../linux/net/fabric.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { parseIpv4 } from '../linux/net/ipv4.ts';
import { Machine } from '../linux/machine.ts';
import { assert } from '../apimachinery/assert.ts';
import { Random } from '../sim/random.ts';
import type { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { controlPlanePods } from './bootstrap/static-pods.ts';
import { RELEASE } from './bootstrap/release.ts';
import { CuttableTransport } from './cuttable-transport.ts';
import { nodeUser } from './identities.ts';
import type { NodePlan } from './layout.ts';
import type { NetworkPlan } from './network-plan.ts';
import { NodePodNetwork, type PodNetworkTables } from './node-pod-network.ts';
import { kubeletLabels } from './node-labels.ts';

/** What all nodes share. */
export interface NodeSurroundings {
  sim: Simulation;
  transport: Transport;
  fabric: Fabric;
  catalogue: Catalogue;
  /** Files of PersistentVolumes, by name. */
  volumes: Map<string, VolumeTree>;
  networkPlan: NetworkPlan;
}

/** A machine that is, or can be, part of the cluster. */
export class ClusterNode {
  readonly plan: NodePlan;
  readonly machine: Machine;
  readonly network: NodeNetwork;
  /** What the daemon of the network add-on sets up. */
  readonly pods: NodePodNetwork;
  /** The node's way to the apiserver. */
  readonly uplink: CuttableTransport;
  readonly runtime: Containerd;
  kubelet: Kubelet | undefined;
  readonly #surroundings: NodeSurroundings;
  readonly #hostPaths = new Map<string, VolumeTree>();
  #kubeletScope: TaskScope | undefined;
  #bootedAt: number;
  /** Whether a kubelet has written its rules since the machine booted. */
  #hasKubeletRules = false;

  constructor(plan: NodePlan, surroundings: NodeSurroundings) {
    const { sim, fabric, catalogue, transport } = surroundings;
    this.uplink = new CuttableTransport(sim, transport);
    this.plan = plan;
    this.#surroundings = surroundings;
    this.#bootedAt = sim.now;
    this.machine = new Machine(new TaskScope(sim, plan.name), {
      hostname: plan.name,
      milliCpu: plan.milliCpu,
      memoryBytes: plan.memoryBytes,
    });
    const ip = parseIpv4(plan.ip);
    assert(ip !== undefined, `${plan.ip} is an address`);
    fabric.plug(this.machine, ip);
    this.network = new NodeNetwork(this.machine);
    this.pods = new NodePodNetwork(this.machine, this.network, surroundings.networkPlan);
    this.runtime = new Containerd({ machine: this.machine, catalogue, network: this.network });
  }

  get name(): string {
    return this.plan.name;
  }

  /** Starts the kubelet. `restore`: the cluster comes back from storage, and what ran is put back. */
  startKubelet(restore = false): void {
    if (this.#kubeletScope?.alive || !this.machine.powered) return;
    const { sim, volumes } = this.#surroundings;
    const { name, ip, controlPlane, milliCpu, memoryBytes, ephemeralStorageBytes, maxPods, taints } = this.plan;
    const scope = new TaskScope(sim, `kubelet/${name}`);
    this.#kubeletScope = scope;
    this.kubelet = new Kubelet({
      scope,
      client: new Client(this.uplink, nodeUser(name), `kubelet/${name}`),
      runtime: this.runtime,
      nodeName: name,
      nodeIp: ip,
      capacity: { milliCpu, memoryBytes, pods: maxPods, ephemeralStorageBytes },
      labels: kubeletLabels(this.plan),
      taints,
      ids: machineIds(sim.seed, name, this.#bootedAt),
      staticPods: controlPlane ? (controlPlanePods(ip) as Sent<Pod>[] as Pod[]) : [],
      release: RELEASE,
      networkNotReady: () => this.network.notReady,
      sharedVolumes: volumes,
      hostPaths: this.#hostPaths,
      restore,
      preloadImage: (image) => void this.runtime.images.preload(image),
    });
    this.kubelet.start();
    this.#writeKubeletRules();
  }

  /** `iptables-restore --noflush`, for whoever looks next. */
  #writeKubeletRules(): void {
    const netfilter = netfilterOf(this.machine.netns);
    const text = kubeletRules(!this.#hasKubeletRules);
    this.#hasKubeletRules = true;
    netfilter.defer(() => {
      const { exitCode, stderr } = netfilter.restore(text, { noflush: true });
      assert(exitCode === 0, stderr);
    });
  }

  /** Kills the kubelet's process; containers run on. */
  stopKubelet(): void {
    this.#kubeletScope?.kill();
    this.#kubeletScope = undefined;
    this.kubelet = undefined;
  }

  /** The daemon of the network add-on has come up: from now on pods get addresses, and there are ways to all nodes. */
  startNetwork(podCidr: string, tables: PodNetworkTables): void {
    this.pods.start(podCidr, tables, () => this.uplink.connected);
    this.kubelet?.reportNodeStatus();
  }

  /** The power goes: kubelet, containers and everything in memory are gone. */
  powerOff(): void {
    if (!this.machine.powered) return;
    this.stopKubelet();
    this.machine.powerOff();
    this.#hasKubeletRules = false;
    this.pods.reset();
  }

  /** The machine boots and its kubelet starts; containers of before do not exist any more. */
  powerOn(): void {
    if (this.machine.powered) return;
    this.machine.powerOn();
    this.pods.boot();
    this.#bootedAt = this.#surroundings.sim.now;
    this.runtime.recover();
    this.startKubelet();
  }
}

/** The identities of a machine; the boot's is another one each time. */
function machineIds(seed: string, name: string, bootedAt: number): NodeIds {
  const random = new Random(`${seed}/machine/${name}`);
  return { machineId: random.hex(32), systemUuid: random.uuid(), bootId: random.fork(`boot ${bootedAt}`).uuid() };
}
