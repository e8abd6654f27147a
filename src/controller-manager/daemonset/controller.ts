/**
 * The DaemonSet controller (`pkg/controller/daemon`): one pod on every node that the template tolerates and selects; the
 * scheduler places it, by node affinity.
 */
import { ControllerRevisionResource } from '../../api/apps/controller-revision.ts';
import { DaemonSetResource } from '../../api/apps/daemon-set.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { ControllerRevision, DaemonSet, DaemonSetStatus, Node, Pod } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { controllerOf, keyOf } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { hashOf, ownRevisions, REVISION_HASH, syncHistory, truncateHistory } from '../controller-history.ts';
import type { History } from '../controller-history.ts';
import { claimObjects } from '../controller-ref-manager.ts';
import { coalesceMs } from '../deps.ts';
import type { ControllerDeps } from '../deps.ts';
import { Expectations, slowStartBatch } from '../expectations.ts';
import { createPod, deletePod, isNamespaceTerminating, podFromTemplate } from '../pod-control.ts';
import { claimable, indexByController, nextAvailabilityMs } from '../pods.ts';
import { daemonTolerations, shouldRun, specForNode, targetNode } from './eligibility.ts';
import { counts, manage, rollingUpdate } from './update.ts';
import type { Changes, NodePods, Rollout } from './update.ts';

/** Pods created or deleted in one sync at most (`BurstReplicas`). */
const BURST_REPLICAS = 250;
const BACKOFF_FIRST_MS = 1000;
const BACKOFF_MAX_MS = 15 * 60_000;
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';
const GENERATION_LABEL = 'pod-template-generation';

/** Starts the controller. */
export function startDaemonSetController(deps: ControllerDeps): void {
  new DaemonSetController(deps);
}

class DaemonSetController {
  readonly #deps: ControllerDeps;
  readonly #sets: Informer<DaemonSet>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #controller: Controller;
  readonly #expectations = new Expectations();
  /** When a failed pod of a set may be replaced on a node, and the wait after the next failure. */
  readonly #backoff = new Map<string, { untilMs: number; waitMs: number }>();
  readonly #sizes = new Map<string, number>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#sets = deps.informers.informer(DaemonSetResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
    this.#pods = indexByController(deps.informers.informer(PodResource));
    this.#nodes = deps.informers.informer(NodeResource);
    this.#revisions = indexByController(deps.informers.informer(ControllerRevisionResource));
    const caches = [this.#sets, this.#pods, this.#nodes, this.#revisions];
    this.#controller = startController(deps.scope, 'daemonsets', (key) => this.#reconcile(key), caches);
    this.#watch();
  }

  #reconcile(key: string): Requeue | undefined {
    const set = this.#sets.get(key);
    if (set === undefined) {
      this.#expectations.forget(key);
      this.#sizes.delete(key);
      return undefined;
    }
    if (set.metadata.deletionTimestamp !== undefined) return undefined;
    const history = syncHistory(
      this.#deps.client,
      set,
      ownRevisions(this.#deps.client, this.#revisions, set, DaemonSetResource),
      set.status?.collisionCount ?? 0,
    );
    const rollout: Rollout = { set, hash: hashOf(history.update), nowMs: this.#deps.scope.now };
    const owned = this.#claim(set);
    const placed = this.#place(set, owned);
    this.#sizes.set(key, owned.length);
    let waitMs: number | undefined;
    if (this.#expectations.satisfied(key, this.#deps.scope.now)) waitMs = this.#sync(key, rollout, placed, owned);
    if (this.#expectations.satisfied(key, this.#deps.scope.now)) this.#updatePods(key, rollout, placed, history, owned);
    this.#updateStatus(rollout, placed, history);
    const availableMs = nextAvailabilityMs(owned, set.spec.minReadySeconds ?? 0, this.#deps.scope.now);
    const soonest = Math.min(waitMs ?? Infinity, availableMs ?? Infinity);
    return soonest === Infinity ? undefined : requeueAfter(soonest);
  }

  #claim(set: DaemonSet): Pod[] {
    const selector = labelSelectorAsSelector(set.spec.selector);
    const matches = ({ metadata }: Pod) => selector.matches(metadata.labels);
    return claimObjects(
      { client: this.#deps.client, owner: set, ownerResource: DaemonSetResource, resource: PodResource, matches },
      claimable(this.#pods, set),
    );
  }

  #place(set: DaemonSet, owned: readonly Pod[]): NodePods[] {
    const perNode = new Map<string, Pod[]>();
    for (const pod of owned) {
      const node = targetNode(pod);
      if (node === undefined) continue;
      const there = perNode.get(node);
      if (there === undefined) perNode.set(node, [pod]);
      else there.push(pod);
    }
    return [...this.#nodes.list()].map((node) => ({
      node: node.metadata.name,
      pods: perNode.get(node.metadata.name) ?? [],
      ...shouldRun(set.spec.template.spec, node),
    }));
  }

  /** Returns in how many ms a failed pod may be replaced, if one waits. */
  #sync(key: string, rollout: Rollout, placed: readonly NodePods[], owned: readonly Pod[]): number | undefined {
    let waitMs: number | undefined;
    const changes = manage(rollout, placed, (pod) => {
      const leftMs = this.#replaceEnded(rollout.set, pod);
      if (leftMs > 0) waitMs = Math.min(waitMs ?? Infinity, leftMs);
      return leftMs <= 0;
    });
    // Pods that wait for a node that is gone will never be scheduled.
    const lost = owned.filter(
      (pod) => !pod.spec.nodeName && pod.metadata.deletionTimestamp === undefined && this.#nodes.get(targetNode(pod) ?? '') === undefined,
    );
    this.#apply(key, rollout, { create: changes.create, delete: [...changes.delete, ...lost] });
    return waitMs;
  }

  /** Announces what becomes of a pod that ended; the ms until then. */
  #replaceEnded(set: DaemonSet, pod: Pod): number {
    const { namespace = '', name } = pod.metadata;
    if (pod.status?.phase === 'Succeeded') {
      this.#deps.recorder.event(
        set,
        'Normal',
        'SucceededDaemonPod',
        `Found succeeded daemon pod ${namespace}/${name} on node ${pod.spec.nodeName ?? ''}, will try to delete it`,
      );
      return 0;
    }
    const key = `${set.metadata.uid}/${pod.spec.nodeName ?? ''}`;
    const known = this.#backoff.get(key);
    if (known !== undefined && this.#deps.scope.now < known.untilMs) return known.untilMs - this.#deps.scope.now;
    const waitMs = Math.min(known === undefined ? BACKOFF_FIRST_MS : known.waitMs * 2, BACKOFF_MAX_MS);
    this.#backoff.set(key, { untilMs: this.#deps.scope.now + waitMs, waitMs });
    this.#deps.recorder.event(
      set,
      'Warning',
      'FailedDaemonPod',
      `Found failed daemon pod ${namespace}/${name} on node ${pod.spec.nodeName ?? ''}, will try to kill it`,
    );
    return 0;
  }

  #updatePods(key: string, rollout: Rollout, placed: readonly NodePods[], history: History, owned: readonly Pod[]): void {
    const { set } = rollout;
    if (set.spec.updateStrategy?.type !== 'OnDelete') this.#apply(key, rollout, rollingUpdate(rollout, placed));
    const live = new Set(owned.map(({ metadata }) => metadata.labels?.[REVISION_HASH]));
    truncateHistory(this.#deps.client, history.all, (revision) => live.has(hashOf(revision)), set.spec.revisionHistoryLimit ?? 10);
  }

  #apply(key: string, { set, hash }: Rollout, changes: Changes): void {
    const create = changes.create.slice(0, BURST_REPLICAS);
    const remove = changes.delete.slice(0, BURST_REPLICAS);
    if (create.length === 0 && remove.length === 0) return;
    this.#expectations.expect(key, create.length, remove.map(keyOf), this.#deps.scope.now);
    const failure = this.#createPods(key, set, hash, create) ?? this.#deletePods(key, set, remove);
    if (failure !== undefined) throw failure;
  }

  #createPods(key: string, set: DaemonSet, hash: string, on: readonly string[]): unknown {
    const { template } = set.spec;
    const generation = set.metadata.annotations?.[GENERATION_ANNOTATION];
    const labels = {
      ...template.metadata?.labels,
      [REVISION_HASH]: hash,
      ...(generation !== undefined && { [GENERATION_LABEL]: generation }),
    };
    const tolerations = daemonTolerations(template.spec);
    let index = 0;
    const { successes, error } = slowStartBatch(on.length, () => {
      const spec = specForNode(template.spec, tolerations, on[index++] ?? '');
      try {
        createPod(this.#deps, set, podFromTemplate(template, set, { metadata: { labels }, spec }));
      } catch (refusal) {
        if (!isNamespaceTerminating(refusal)) throw refusal;
      }
    });
    for (let skipped = on.length - successes; skipped > 0; skipped--) this.#expectations.creationObserved(key);
    return error;
  }

  #deletePods(key: string, set: DaemonSet, remove: readonly Pod[]): unknown {
    let failure: unknown;
    for (const pod of remove) {
      try {
        deletePod(this.#deps, set, pod);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        if (!hasReason(error, 'NotFound')) failure ??= error;
      }
    }
    return failure;
  }

  #updateStatus(rollout: Rollout, placed: readonly NodePods[], { collisionCount }: History): void {
    const { set } = rollout;
    const { desired, current, misscheduled, ready, available, updated } = counts(rollout, placed);
    const status: DaemonSetStatus = {
      currentNumberScheduled: current,
      numberMisscheduled: misscheduled,
      desiredNumberScheduled: desired,
      numberReady: ready,
      ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
      ...(updated > 0 && { updatedNumberScheduled: updated }),
      ...(available > 0 && { numberAvailable: available }),
      ...(desired > available && { numberUnavailable: desired - available }),
      ...(collisionCount > 0 && { collisionCount }),
      ...(set.status?.conditions && { conditions: set.status.conditions }),
    };
    if (!deepEqual(set.status, status)) this.#deps.client.updateStatus(DaemonSetResource, { ...set, status });
  }

  #watch(): void {
    const enqueue = (set: DaemonSet) => this.#controller.enqueue(keyOf(set));
    this.#sets.addHandler(
      {
        add: enqueue,
        update: enqueue,
        delete: (set) => {
          this.#expectations.forget(keyOf(set));
          enqueue(set);
        },
      },
      this.#deps.scope,
    );
    const nodeChanged = (node: Node, old: Node | undefined) => {
      for (const set of this.#sets.list()) {
        const now = shouldRun(set.spec.template.spec, node);
        if (old === undefined ? now.shouldRun : !deepEqual(now, shouldRun(set.spec.template.spec, old))) enqueue(set);
      }
    };
    this.#nodes.addHandler(
      {
        add: (node) => nodeChanged(node, undefined),
        update: (node, old) => {
          if (node.metadata.labels !== old.metadata.labels || node.spec !== old.spec) nodeChanged(node, old);
        },
        delete: (node) => nodeChanged(node, undefined),
      },
      this.#deps.scope,
    );
    this.#pods.addHandler(
      { add: (pod) => this.#podAdded(pod), update: (pod, old) => this.#podUpdated(pod, old), delete: (pod) => this.#podDeleted(pod) },
      this.#deps.scope,
    );
  }

  #ownerOf(pod: Pod): DaemonSet | undefined {
    const reference = controllerOf(pod);
    if (reference?.kind !== 'DaemonSet') return undefined;
    const set = this.#sets.get(`${pod.metadata.namespace ?? ''}/${reference.name}`);
    return set?.metadata.uid === reference.uid ? set : undefined;
  }

  #podAdded(pod: Pod): void {
    if (controllerOf(pod) === undefined) return this.#enqueueMatching(pod);
    const set = this.#ownerOf(pod);
    if (set === undefined) return;
    this.#expectations.creationObserved(keyOf(set));
    this.#enqueueLater(set);
  }

  #podUpdated(pod: Pod, old: Pod): void {
    const set = this.#ownerOf(pod);
    if (set === undefined) {
      if (controllerOf(pod) === undefined && (pod.metadata.labels !== old.metadata.labels || controllerOf(old) !== undefined))
        this.#enqueueMatching(pod);
      const before = this.#ownerOf(old);
      if (before !== undefined) this.#enqueueLater(before);
    } else this.#enqueueLater(set);
  }

  #podDeleted(pod: Pod): void {
    const set = this.#ownerOf(pod);
    if (set === undefined) return;
    this.#expectations.deletionObserved(keyOf(set), keyOf(pod));
    this.#enqueueLater(set);
  }

  #enqueueLater(set: DaemonSet): void {
    const key = keyOf(set);
    this.#controller.enqueueAfter(key, coalesceMs(this.#sizes.get(key) ?? 0));
  }

  #enqueueMatching(pod: Pod): void {
    for (const set of this.#sets.byIndex('namespace', pod.metadata.namespace ?? '')) {
      if (labelSelectorAsSelector(set.spec.selector).matches(pod.metadata.labels)) this.#enqueueLater(set);
    }
  }
}
