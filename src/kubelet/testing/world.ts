/** One node with a kubelet, a fake runtime and a real apiserver. */
import { newApiServer } from '../../cluster/api-server.ts';
import { EventResource } from '../../api/core/event.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import type { Container, Event, Namespace, Pod, PodSpec, ServiceAccount } from '../../api/generated/types.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { Client } from '../../client/client.ts';
import type { Sent } from '../../client/client.ts';
import { Etcd } from '../../etcd/etcd.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import type { KubeletOptions } from '../host.ts';
import { Kubelet } from '../kubelet.ts';
import { FakeRuntime } from './fake-runtime.ts';

const ADMIN = { name: 'you', groups: ['system:masters'] };

/** A pod bound to node-1; `containers` default to one nginx named "web". */
export function podOf(name: string, spec: Partial<PodSpec> = {}, containers: Partial<Container>[] = [{}]): Sent<Pod> {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      nodeName: 'node-1',
      ...spec,
      containers: containers.map((container, index) => ({
        name: index === 0 ? 'web' : `web-${index}`,
        image: 'nginx',
        imagePullPolicy: 'IfNotPresent',
        ...container,
      })),
    },
  } as Sent<Pod>;
}

/** Everything a kubelet test needs. */
export class World {
  readonly sim = new Simulation({ seed: 3 });
  readonly etcd = new Etcd<KubernetesObject>();
  readonly server = newApiServer({ sim: this.sim, etcd: this.etcd });
  readonly client = new Client(this.server, ADMIN, 'you');
  runtime = new FakeRuntime(this.sim);
  kubelet!: Kubelet;
  scope!: TaskScope;

  constructor(options: Partial<KubeletOptions> = {}) {
    for (const name of ['default', 'kube-system', 'kube-node-lease'])
      this.client.create(NamespaceResource, { metadata: { name } } as Sent<Namespace>);
    const account: Sent<ServiceAccount> = { metadata: { name: 'default', namespace: 'default' }, automountServiceAccountToken: false };
    this.client.create(ServiceAccountResource, account);
    this.runtime.images.set('nginx', { present: true });
    this.startKubelet(options);
  }

  /** A kubelet process on the node; the one before must have been killed. */
  startKubelet(options: Partial<KubeletOptions> = {}): void {
    this.scope = new TaskScope(this.sim, 'kubelet/node-1');
    this.kubelet = new Kubelet({
      scope: this.scope,
      client: new Client(this.server, { name: 'system:node:node-1', groups: ['system:nodes'] }, 'kubelet/node-1'),
      runtime: this.runtime,
      nodeName: 'node-1',
      nodeIp: '192.168.0.11',
      capacity: { milliCpu: 4000, memoryBytes: 8 * 1024 ** 3, pods: 110 },
      release: 'v1.33.1',
      ...options,
    });
    this.kubelet.start();
  }

  create(pod: Sent<Pod>): Pod {
    return this.client.create(PodResource, pod);
  }

  pod(name: string): Pod | undefined {
    return this.client.find(PodResource, { namespace: 'default', name });
  }

  /** Runs until idle, and then on for `ms`. */
  run(ms = 0): void {
    this.sim.runUntilIdle(600_000);
    if (ms > 0) this.sim.runUntil(this.sim.now + ms);
  }

  /** "Reason: message" of the pod's events, in order. */
  events(name: string): string[] {
    const { items } = this.client.list<Event>(EventResource, 'default');
    const inOrder = [...items].sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion));
    return inOrder.filter(({ involvedObject }) => involvedObject.name === name).map(({ reason, message }) => `${reason}: ${message}`);
  }
}
