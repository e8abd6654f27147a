/** An apiserver and a controller manager without nodes, for tests of controllers. */
import { NamespaceResource } from '../../api/core/namespace.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { Client } from '../../client/client.ts';
import { ControllerManager } from '../../controller-manager/controller-manager.ts';
import type { ControllerManagerOptions } from '../../controller-manager/controller-manager.ts';
import { Etcd } from '../../etcd/etcd.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import { newApiServer } from '../api-server.ts';

/** A control plane with the usual namespaces; `client` is the administrator's. */
export function startControlPlane(options: Partial<ControllerManagerOptions> = {}) {
  const sim = new Simulation({ seed: 7 });
  const etcd = new Etcd<KubernetesObject>();
  const server = newApiServer({ sim, etcd });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  for (const name of ['default', 'kube-system', 'kube-node-lease']) client.create(NamespaceResource, { metadata: { name } });
  const manager = new ControllerManager(new TaskScope(sim, 'kube-controller-manager'), server, options);
  return { sim, etcd, server, client, manager };
}
