/**
 * The garbage collector (`pkg/controller/garbagecollector`): deletes objects whose owners are gone, and carries out
 * foreground and orphaning deletion. The graph of owners is not kept apart: the shared informers' index of owner uids is the graph.
 * Left out: the event OwnerRefInvalidNamespace.
 */
import type { ResourceDefinition } from '../../api/resource.ts';
import { apiVersionOf } from '../../api/resource.ts';
import { keyOf, splitKey } from '../../apimachinery/meta.ts';
import type { KubernetesObject, OwnerReference } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { startController } from '../../client/controller.ts';
import type { Controller } from '../../client/controller.ts';
import { Informer } from '../../client/informer.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import type { ControllerDeps } from '../deps.ts';
import { blocking, FOREGROUND_FINALIZER, isDeletingDependents, isOrphaning, judge, ORPHAN_FINALIZER } from './owners.ts';
import type { OwnerState } from './owners.ts';

const BY_OWNER = 'ownerUid';
/** Known dead owners; uids never come back (`absentOwnerCache`). */
const MAX_ABSENT_OWNERS = 500;
const SEPARATOR = '|';

interface Monitor {
  name: string;
  resource: ResourceDefinition;
  informer: Informer<KubernetesObject>;
}

/** How often kinds are discovered (`GarbageCollector.Sync`), ms. */
const SYNC_PERIOD_MS = 30_000;

/**
 * Starts the collector. `kinds` are watched from the start; `discovered` gives what is served now, custom resources among them, and is
 * asked every 30 s. Kinds that are in neither own nothing and are not collected.
 */
export function startGarbageCollector(
  deps: ControllerDeps,
  kinds: readonly ResourceDefinition[],
  discovered: () => readonly ResourceDefinition[],
): void {
  const collector = new Collector(deps);
  for (const resource of kinds) collector.addResource(resource);
  const known = new Set(kinds.map(nameOf));
  const sync = () => collector.sync(discovered().filter((resource) => !known.has(nameOf(resource))));
  sync();
  deps.scope.every(SYNC_PERIOD_MS, 'sync monitors', '', sync);
}

const nameOf = ({ plural, group }: { plural: string; group: string }): string => (group ? `${plural}.${group}` : plural);

/** Owners are found whatever version their references name. */
const kindKey = (apiVersion: string, kind: string): string =>
  `${apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : ''}/${kind}`;

class Collector {
  readonly #deps: ControllerDeps;
  readonly #controller: Controller;
  readonly #monitors = new Map<string, Monitor>();
  readonly #byKind = new Map<string, Monitor>();
  readonly #absentOwners = new Set<string>();
  /** Kinds of CustomResourceDefinitions, each with an informer of its own that ends with it. */
  readonly #custom = new Map<string, { scope: TaskScope; version: string }>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#controller = startController(deps.scope, 'objects', (key) => this.#reconcile(key), [this]);
  }

  get hasSynced(): boolean {
    return [...this.#monitors.values()].every(({ informer }) => informer.hasSynced);
  }

  addResource(resource: ResourceDefinition): void {
    this.#monitor(resource, this.#deps.informers.informer(resource));
  }

  /** Begins to watch kinds that are new, and ends with those that are not served any more. */
  sync(custom: readonly ResourceDefinition[]): void {
    const wanted = new Map(custom.map((resource) => [nameOf(resource), resource]));
    for (const [name, { scope, version }] of this.#custom) {
      if (wanted.get(name)?.version === version) continue;
      scope.kill();
      this.#custom.delete(name);
      const monitor = this.#monitors.get(name);
      this.#monitors.delete(name);
      if (monitor !== undefined) this.#byKind.delete(kindKey(apiVersionOf(monitor.resource), monitor.resource.kind));
    }
    for (const [name, resource] of wanted) {
      if (this.#custom.has(name)) continue;
      const scope = this.#deps.scope.child(this.#deps.scope.component);
      this.#custom.set(name, { scope, version: resource.version });
      const informer = new Informer(scope, this.#deps.client, resource);
      this.#monitor(resource, informer);
      scope.post('list', resource.plural, () => informer.start());
    }
  }

  #monitor(resource: ResourceDefinition, informer: Informer<KubernetesObject>): void {
    const name = nameOf(resource);
    informer.addIndex(BY_OWNER, ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? []);
    const monitor: Monitor = { name, resource, informer };
    this.#monitors.set(name, monitor);
    this.#byKind.set(kindKey(apiVersionOf(resource), resource.kind), monitor);
    informer.addHandler(
      {
        add: (object) => this.#changed(monitor, object, undefined),
        update: (object, old) => this.#changed(monitor, object, old),
        delete: (object) => this.#deleted(object),
      },
      this.#deps.scope,
    );
  }

  #enqueue(monitor: Monitor, object: KubernetesObject): void {
    this.#controller.enqueue(`${monitor.name}${SEPARATOR}${keyOf(object)}`);
  }

  /** `processGraphChanges` for additions and updates. */
  #changed(monitor: Monitor, object: KubernetesObject, old: KubernetesObject | undefined): void {
    const { metadata } = object;
    if (isOrphaning(object) && (old === undefined || !isOrphaning(old))) this.#enqueue(monitor, object);
    if (isDeletingDependents(object) && (old === undefined || !isDeletingDependents(old))) {
      for (const dependent of this.#dependentsOf(object)) this.#enqueue(dependent.monitor, dependent.object);
      this.#enqueue(monitor, object);
    }
    if (metadata.ownerReferences === old?.metadata.ownerReferences) return;
    // An owner that waits may wait for this one no longer.
    for (const reference of old?.metadata.ownerReferences ?? []) this.#enqueueWaitingOwner(object, reference);
    const orphaned = metadata.ownerReferences?.some((reference) => {
      const owner = this.#cachedOwner(object, reference);
      return owner === undefined || isDeletingDependents(owner);
    });
    if (orphaned) this.#enqueue(monitor, object);
  }

  #deleted(object: KubernetesObject): void {
    for (const dependent of this.#dependentsOf(object)) this.#enqueue(dependent.monitor, dependent.object);
    for (const reference of object.metadata.ownerReferences ?? []) this.#enqueueWaitingOwner(object, reference);
  }

  #enqueueWaitingOwner(object: KubernetesObject, reference: OwnerReference): void {
    const monitor = this.#byKind.get(kindKey(reference.apiVersion, reference.kind));
    const owner = this.#cachedOwner(object, reference);
    if (monitor !== undefined && owner !== undefined && isDeletingDependents(owner)) this.#enqueue(monitor, owner);
  }

  *#dependentsOf({ metadata }: KubernetesObject): IterableIterator<{ monitor: Monitor; object: KubernetesObject }> {
    for (const monitor of this.#monitors.values()) {
      for (const object of [...monitor.informer.byIndex(BY_OWNER, metadata.uid)]) yield { monitor, object };
    }
  }

  #cachedOwner(dependent: KubernetesObject, { apiVersion, kind, name, uid }: OwnerReference): KubernetesObject | undefined {
    const monitor = this.#byKind.get(kindKey(apiVersion, kind));
    const owner = monitor?.informer.get(keyOf({ metadata: ownerKey(monitor.resource, dependent, name) }));
    return owner?.metadata.uid === uid ? owner : undefined;
  }

  #reconcile(key: string): void {
    const cut = key.indexOf(SEPARATOR);
    const monitor = this.#monitors.get(key.slice(0, cut));
    const cached = monitor?.informer.get(key.slice(cut + 1));
    if (monitor === undefined || cached === undefined) return;
    const object = this.#deps.client.find(monitor.resource, splitKey(key.slice(cut + 1)));
    if (object === undefined || object.metadata.uid !== cached.metadata.uid) return;
    if (isOrphaning(object)) return this.#orphanDependents(monitor, object);
    if (isDeletingDependents(object)) return this.#finishForeground(monitor, object);
    if (object.metadata.deletionTimestamp !== undefined) return;
    const dependents = [...this.#dependentsOf(object)].map((dependent) => dependent.object);
    const verdict = judge(object, (reference) => this.#stateOf(object, reference), dependents);
    if (verdict.action === 'keep') return;
    if (verdict.action === 'drop references') return this.#patchReferences(monitor, object, (uid) => !verdict.uids.includes(uid));
    if (verdict.unblock) this.#unblockOwners(monitor, object);
    this.#ignoreGone(() =>
      this.#deps.client.delete(monitor.resource, object.metadata, {
        propagationPolicy: verdict.policy,
        preconditions: { uid: object.metadata.uid },
      }),
    );
  }

  #stateOf(dependent: KubernetesObject, reference: OwnerReference): OwnerState {
    if (this.#absentOwners.has(reference.uid)) return 'dangling';
    const monitor = this.#byKind.get(kindKey(reference.apiVersion, reference.kind));
    // Who owns objects by a kind that nobody serves keeps them: it may be installed later.
    if (monitor === undefined) return 'solid';
    const owner =
      this.#cachedOwner(dependent, reference) ??
      this.#deps.client.find(monitor.resource, ownerKey(monitor.resource, dependent, reference.name));
    if (owner?.metadata.uid !== reference.uid) {
      this.#rememberAbsent(reference.uid);
      return 'dangling';
    }
    return isDeletingDependents(owner) ? 'waiting' : 'solid';
  }

  #rememberAbsent(uid: string): void {
    this.#absentOwners.add(uid);
    if (this.#absentOwners.size <= MAX_ABSENT_OWNERS) return;
    for (const oldest of this.#absentOwners) {
      this.#absentOwners.delete(oldest);
      return;
    }
  }

  /** Lets the owner go once nothing blocks it; otherwise makes sure that what does is on its way (`processDeletingDependentsItem`). */
  #finishForeground(monitor: Monitor, owner: KubernetesObject): void {
    const dependents = [...this.#dependentsOf(owner)];
    const waitedFor = new Set(
      blocking(
        owner,
        dependents.map(({ object }) => object),
      ),
    );
    if (waitedFor.size === 0) return this.#removeFinalizer(monitor, owner, FOREGROUND_FINALIZER);
    for (const dependent of dependents) {
      if (waitedFor.has(dependent.object) && dependent.object.metadata.deletionTimestamp === undefined)
        this.#enqueue(dependent.monitor, dependent.object);
    }
  }

  /** `orphanDependents`, then the owner may go. */
  #orphanDependents(monitor: Monitor, owner: KubernetesObject): void {
    for (const dependent of this.#dependentsOf(owner))
      this.#patchReferences(dependent.monitor, dependent.object, (uid) => uid !== owner.metadata.uid);
    this.#removeFinalizer(monitor, owner, ORPHAN_FINALIZER);
  }

  #patchReferences({ resource }: Monitor, { metadata }: KubernetesObject, keep: (uid: string) => boolean): void {
    const ownerReferences = (metadata.ownerReferences ?? []).filter(({ uid }) => keep(uid));
    this.#patch(resource, metadata, { uid: metadata.uid, resourceVersion: metadata.resourceVersion, ownerReferences });
  }

  #unblockOwners({ resource }: Monitor, { metadata }: KubernetesObject): void {
    const ownerReferences = (metadata.ownerReferences ?? []).map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    this.#patch(resource, metadata, { uid: metadata.uid, ownerReferences });
  }

  #removeFinalizer({ resource }: Monitor, { metadata }: KubernetesObject, finalizer: string): void {
    const finalizers = (metadata.finalizers ?? []).filter((name) => name !== finalizer);
    this.#patch(resource, metadata, { resourceVersion: metadata.resourceVersion, finalizers });
  }

  #patch(resource: ResourceDefinition, key: { namespace?: string; name: string }, metadata: Record<string, unknown>): void {
    this.#ignoreGone(() => this.#deps.client.patch(resource, key, 'merge', { metadata }));
  }

  #ignoreGone(act: () => unknown): void {
    try {
      act();
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

function ownerKey(resource: ResourceDefinition, dependent: KubernetesObject, name: string): { namespace?: string; name: string } {
  return resource.namespaced ? { namespace: dependent.metadata.namespace, name } : { name };
}
