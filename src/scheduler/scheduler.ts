/**
 * kube-scheduler (`pkg/scheduler`): watches pods without a node, finds each one a node, and binds it through the API.
 * One pod a task: a scheduling cycle runs to its end at one instant; binding follows as a task of its own.
 * Differs: no extenders, no dynamic resource allocation.
 */
import { NamespaceResource } from '../api/core/namespace.ts';
import { NodeResource } from '../api/core/node.ts';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../api/core/persistent-volume.ts';
import { PodResource } from '../api/core/pod.ts';
import { PodDisruptionBudgetResource } from '../api/policy/pod-disruption-budget.ts';
import { ReplicaSetResource } from '../api/apps/replica-set.ts';
import { StatefulSetResource } from '../api/apps/stateful-set.ts';
import { ReplicationControllerResource } from '../api/core/replication-controller.ts';
import { ServiceResource } from '../api/core/service.ts';
import { CSINodeResource } from '../api/storage/csi-node.ts';
import { StorageClassResource } from '../api/storage/storage-class.ts';
import type { Pod } from '../api/generated/types.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import { keyOf } from '../apimachinery/meta.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { Client } from '../client/client.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { InformerFactory } from '../client/informer.ts';
import type { Informer } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { BindingCycles } from './binding-cycle.ts';
import { Cache } from './cache/cache.ts';
import { DEFAULT_SCHEDULER_NAME } from './config.ts';
import type { KubeSchedulerConfiguration, PluginRegistry } from './config.ts';
import { DecisionRecorder } from './decision-recorder.ts';
import type { RecordingOptions } from './decision-recorder.ts';
import { addEventHandlers } from './event-handlers.ts';
import { DryRun } from './dry-run.ts';
import type { Framework, FrameworkHandle } from './framework/framework.ts';
import type { EventResource } from './framework/events.ts';
import type { Informers, WorkloadSelectors } from './framework/interface.ts';
import { DEFAULT_REGISTRY } from './plugins/index.ts';
import { podLabel, SchedulingQueue } from './queue/scheduling-queue.ts';
import { ProfileSet } from './profile-set.ts';
import { SchedulingCycle } from './scheduling-cycle.ts';
import { SettingsWatch } from './settings.ts';
import type { Settings } from './settings.ts';
import { UserPlugins } from './user-plugins.ts';

const SYNC_POLL_MS = 100;

const isWaiting = ({ spec, status }: Pod): boolean => !spec.nodeName && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

/** What a scheduler is made of. */
export interface SchedulerOptions {
  /** The process; its death ends the scheduler. */
  scope: TaskScope;
  /** Its connection, as system:kube-scheduler. */
  client: Client;
  /** KubeSchedulerConfiguration; default: one profile, default-scheduler. */
  config?: KubeSchedulerConfiguration;
  /** Plugins that the configuration may name; default: those of upstream. */
  registry?: PluginRegistry;
  /** How many decisions are recorded. */
  recording?: RecordingOptions;
  /** It is a scheduler beside kube-scheduler: it follows neither SchedulerPlugins nor the ConfigMap, and keeps count of its own decisions. */
  alone?: boolean;
}

/** A kube-scheduler. Throws BadRequest when its configuration is not valid. */
export class Scheduler {
  readonly cache: Cache = new Cache();
  readonly queue: SchedulingQueue;
  readonly #profileSet: ProfileSet;
  readonly #dryRun: DryRun;
  readonly #settings: SettingsWatch | undefined;
  readonly #userPlugins: UserPlugins | undefined;
  readonly #scope: TaskScope;
  readonly #factory: InformerFactory;
  readonly #informers: Informers & { others: [EventResource, Informer<KubernetesObject>][] };
  readonly #bindings: BindingCycles;
  readonly #recorder: DecisionRecorder;
  readonly #cycle: SchedulingCycle;
  #posted = false;

  constructor({ scope, client, config = {}, registry = DEFAULT_REGISTRY, recording, alone = false }: SchedulerOptions) {
    this.#scope = scope;
    this.#factory = new InformerFactory(scope, client);
    this.#informers = this.#makeInformers();
    this.#bindings = new BindingCycles(scope);
    this.queue = this.#makeQueue();
    const events = new EventRecorder(scope, client, { component: config.profiles?.[0]?.schedulerName ?? DEFAULT_SCHEDULER_NAME });
    const handle = this.#handle(client, events);
    this.#profileSet = new ProfileSet(handle, registry, config);
    this.#recorder = new DecisionRecorder(scope, client, events, recording);
    this.#cycle = new SchedulingCycle({
      scope,
      client,
      events,
      cache: this.cache,
      queue: this.queue,
      bindings: this.#bindings,
      recorder: this.#recorder,
      currentPod: (pod) => this.#informers.pods.get(keyOf(pod)),
    });
    this.#dryRun = new DryRun({
      handle,
      cache: this.cache,
      profile: (name, own) => this.#profileSet.resolve(name, own),
      start: () => this.#cycle.nextStartNodeIndex,
    });
    if (alone) return;
    this.#userPlugins = new UserPlugins(scope, client, this.#factory, registry, (next) => {
      this.#profileSet.setRegistry(next);
      this.#profilesChanged();
    });
    this.#settings = new SettingsWatch(scope, client, events, (settings) => this.configure(settings));
  }

  /** `schedulerName` → the plugins of that profile. */
  get profiles(): ReadonlyMap<string, Framework> {
    return this.#profileSet.frameworks;
  }

  /** Since the start: pods bound, attempts that failed, decisions recorded. */
  get counts(): { scheduled: number; failed: number; recorded: number } {
    return { ...this.#cycle.counts, recorded: this.#recorder.recorded };
  }

  /** Takes over settings while running. Throws BadRequest when they cannot be used; those before stay then. */
  configure({ config, recording }: Settings): void {
    this.#profileSet.configure(config);
    this.#recorder.configure(recording);
    this.#profilesChanged();
  }

  /** What the scheduler would do: the decision with its status filled in. Nothing changes. Throws a StatusError on bad input. */
  dryRun(decision: SchedulingDecision): SchedulingDecision {
    return this.#dryRun.run(decision);
  }

  /** Tries waiting pods again, and takes up those whose schedulerName is ours only now. */
  #profilesChanged(): void {
    this.queue.moveAll('ConfigurationChanged');
    for (const pod of this.#informers.pods.list()) {
      const { uid } = pod.metadata;
      if (isWaiting(pod) && this.#frameworkOf(pod) !== undefined && !this.queue.has(uid) && !this.cache.isAssumed(uid)) this.queue.add(pod);
    }
  }

  /** Lists, watches, and schedules from now on. */
  start(): void {
    addEventHandlers(this.#informers, {
      cache: this.cache,
      queue: this.queue,
      isOurs: (pod) => this.#frameworkOf(pod) !== undefined,
      podDeleted: ({ metadata }) => this.#bindings.reject(metadata.uid, '', 'removed'),
      volumesChanged: () => this.#bindings.recheck(),
    });
    this.#userPlugins?.start();
    this.#recorder.start(this.#settings === undefined ? (profile) => this.profiles.has(profile) : undefined);
    this.#settings?.start();
    this.#factory.start();
  }

  #makeInformers(): Informers & { others: [EventResource, Informer<KubernetesObject>][] } {
    const factory = this.#factory;
    const nodes = factory.informer(NodeResource);
    const namespaces = factory.informer(NamespaceResource);
    const storageClasses = factory.informer(StorageClassResource);
    const persistentVolumes = factory.informer(PersistentVolumeResource);
    const persistentVolumeClaims = factory.informer(PersistentVolumeClaimResource);
    const podDisruptionBudgets = factory.informer(PodDisruptionBudgetResource);
    const csiNodes = factory.informer(CSINodeResource);
    const selectors = this.#workloadSelectors();
    const pods = factory.informer(PodResource);
    const others = [
      ['CSINode', csiNodes],
      ['Namespace', namespaces],
      ['StorageClass', storageClasses],
      ['PersistentVolume', persistentVolumes],
      ['PersistentVolumeClaim', persistentVolumeClaims],
    ] as unknown as [EventResource, Informer<KubernetesObject>][];
    return {
      nodes,
      namespaces,
      storageClasses,
      persistentVolumes,
      persistentVolumeClaims,
      podDisruptionBudgets,
      csiNodes,
      selectors,
      pods,
      others,
    };
  }

  #workloadSelectors(): WorkloadSelectors {
    const services = this.#factory.informer(ServiceResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
    const replicationControllers = this.#factory.informer(ReplicationControllerResource);
    const replicaSets = this.#factory.informer(ReplicaSetResource);
    const statefulSets = this.#factory.informer(StatefulSetResource);
    return {
      services: (namespace) => services.byIndex('namespace', namespace),
      replicationController: (key) => replicationControllers.get(key),
      replicaSet: (key) => replicaSets.get(key),
      statefulSet: (key) => statefulSets.get(key),
    };
  }

  #makeQueue(): SchedulingQueue {
    return new SchedulingQueue(this.#scope, {
      initialBackoffMs: () => this.#profileSet.initialBackoffMs,
      maxBackoffMs: () => this.#profileSet.maxBackoffMs,
      less: (a, b) => this.#profileSet.any.less(a, b),
      preEnqueue: (pod) => this.#frameworkOf(pod)?.runPreEnqueue(pod),
      registrations: (plugin) => this.#profileSet.registrations(plugin),
      wake: () => this.#wake(),
    });
  }

  #handle(client: Client, events: EventRecorder): FrameworkHandle {
    return {
      scope: this.#scope,
      client,
      events,
      snapshot: this.cache,
      informers: this.#informers,
      nominator: this.queue.nominated,
      namespaceLabels: (namespace) => this.#informers.namespaces.get(namespace)?.metadata.labels,
    };
  }

  #frameworkOf({ spec }: Pod): Framework | undefined {
    return this.profiles.get(spec.schedulerName || DEFAULT_SCHEDULER_NAME);
  }

  #wake(delayMs = 0): void {
    if (this.#posted) return;
    const next = this.queue.peek();
    if (next === undefined) return;
    this.#posted = true;
    this.#scope.after(delayMs, 'schedule', podLabel(next.info.pod), () => this.#scheduleOne(), { background: delayMs > 0 });
  }

  #scheduleOne(): void {
    this.#posted = false;
    if (!this.#factory.hasSynced) return this.#wake(SYNC_POLL_MS);
    const queued = this.queue.pop();
    const framework = queued && this.#frameworkOf(queued.info.pod);
    if (queued !== undefined && framework !== undefined) this.#cycle.run(framework, queued);
    this.#wake();
  }
}
