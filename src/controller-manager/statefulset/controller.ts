/**
 * The StatefulSet controller (`pkg/controller/statefulset`): pods with names and claims that survive them, brought up,
 * updated and removed in order.
 * Left out: maxUnavailable of rolling updates (alpha), and repair of labels that somebody took off a pod.
 */
import { ControllerRevisionResource } from '../../api/apps/controller-revision.ts';
import { StatefulSetResource } from '../../api/apps/stateful-set.ts';
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { controllerOf, keyOf } from '../../apimachinery/meta.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import { ownRevisions, syncHistory, templateOf, truncateHistory } from '../controller-history.ts';
import { claimObjects } from '../controller-ref-manager.ts';
import { coalesceMs } from '../deps.ts';
import type { ControllerDeps } from '../deps.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import { claimable, indexByController, isPodTerminal, nextAvailabilityMs } from '../pods.ts';
import { claimName, claimOwners, claimsOf, ordinalOf, podName, podOf } from './identity.ts';
import { nextSteps } from './order.ts';
import type { Replica, Wanted } from './order.ts';
import { isRunningAndAvailable, revisionOf, statusOf } from './status.ts';
import type { Revisions } from './status.ts';

/** Starts the controller. */
export function startStatefulSetController(deps: ControllerDeps): void {
  new StatefulSetController(deps);
}

class StatefulSetController {
  readonly #deps: ControllerDeps;
  readonly #sets: Informer<StatefulSet>;
  readonly #pods: Informer<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #revisions: Informer<ControllerRevision>;
  readonly #controller: Controller;
  readonly #sizes = new Map<string, number>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#sets = deps.informers.informer(StatefulSetResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
    this.#pods = indexByController(deps.informers.informer(PodResource));
    this.#claims = deps.informers.informer(PersistentVolumeClaimResource);
    this.#revisions = indexByController(deps.informers.informer(ControllerRevisionResource));
    const caches = [this.#sets, this.#pods, this.#claims, this.#revisions];
    this.#controller = startController(deps.scope, 'statefulsets', (key) => this.#reconcile(key), caches);
    const enqueue = (set: StatefulSet) => this.#controller.enqueue(keyOf(set));
    this.#sets.addHandler({ add: enqueue, update: enqueue, delete: enqueue }, deps.scope);
    const podChanged = (pod: Pod) => this.#podChanged(pod);
    this.#pods.addHandler({ add: podChanged, update: podChanged, delete: podChanged }, deps.scope);
  }

  #podChanged(pod: Pod): void {
    const owner = controllerOf(pod);
    if (owner !== undefined && owner.kind !== 'StatefulSet') return;
    const namespace = pod.metadata.namespace ?? '';
    const found = owner === undefined ? this.#sets.byIndex('namespace', namespace) : [this.#sets.get(`${namespace}/${owner.name}`)];
    for (const set of found) {
      if (set === undefined || (owner !== undefined && owner.uid !== set.metadata.uid)) continue;
      if (owner === undefined && !labelSelectorAsSelector(set.spec.selector).matches(pod.metadata.labels)) continue;
      const key = keyOf(set);
      this.#controller.enqueueAfter(key, coalesceMs(this.#sizes.get(key) ?? 0));
    }
  }

  #reconcile(key: string): Requeue | undefined {
    const set = this.#sets.get(key);
    if (set === undefined) {
      this.#sizes.delete(key);
      return undefined;
    }
    const { client, scope } = this.#deps;
    const history = syncHistory(
      client,
      set,
      ownRevisions(client, this.#revisions, set, StatefulSetResource),
      set.status?.collisionCount ?? 0,
    );
    const current = history.all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? history.update;
    const revisions: Revisions = { current, update: history.update, collisionCount: history.collisionCount };
    const pods = this.#claimPods(set);
    this.#sizes.set(key, pods.length);
    const failure = set.metadata.deletionTimestamp === undefined ? this.#act(set, revisions, pods) : undefined;
    const status = statusOf(set, revisions, pods, scope.now);
    if (!deepEqual(set.status, status)) client.updateStatus(StatefulSetResource, { ...set, status });
    if (failure !== undefined) throw failure;
    const live = new Set([status.currentRevision, status.updateRevision, ...pods.map(revisionOf)]);
    truncateHistory(client, history.all, ({ metadata }) => live.has(metadata.name), set.spec.revisionHistoryLimit ?? 10);
    const waitMs = nextAvailabilityMs(pods, set.spec.minReadySeconds ?? 0, scope.now);
    return waitMs === undefined ? undefined : requeueAfter(waitMs);
  }

  #claimPods(set: StatefulSet): Pod[] {
    const selector = labelSelectorAsSelector(set.spec.selector);
    const matches = (pod: Pod) => selector.matches(pod.metadata.labels) && ordinalOf(set, pod) >= 0;
    const { client } = this.#deps;
    return claimObjects(
      { client, owner: set, ownerResource: StatefulSetResource, resource: PodResource, matches },
      claimable(this.#pods, set),
    );
  }

  /** Carries out the next steps; returns the first refusal, so that the status is written all the same. */
  #act(set: StatefulSet, revisions: Revisions, pods: readonly Pod[]): StatusError | undefined {
    const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
    const steps = nextSteps(
      wantedOf(set),
      pods.map((pod) => this.#replicaOf(set, revisions, pod)),
    );
    try {
      this.#repairClaims(set, pods);
      for (const ordinal of steps.create) this.#create(set, revisions, ordinal);
      for (const ordinal of steps.restart) this.#restart(set, byOrdinal.get(ordinal));
      for (const ordinal of steps.remove) this.#delete(set, byOrdinal.get(ordinal));
      for (const ordinal of steps.update) this.#delete(set, byOrdinal.get(ordinal));
    } catch (error) {
      if (error instanceof StatusError) return error;
      throw error;
    }
    return undefined;
  }

  #replicaOf(set: StatefulSet, { update }: Revisions, pod: Pod): Replica {
    return {
      ordinal: ordinalOf(set, pod),
      terminating: pod.metadata.deletionTimestamp !== undefined,
      ended: isPodTerminal(pod),
      available: isRunningAndAvailable(pod, set.spec.minReadySeconds ?? 0, this.#deps.scope.now),
      outdated: revisionOf(pod) !== update.metadata.name,
    };
  }

  #create(set: StatefulSet, { current, update }: Revisions, ordinal: number): void {
    const { client, recorder } = this.#deps;
    const name = podName(set, ordinal);
    const keepsOld = ordinal < (set.spec.ordinals?.start ?? 0) + (partitionOf(set) ?? 0);
    const revision = keepsOld ? current : update;
    try {
      this.#createClaims(set, ordinal);
      client.create(
        PodResource,
        podOf(set, revision === update ? set.spec.template : templateOf(revision), revision.metadata.name, ordinal),
      );
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      // A pod of this name that is not ours, or that our cache does not know yet: tried again, without an event.
      if (error instanceof StatusError && error.reason !== 'AlreadyExists') {
        recorder.event(
          set,
          'Warning',
          'FailedCreate',
          `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${error.message}`,
        );
      }
      throw error;
    }
    recorder.event(set, 'Normal', 'SuccessfulCreate', `create Pod ${name} in StatefulSet ${set.metadata.name} successful`);
  }

  #createClaims(set: StatefulSet, ordinal: number): void {
    const { client, recorder } = this.#deps;
    for (const claim of claimsOf(set, ordinal)) {
      const { name = '', namespace = '' } = claim.metadata;
      if (this.#claims.get(`${namespace}/${name}`) !== undefined) continue;
      const what = `create Claim ${name} Pod ${podName(set, ordinal)} in StatefulSet ${set.metadata.name}`;
      try {
        client.create(PersistentVolumeClaimResource, claim);
        recorder.event(set, 'Normal', 'SuccessfulCreate', `${what} success`);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) continue;
        if (error instanceof StatusError) recorder.event(set, 'Warning', 'FailedCreate', `${what} failed error: ${error.message}`);
        throw error;
      }
    }
  }

  /** Makes the claims of existing pods belong to whom the retention policy says. */
  #repairClaims(set: StatefulSet, pods: readonly Pod[]): void {
    if ((set.spec.volumeClaimTemplates ?? []).length === 0) return;
    const { start, replicas } = wantedOf(set);
    for (const pod of pods) {
      const ordinal = ordinalOf(set, pod);
      const condemned = ordinal < start || ordinal >= start + replicas;
      for (const template of set.spec.volumeClaimTemplates ?? []) {
        const claim = this.#claims.get(`${set.metadata.namespace ?? ''}/${claimName(set, template.metadata.name ?? '', ordinal)}`);
        if (claim !== undefined) this.#setClaimOwners(set, claim, claimOwners(set, condemned ? pod : undefined));
      }
    }
  }

  #setClaimOwners(set: StatefulSet, claim: PersistentVolumeClaim, owners: ReturnType<typeof claimOwners>): void {
    const isOurs = ({ kind, name, uid }: { kind: string; name: string; uid: string }) =>
      uid === set.metadata.uid || (kind === 'Pod' && claim.metadata.name.endsWith(name));
    const present = claim.metadata.ownerReferences ?? [];
    const ownerReferences = [...present.filter((reference) => !isOurs(reference)), ...owners];
    if (deepEqual(present, ownerReferences)) return;
    this.#deps.client.update(PersistentVolumeClaimResource, { ...claim, metadata: { ...claim.metadata, ownerReferences } });
  }

  /** A pod that ended is deleted; its successor comes when it is gone. */
  #restart(set: StatefulSet, pod: Pod | undefined): void {
    if (pod === undefined) return;
    const where = `StatefulSet ${keyOf(set)} is recreating`;
    if (pod.status?.phase === 'Failed') {
      this.#deps.recorder.event(set, 'Warning', 'RecreatingFailedPod', `${where} failed Pod ${pod.metadata.name}`);
    } else this.#deps.recorder.event(set, 'Normal', 'RecreatingTerminatedPod', `${where} terminated Pod ${pod.metadata.name}`);
    this.#delete(set, pod);
  }

  #delete(set: StatefulSet, pod: Pod | undefined): void {
    if (pod === undefined) return;
    const { client, recorder } = this.#deps;
    const what = `delete Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      client.delete(PodResource, pod.metadata);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (error instanceof StatusError) recorder.event(set, 'Warning', 'FailedDelete', `${what} failed error: ${error.message}`);
      throw error;
    }
    recorder.event(set, 'Normal', 'SuccessfulDelete', `${what} successful`);
  }
}

function partitionOf({ spec }: StatefulSet): number | undefined {
  return spec.updateStrategy?.type === 'OnDelete' ? undefined : (spec.updateStrategy?.rollingUpdate?.partition ?? 0);
}

function wantedOf(set: StatefulSet): Wanted {
  const { spec } = set;
  return {
    start: spec.ordinals?.start ?? 0,
    replicas: spec.replicas ?? 1,
    ordered: spec.podManagementPolicy !== 'Parallel',
    partition: partitionOf(set),
  };
}
