/**
 * Keeps the number of pods of a ReplicaSet or ReplicationController (`pkg/controller/replicaset/replica_set.go`; the
 * ReplicationController is the same controller behind an adapter there too).
 */
import { PodResource } from '../../api/core/pod.ts';
import type { Pod, PodTemplateSpec } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { selectorFromSet } from '../../apimachinery/labels.ts';
import type { Selector } from '../../apimachinery/labels.ts';
import { controllerOf, keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { claimObjects } from '../controller-ref-manager.ts';
import { coalesceMs } from '../deps.ts';
import type { ControllerDeps } from '../deps.ts';
import { Expectations, slowStartBatch } from '../expectations.ts';
import { createPod, deletePod, isNamespaceTerminating, podFromTemplate } from '../pod-control.ts';
import { podsToDelete } from '../pod-deletion-order.ts';
import { BY_CONTROLLER, claimable, indexByController, isPodActive, nextAvailabilityMs } from '../pods.ts';
import { calculateStatus } from './replicas.ts';
import type { ReplicasStatus } from './replicas.ts';

/** A kind that keeps replicas. */
export interface Replicated extends KubernetesObject {
  spec: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec };
  status?: ReplicasStatus;
}

/** What differs between the two kinds. */
export interface ReplicaKind<T extends Replicated> {
  resource: ResourceDefinition<T>;
  selectorOf(owner: T): Selector;
}

/** Pods created or deleted in one sync at most (`BurstReplicas`). */
const BURST_REPLICAS = 500;
const STATUS_RETRIES = 2;
const NO_TEMPLATE: PodTemplateSpec = { spec: { containers: [] } };

/** The running controller of one kind. */
export class ReplicaManager<T extends Replicated> {
  readonly #deps: ControllerDeps;
  readonly #kind: ReplicaKind<T>;
  readonly #owners: Informer<T>;
  readonly #pods: Informer<Pod>;
  readonly #expectations = new Expectations();
  readonly #controller: Controller;
  /** Active pods per owner at its last sync, for `coalesceMs`. */
  readonly #sizes = new Map<string, number>();

  constructor(deps: ControllerDeps, kind: ReplicaKind<T>) {
    this.#deps = deps;
    this.#kind = kind;
    this.#owners = deps.informers.informer(kind.resource);
    this.#owners.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
    indexByController(this.#owners);
    this.#pods = indexByController(deps.informers.informer(PodResource));
    this.#controller = startController(deps.scope, kind.resource.plural, (key) => this.#reconcile(key), [this.#owners, this.#pods]);
    this.#watch();
  }

  #watch(): void {
    const { scope } = this.#deps;
    const enqueue = (owner: T) => this.#controller.enqueue(keyOf(owner));
    this.#owners.addHandler(
      {
        add: enqueue,
        update: (owner, old) => {
          if (owner.metadata.uid !== old.metadata.uid) this.#expectations.forget(keyOf(old));
          enqueue(owner);
        },
        delete: (owner) => {
          this.#expectations.forget(keyOf(owner));
          enqueue(owner);
        },
      },
      scope,
    );
    this.#pods.addHandler(
      { add: (pod) => this.#podAdded(pod), update: (pod, old) => this.#podUpdated(pod, old), delete: (pod) => this.#podDeleted(pod) },
      scope,
    );
  }

  #reconcile(key: string): Requeue | undefined {
    const owner = this.#owners.get(key);
    if (owner === undefined) {
      this.#expectations.forget(key);
      this.#sizes.delete(key);
      return undefined;
    }
    const needsSync = this.#expectations.satisfied(key, this.#deps.scope.now);
    const pods = this.#claim(owner);
    this.#sizes.set(key, pods.length);
    let failure: unknown;
    if (needsSync && owner.metadata.deletionTimestamp === undefined) failure = this.#manageReplicas(key, owner, pods);
    this.#updateStatus(owner, pods, failure);
    if (failure !== undefined) throw failure;
    const waitMs = nextAvailabilityMs(pods, owner.spec.minReadySeconds ?? 0, this.#deps.scope.now);
    return waitMs === undefined ? undefined : requeueAfter(waitMs);
  }

  #claim(owner: T): Pod[] {
    const selector = this.#kind.selectorOf(owner);
    const candidates: Pod[] = [];
    for (const pod of claimable(this.#pods, owner)) if (isPodActive(pod)) candidates.push(pod);
    return claimObjects(
      {
        client: this.#deps.client,
        owner,
        ownerResource: this.#kind.resource,
        resource: PodResource,
        matches: (pod) => selector.matches(pod.metadata.labels),
      },
      candidates,
    );
  }

  /** Creates or deletes what is missing or too much, at most 500 at once. Returns the first failure. */
  #manageReplicas(key: string, owner: T, pods: readonly Pod[]): unknown {
    const surplus = pods.length - (owner.spec.replicas ?? 1);
    if (surplus < 0) return this.#createPods(key, owner, Math.min(-surplus, BURST_REPLICAS));
    return surplus > 0 ? this.#deletePods(key, owner, pods, Math.min(surplus, BURST_REPLICAS)) : undefined;
  }

  #createPods(key: string, owner: T, count: number): unknown {
    this.#expectations.expectCreations(key, count, this.#deps.scope.now);
    const pod = podFromTemplate(owner.spec.template ?? NO_TEMPLATE, owner);
    const { successes, error } = slowStartBatch(count, () => {
      try {
        createPod(this.#deps, owner, pod);
      } catch (refusal) {
        if (!isNamespaceTerminating(refusal)) throw refusal;
      }
    });
    for (let skipped = count - successes; skipped > 0; skipped--) this.#expectations.creationObserved(key);
    return error;
  }

  #deletePods(key: string, owner: T, pods: readonly Pod[], count: number): unknown {
    const { now } = this.#deps.scope;
    const chosen = podsToDelete(pods, this.#relatedPods(owner), count, now);
    this.#expectations.expectDeletions(key, chosen.map(keyOf), now);
    let failure: unknown;
    for (const pod of chosen) {
      try {
        deletePod(this.#deps, owner, pod);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        if (!hasReason(error, 'NotFound')) failure ??= error;
      }
    }
    return failure;
  }

  /** Active pods of all owners that have the same controller as `owner`, its own included (`getIndirectlyRelatedPods`). */
  *#relatedPods(owner: T): IterableIterator<Pod> {
    const grandOwner = controllerOf(owner);
    const kin = grandOwner === undefined ? [owner] : this.#owners.byIndex(BY_CONTROLLER, grandOwner.uid);
    for (const { metadata } of kin) for (const pod of this.#pods.byIndex(BY_CONTROLLER, metadata.uid)) if (isPodActive(pod)) yield pod;
  }

  #updateStatus(owner: T, pods: readonly Pod[], failure: unknown): void {
    const observed = {
      pods,
      templateLabels: selectorFromSet(owner.spec.template?.metadata?.labels),
      minReadySeconds: owner.spec.minReadySeconds ?? 0,
      desired: owner.spec.replicas ?? 1,
      nowMs: this.#deps.scope.now,
      failure: failure instanceof StatusError ? failure.message : undefined,
    };
    let fresh = owner;
    for (let retry = 0; ; retry++) {
      // The generation seen is that of the spec this sync acted on, not that of a newer copy.
      const status = calculateStatus(fresh.status, { ...observed, generation: owner.metadata.generation });
      if (status === fresh.status) return;
      try {
        this.#deps.client.updateStatus(this.#kind.resource, { ...fresh, status });
        return;
      } catch (error) {
        if (hasReason(error, 'NotFound')) return;
        if (retry >= STATUS_RETRIES - 1 || !hasReason(error, 'Conflict')) throw error;
        fresh = this.#deps.client.get(this.#kind.resource, owner.metadata);
      }
    }
  }

  #ownerOf(pod: Pod): T | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== this.#kind.resource.kind) return undefined;
    const owner = this.#owners.get(`${pod.metadata.namespace ?? ''}/${reference.name}`);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #enqueueLater(key: string): void {
    const delayMs = coalesceMs(this.#sizes.get(key) ?? 0);
    this.#controller.enqueueAfter(key, delayMs);
  }

  #enqueueMatching(pod: Pod): void {
    for (const owner of this.#owners.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (this.#kind.selectorOf(owner).matches(pod.metadata.labels)) this.#controller.enqueue(keyOf(owner));
    }
  }

  #podAdded(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) return this.#podDeleted(pod);
    if (controllerOf(pod) === undefined) return this.#enqueueMatching(pod);
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    const key = keyOf(owner);
    this.#expectations.creationObserved(key);
    if (this.#expectations.satisfied(key, this.#deps.scope.now)) this.#controller.enqueue(key);
    else this.#enqueueLater(key);
  }

  #podUpdated(pod: Pod, old: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) return this.#podDeleted(pod);
    const [before, after] = [controllerOf(old), controllerOf(pod)];
    if (before !== undefined && before.uid !== after?.uid) {
      const oldOwner = this.#ownerOf(old);
      if (oldOwner !== undefined) this.#controller.enqueue(keyOf(oldOwner));
    }
    if (after !== undefined) {
      const owner = this.#ownerOf(pod);
      if (owner !== undefined && matters(pod, old)) this.#enqueueLater(keyOf(owner));
      return;
    }
    if (before !== undefined || pod.metadata.labels !== old.metadata.labels) this.#enqueueMatching(pod);
  }

  #podDeleted(pod: Pod): void {
    const owner = this.#ownerOf(pod);
    if (owner === undefined) return;
    const key = keyOf(owner);
    this.#expectations.deletionObserved(key, keyOf(pod));
    if (this.#expectations.satisfied(key, this.#deps.scope.now)) this.#controller.enqueue(key);
    else this.#enqueueLater(key);
  }
}

/** Whether an update can change what `#reconcile` counts: metadata, phase or readiness. */
function matters(pod: Pod, old: Pod): boolean {
  return (
    pod.metadata.labels !== old.metadata.labels ||
    pod.metadata.ownerReferences !== old.metadata.ownerReferences ||
    pod.status?.phase !== old.status?.phase ||
    pod.status?.conditions !== old.status?.conditions
  );
}
