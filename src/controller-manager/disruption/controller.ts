/**
 * Keeps the status of PodDisruptionBudgets (`pkg/controller/disruption`); eviction reads it and counts down.
 */
import { DeploymentResource } from '../../api/apps/deployment.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { StatefulSetResource } from '../../api/apps/stateful-set.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ReplicationControllerResource } from '../../api/core/replication-controller.ts';
import { PodDisruptionBudgetResource } from '../../api/policy/pod-disruption-budget.ts';
import type { Pod, PodDisruptionBudget } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { controllerOf, keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject, OwnerReference } from '../../apimachinery/meta.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { coalesceMs } from '../deps.ts';
import type { ControllerDeps } from '../deps.ts';
import { isPodReady } from '../pods.ts';
import { indexByLabels, podsWithLabels } from '../service-pods.ts';
import { budgetStatus, recheckMs } from './budget.ts';

type Scaled = KubernetesObject & { spec: { replicas?: number } };

/** Starts the controller. */
export function startDisruptionController(deps: ControllerDeps): void {
  new DisruptionController(deps);
}

class DisruptionController {
  readonly #deps: ControllerDeps;
  readonly #budgets: Informer<PodDisruptionBudget>;
  readonly #pods: Informer<Pod>;
  readonly #scaled: Readonly<Record<string, Informer<Scaled>>>;
  readonly #controller: Controller;
  readonly #sizes = new Map<string, number>();

  constructor(deps: ControllerDeps) {
    const { informers, scope } = deps;
    this.#deps = deps;
    this.#budgets = informers.informer(PodDisruptionBudgetResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
    this.#pods = indexByLabels(informers.informer(PodResource));
    this.#scaled = {
      Deployment: informers.informer(DeploymentResource) as unknown as Informer<Scaled>,
      ReplicaSet: informers.informer(ReplicaSetResource) as unknown as Informer<Scaled>,
      StatefulSet: informers.informer(StatefulSetResource) as unknown as Informer<Scaled>,
      ReplicationController: informers.informer(ReplicationControllerResource) as unknown as Informer<Scaled>,
    };
    const caches = [this.#budgets, this.#pods, ...Object.values(this.#scaled)];
    this.#controller = startController(scope, 'poddisruptionbudgets', (key) => this.#reconcile(key), caches);
    const enqueue = (budget: PodDisruptionBudget) => this.#controller.enqueue(keyOf(budget));
    this.#budgets.addHandler({ add: enqueue, update: enqueue }, scope);
    const podChanged = (pod: Pod) => this.#podChanged(pod);
    this.#pods.addHandler(
      {
        add: podChanged,
        update: (pod, old) => {
          const matters =
            isPodReady(pod) !== isPodReady(old) ||
            pod.metadata.labels !== old.metadata.labels ||
            pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp;
          if (matters) podChanged(pod);
          if (pod.metadata.labels !== old.metadata.labels) podChanged(old);
        },
        delete: podChanged,
      },
      scope,
    );
    const scaleChanged = (owner: Scaled, old: Scaled) => {
      if (owner.spec.replicas !== old.spec.replicas)
        for (const budget of this.#budgets.byIndex('namespace', owner.metadata.namespace ?? '')) enqueue(budget);
    };
    for (const informer of Object.values(this.#scaled)) informer.addHandler({ update: scaleChanged }, scope);
  }

  #podChanged(pod: Pod): void {
    for (const budget of this.#budgets.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (!labelSelectorAsSelector(budget.spec.selector).matches(pod.metadata.labels)) continue;
      const key = keyOf(budget);
      this.#controller.enqueueAfter(key, coalesceMs(this.#sizes.get(key) ?? 0));
    }
  }

  #reconcile(key: string): Requeue | undefined {
    const budget = this.#budgets.get(key);
    if (budget === undefined) return undefined;
    const pods = this.#podsOf(budget);
    this.#sizes.set(key, pods.length);
    if (pods.length === 0) this.#deps.recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found');
    const status = budgetStatus(budget, pods, this.#scaleOf(pods), this.#deps.scope.now);
    if (!deepEqual(budget.status, status)) this.#deps.client.updateStatus(PodDisruptionBudgetResource, { ...budget, status });
    const waitMs = recheckMs(status.disruptedPods, this.#deps.scope.now);
    return waitMs === undefined ? undefined : requeueAfter(waitMs, { background: true });
  }

  #podsOf({ metadata, spec }: PodDisruptionBudget): Pod[] {
    const selector = labelSelectorAsSelector(spec.selector);
    const namespace = metadata.namespace ?? '';
    const candidates = [...podsWithLabels(this.#pods, namespace, spec.selector?.matchLabels)];
    return candidates.filter((pod) => pod.metadata.namespace === namespace && selector.matches(pod.metadata.labels));
  }

  /** Replicas of all controllers that the pods belong to; a Deployment stands for its ReplicaSets. Bare pods have none. */
  #scaleOf(pods: readonly Pod[]): number {
    const scales = new Map<string, number>();
    for (const pod of pods) {
      const owner = this.#ownerOf(pod, controllerOf(pod));
      const top = owner?.kind === 'ReplicaSet' ? (this.#ownerOf(owner, controllerOf(owner)) ?? owner) : owner;
      if (top !== undefined) scales.set(top.metadata.uid, top.spec.replicas ?? 1);
    }
    return [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  #ownerOf({ metadata }: KubernetesObject, reference: OwnerReference | undefined): Scaled | undefined {
    if (reference === undefined) return undefined;
    const owner = this.#scaled[reference.kind]?.get(`${metadata.namespace ?? ''}/${reference.name}`);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }
}
