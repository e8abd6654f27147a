/** What follows from a node's silence or conditions; constants of the controllers. */
import { NamespaceResource } from '../../src/api/core/namespace.ts';
import { PodResource } from '../../src/api/core/pod.ts';
import { ServiceAccountResource } from '../../src/api/core/service-account.ts';
import type { Node, Pod, Toleration } from '../../src/api/generated/types.ts';
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import { Client } from '../../src/client/client.ts';
import { newApiServer } from '../../src/cluster/api-server.ts';
import {
  conditionsOfSilence,
  EVICTION_RATE,
  evictionRate,
  LARGE_CLUSTER_SIZE,
  noExecuteTaint,
  noScheduleTaints,
} from '../../src/controller-manager/node-lifecycle/health.ts';
import type { ZoneState } from '../../src/controller-manager/node-lifecycle/health.ts';
import { surplusTerminated } from '../../src/controller-manager/pod-gc/controller.ts';
import { Etcd } from '../../src/etcd/etcd.ts';
import { LEASE_SECONDS, UPDATE_PERIOD_MS } from '../../src/kubelet/node-status.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import type { Area } from '../area.ts';

/** The grace period was shorter before 1.32; here it is the controller's option. */
const OLD_GRACE_PERIOD_MS = 40_000;

const nodeWith = (conditions: { type: string; status: string }[], unschedulable = false): Node =>
  ({ metadata: {}, spec: { unschedulable }, status: { conditions } }) as unknown as Node;
const shown = (taints: readonly { key: string; effect: string }[]) => taints.map(({ key, effect }) => ({ key, effect }));

function silence(seconds: number, graceMs: number | undefined): Record<string, unknown> {
  const node = nodeWith([{ type: 'Ready', status: 'True' }]);
  const conditions =
    conditionsOfSilence(node, { heardMs: 0, heartbeat: undefined, renewTime: undefined }, seconds * 1000, graceMs) ??
    node.status?.conditions ??
    [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  return { ready: ready?.status, reason: ready?.reason, message: ready?.message };
}

function readiness(status: string): Record<string, unknown> {
  const evicting = noExecuteTaint(status, 0);
  return { taints: shown([...noScheduleTaints(nodeWith([{ type: 'Ready', status }])), ...(evicting === undefined ? [] : [evicting])]) };
}

function terminated(count: number): Record<string, unknown> {
  const pods = Array.from({ length: count }, (_, index) => ({
    metadata: { name: `p${index}`, creationTimestamp: new Date(1e12 - index * 1000).toISOString() },
  })) as unknown as Pod[];
  const deleted = surplusTerminated(pods, 12_500);
  const oldest = pods.at(-1);
  return { deleted: deleted.length, order: deleted[0] === oldest ? 'oldest creationTimestamp first' : 'other' };
}

export const run: Area['run'] = (input) => {
  const { ask, version, silentSeconds, ready, condition, unschedulable, zone, nodes, terminatedPods, podTolerations } = input;
  if (ask === 'lease') return { renewIntervalSeconds: UPDATE_PERIOD_MS / 1000, leaseDurationSeconds: LEASE_SECONDS };
  if (silentSeconds !== undefined) return silence(Number(silentSeconds), version === '1.31' ? OLD_GRACE_PERIOD_MS : undefined);
  if (ready !== undefined) return readiness(String(ready));
  if (zone !== undefined)
    return { nodesPerSecond: zone === 'Normal' ? EVICTION_RATE : evictionRate(zone as ZoneState, Number(nodes ?? LARGE_CLUSTER_SIZE)) };
  if (terminatedPods !== undefined) return terminated(Number(terminatedPods));
  if (unschedulable !== undefined) return { taints: shown(noScheduleTaints(nodeWith([], true))) };
  if (podTolerations !== undefined) return defaultTolerations(podTolerations as Toleration[]);
  const [type = '', status = ''] = String(condition).split('=');
  return { taints: shown(noScheduleTaints(nodeWith([{ type, status }]))) };
};

/** Asks a real apiserver: its admission adds them. */
function defaultTolerations(tolerations: Toleration[]): Record<string, unknown> {
  const server = newApiServer({ sim: new Simulation(), etcd: new Etcd<KubernetesObject>() });
  const client = new Client(server, { name: 'judge', groups: ['system:masters'] }, 'judge');
  client.create(NamespaceResource, { metadata: { name: 'default' } });
  client.create(ServiceAccountResource, { metadata: { name: 'default', namespace: 'default' } });
  const spec = { containers: [{ name: 'a', image: 'a' }], tolerations };
  return { tolerations: client.create(PodResource, { metadata: { name: 'a', namespace: 'default' }, spec }).spec.tolerations };
}
