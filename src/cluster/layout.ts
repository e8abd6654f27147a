/** From the wish "three workers of four cores" to the list of machines with their names and addresses. */
import { milliValue, value } from '../apimachinery/quantity.ts';
import type { Taint } from '../api/generated/types.ts';
import type { CloudProvider, ScenarioCluster, ScenarioNode } from '../api/kubarium/scenario.ts';

/** One machine of the cluster. */
export interface NodePlan {
  name: string;
  ip: string;
  controlPlane: boolean;
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes: number;
  maxPods: number;
  labels: Record<string, string>;
  taints: Taint[];
}

/** The LAN of all machines. */
export const NODE_CIDR = '192.168.0.0/16';
const FIRST_HOST = 10;

const CONTROL_PLANE_TAINT: Taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };
const DEFAULT_NODE = { cpu: '4', memory: '8Gi', pods: 110, ephemeralStorage: '60Gi' };

/** The cloud that the layout asks for, by name or as the add-on that it is known for. */
export const cloudProviderOf = ({ cloudProvider, addons = [] }: ScenarioCluster): CloudProvider =>
  cloudProvider ?? (addons.includes('load-balancer') ? 'simulated' : 'none');

/** Every machine of the layout, control plane first. */
export function planNodes(layout: ScenarioCluster): NodePlan[] {
  const plans: NodePlan[] = [];
  const add = (name: string, size: ScenarioNode, controlPlane: boolean, zone: string | undefined) => {
    const host = FIRST_HOST + plans.length;
    plans.push({
      name,
      ip: `192.168.${host >> 8}.${host & 255}`,
      controlPlane,
      milliCpu: milliValue(size.cpu ?? DEFAULT_NODE.cpu),
      memoryBytes: value(size.memory ?? DEFAULT_NODE.memory),
      ephemeralStorageBytes: value(size.ephemeralStorage ?? DEFAULT_NODE.ephemeralStorage),
      maxPods: size.pods ?? DEFAULT_NODE.pods,
      labels: {
        ...(controlPlane && { 'node-role.kubernetes.io/control-plane': '', 'node.kubernetes.io/exclude-from-external-load-balancers': '' }),
        ...(zone !== undefined && { 'topology.kubernetes.io/zone': zone }),
        ...size.labels,
      },
      taints: controlPlane ? [CONTROL_PLANE_TAINT] : [],
    });
  };
  const { controlPlanes = 1, workers = 3, node = {}, nodePools, zones = [] } = layout;
  for (let index = 0; index < controlPlanes; index++)
    add(index === 0 ? 'control-plane' : `control-plane-${index + 1}`, {}, true, undefined);
  const pools = nodePools ?? [{ ...node, count: workers }];
  let worker = 0;
  for (const pool of pools) {
    for (let index = 1; index <= pool.count; index++, worker++) {
      const zone = pool.zone ?? (zones.length > 0 ? zones[worker % zones.length] : undefined);
      add(`${pool.name ?? 'node'}-${pool.name === undefined ? worker + 1 : index}`, pool, false, zone);
    }
  }
  return plans;
}
