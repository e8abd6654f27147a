/**
 * Labels of nodes that their kubelets must not set, such as node-role.kubernetes.io/control-plane: whoever sets a cluster up writes them
 * (kubeadm's phase mark-control-plane, `cmd/kubeadm/app/phases/markcontrolplane`).
 */
import { NodeResource } from '../api/core/node.ts';
import type { Node } from '../api/generated/types.ts';
import { isForbiddenToKubelets } from '../apiserver/admission/node-restriction.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { NodePlan } from './layout.ts';

/** The labels that the kubelet brings by itself. */
export function kubeletLabels({ labels }: NodePlan): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isForbiddenToKubelets(key)));
}

/** Labels each planned node as soon as it has registered. `scope` ends when all have their labels. */
export function labelNodes(scope: TaskScope, client: Client, plans: readonly NodePlan[]): void {
  const missing = new Map<string, Record<string, string>>();
  for (const { name, labels } of plans) {
    const own = Object.entries(labels).filter(([key]) => isForbiddenToKubelets(key));
    if (own.length > 0) missing.set(name, Object.fromEntries(own));
  }
  if (missing.size === 0) return;
  const label = ({ metadata }: Node) => {
    const wanted = missing.get(metadata.name);
    if (wanted === undefined) return;
    missing.delete(metadata.name);
    const labels = Object.fromEntries(Object.entries(wanted).filter(([key]) => metadata.labels?.[key] === undefined));
    if (Object.keys(labels).length > 0) client.patch(NodeResource, { name: metadata.name }, 'merge', { metadata: { labels } });
    if (missing.size === 0) scope.kill();
  };
  new Informer(scope, client, NodeResource).addHandler({ add: label }).start();
}
