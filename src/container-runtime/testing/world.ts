/** A small world for tests of the container runtime. */
import { FLANNEL_CONFIG, Flannel } from '../../cni/flannel/flannel.ts';
import { NodeNetwork } from '../../cni/node-network.ts';
import { Machine } from '../../linux/machine.ts';
import { Fabric } from '../../linux/net/fabric.ts';
import { parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import { Containerd } from '../containerd.ts';
import type { ContainerConfig, PodSandboxConfig } from '../cri.ts';
import { Catalogue } from '../images/catalogue.ts';

/** Nodes on one LAN, each with flannel and containerd. */
export function world(nodes = 1) {
  const sim = new Simulation();
  const scope = new TaskScope(sim, 'test');
  const fabric = new Fabric(parseCidr('172.18.0.0/16')!);
  const catalogue = new Catalogue();
  const machines = Array.from({ length: nodes }, (_, index) => {
    const machine = new Machine(scope, { hostname: `node-${index + 1}`, milliCpu: 4000, memoryBytes: 8 * 2 ** 30 });
    fabric.plug(machine, parseIpv4(`172.18.0.${index + 2}`)!);
    const network = new NodeNetwork(machine);
    const flannel = new Flannel(machine);
    network.install(flannel);
    network.configure(FLANNEL_CONFIG);
    flannel.acquireSubnet(`10.244.${index + 1}.0/24`);
    const runtime = new Containerd({ machine, catalogue, network });
    return { machine, network, flannel, runtime };
  });
  for (const { flannel } of machines)
    flannel.setPeers(machines.map((_, index) => ({ podCidr: `10.244.${index + 1}.0/24`, nodeIp: `172.18.0.${index + 2}` })));
  return { sim, fabric, nodes: machines };
}

/** A sandbox with little in it. */
export const sandboxConfig = (podName: string, more: Partial<PodSandboxConfig> = {}): PodSandboxConfig => ({
  podUid: `uid-${podName}`,
  podName,
  podNamespace: 'default',
  hostname: podName,
  hostNetwork: false,
  labels: {},
  ...more,
});

/** A container with little in it. */
export const containerConfig = (image: string, more: Partial<ContainerConfig> = {}): ContainerConfig => ({
  name: 'main',
  image,
  command: [],
  args: [],
  workingDir: '',
  env: [],
  mounts: [],
  ports: [],
  limits: { milliCpu: 0, memoryBytes: 0 },
  requests: { milliCpu: 0, memoryBytes: 0 },
  attempt: 0,
  terminationMessagePath: '/dev/termination-log',
  tty: false,
  stdin: false,
  ...more,
});

/** Preloads the image, and starts one container in a new sandbox. */
export function run(runtime: Containerd, pod: string, config: ContainerConfig) {
  runtime.images.preload(config.image);
  const sandbox = runtime.runPodSandbox(sandboxConfig(pod));
  if ('error' in sandbox) throw new Error(sandbox.error);
  const container = runtime.createContainer(sandbox.sandboxId, config);
  if ('error' in container) throw new Error(container.error);
  return {
    ...sandbox,
    ...container,
    ...runtime.startContainer(container.containerId),
    ip: runtime.podSandboxStatus(sandbox.sandboxId)!.ips[0]!,
  };
}
