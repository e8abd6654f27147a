/** An apiserver and a scheduler for tests. */
import { NodeResource } from '../../api/core/node.ts';
import { EventResource } from '../../api/core/event.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { PodResource } from '../../api/core/pod.ts';
import { SchedulingDecisionResource } from '../../api/kubarium/scheduling-decision.ts';
import type { Namespace, Node, NodeSpec, Pod, PodSpec } from '../../api/generated/types.ts';
import { ALL_RESOURCES } from '../../api/index.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { bindingSubresource } from '../../apiserver/subresources/pods.ts';
import { ApiServer } from '../../apiserver/server.ts';
import { Client } from '../../client/client.ts';
import type { Sent } from '../../client/client.ts';
import { Etcd } from '../../etcd/etcd.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import { Scheduler } from '../scheduler.ts';
import type { SchedulerOptions } from '../scheduler.ts';

/** The two of them, and how to use them. */
export function setUp(options: Partial<SchedulerOptions> = {}) {
  const sim = new Simulation({ seed: 7 });
  const server = new ApiServer({
    sim,
    etcd: new Etcd<KubernetesObject>(),
    resources: ALL_RESOURCES,
    admission: [],
    subresources: [bindingSubresource],
  });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  for (const name of ['default', 'kube-system']) client.create(NamespaceResource, { metadata: { name } } as Sent<Namespace>);
  const scope = new TaskScope(sim, 'scheduler');
  const scheduler = new Scheduler({
    scope,
    client: new Client(server, { name: 'system:kube-scheduler', groups: [] }, 'kube-scheduler'),
    ...options,
  });
  scheduler.start();
  const addNode = (name: string, cpu: string, spec: NodeSpec = {}) => {
    const node = client.create(NodeResource, { metadata: { name, labels: { 'kubernetes.io/hostname': name } }, spec } as Sent<Node>);
    client.updateStatus(NodeResource, { ...node, status: { allocatable: { cpu, memory: '8Gi', pods: '110' }, capacity: { cpu } } });
  };
  const addPod = (name: string, spec: Partial<PodSpec> = {}, cpu = '1') =>
    client.create(PodResource, {
      metadata: { name, namespace: 'default' },
      spec: { containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu } } }], ...spec },
    } as Sent<Pod>);
  const podOf = (name: string) => client.get(PodResource, { namespace: 'default', name });
  const messages = () => client.list(EventResource, 'default').items.map(({ reason, message }) => `${reason}: ${message}`);
  const decisions = () => client.list(SchedulingDecisionResource, 'default').items;
  return { sim, client, scheduler, addNode, addPod, podOf, messages, decisions };
}
