/**
 * The kubelet of one node (`pkg/kubelet/kubelet.go`): registers the node, watches the pods bound to it, and runs one
 * worker for each. Everything it does it does through the API and its container runtime.
 */
import { PodResource } from '../api/core/pod.ts';
import { ServiceResource } from '../api/core/service.ts';
import { NodeResource } from '../api/core/node.ts';
import { notFound, StatusError } from '../apimachinery/status.ts';
import type { Node, Pod, Service } from '../api/generated/types.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { Informer } from '../client/informer.ts';
import type { ExecResult, LogLine } from '../container-runtime/cri.ts';
import { admitPod } from './admission.ts';
import { ConfigCache } from './config-cache.ts';
import type { DnsSettings } from './dns.ts';
import { EtcFiles } from './etc-files.ts';
import { evictionCandidate } from './eviction.ts';
import type { Host, KubeletOptions } from './host.ts';
import { ImageManager } from './images.ts';
import { loggedContainer, logTexts, selectLines } from './logs.ts';
import type { LogQuery } from './logs.ts';
import { allocatableOf, EVICTION_MEMORY_BYTES, networkNotReadyText } from './node-object.ts';
import { NodeReporter } from './node-status.ts';
import { PodWorker } from './pod-worker.ts';
import { ServiceEnvironments } from './service-environments.ts';
import { SharedParts } from './shared-parts.ts';
import { podUsages } from './stats.ts';
import type { PodUsage } from './stats.ts';
import { isMirrorPod, StaticPods } from './static-pods.ts';
import { VolumeManager } from './volumes/volume-manager.ts';

/** `evictionMonitoringPeriod`, ms. */
const EVICTION_PERIOD_MS = 10_000;

/** Longest wait for a pod's next sync, ms. */
const SYNC_PERIOD_MS = 75_000;

const DEFAULT_CLUSTER_DNS = ['10.96.0.10'];
const DEFAULT_HOST_DNS: DnsSettings = { nameservers: ['8.8.8.8'], searches: [], options: [] };

/** One node's agent. */
export class Kubelet implements Host {
  readonly options: KubeletOptions;
  readonly scope: Host['scope'];
  readonly client: Host['client'];
  readonly runtime: Host['runtime'];
  readonly recorder: EventRecorder;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly config: ConfigCache;
  readonly etc: EtcFiles;
  readonly shared: SharedParts;
  readonly allocatable: Host['allocatable'];
  readonly #workers = new Map<string, PodWorker>();
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #services: ServiceEnvironments;
  readonly #reporter: NodeReporter;
  readonly #statics: StaticPods;
  #memoryPressure = false;

  constructor(options: KubeletOptions) {
    const { scope, client, runtime, nodeName } = options;
    this.options = options;
    this.scope = scope;
    this.client = client;
    this.runtime = runtime;
    this.allocatable = allocatableOf(options);
    this.recorder = new EventRecorder(scope, client, { component: 'kubelet', host: nodeName });
    this.images = new ImageManager(runtime, () => scope.now);
    this.config = new ConfigCache(scope, client);
    this.shared = new SharedParts(options.nodeIp);
    const { clusterDns = DEFAULT_CLUSTER_DNS, clusterDomain = 'cluster.local', hostDns = DEFAULT_HOST_DNS } = options;
    this.etc = new EtcFiles({ clusterDns, clusterDomain, host: hostDns });
    this.volumes = new VolumeManager({
      client,
      config: this.config,
      allocatable: this.allocatable,
      nodeName,
      hostPaths: options.hostPaths ?? new Map(),
      sharedVolumes: options.sharedVolumes ?? new Map(),
      token: options.serviceAccountToken ?? placeholderToken,
    });
    this.config.onChange = (key) => this.#refreshVolumes(key);
    this.#services = new ServiceEnvironments(new Informer<Service>(scope, client, ServiceResource));
    this.#reporter = new NodeReporter(
      options,
      this.recorder,
      () => this.#health(),
      () => this.#workers.forEach((worker) => worker.networkReady()),
    );
    this.#statics = new StaticPods(options);
    this.#pods = new Informer<Pod>(scope, client, PodResource, { fieldSelector: `spec.nodeName=${nodeName}` });
    this.#nodes = new Informer<Node>(scope, client, NodeResource, { fieldSelector: `metadata.name=${nodeName}` });
    this.#addHandlers();
  }

  /** Starts the node's agent. `scope.kill()` ends it, as power loss would. */
  start(): void {
    this.runtime.onEvent(({ type, podUid, containerId }) => {
      if (type !== 'started' && this.scope.alive) this.#workers.get(podUid)?.containerExited(containerId);
    });
    if (this.options.restore) this.#restoreImages();
    this.#reporter.start();
    this.#nodes.start();
    this.#services.start();
    this.#pods.start();
    for (const pod of this.#statics.pods) this.#run(pod);
    this.#statics.createMirrors((key) => this.#pods.get(key));
    this.scope.every(EVICTION_PERIOD_MS, 'check eviction', `nodes/${this.options.nodeName}`, () => this.#checkEviction());
  }

  /** Reports the node's status now: to be called when the network's readiness changes. */
  reportNodeStatus(): void {
    this.#reporter.report();
  }

  /** The pods on the node, static ones by their manifests. */
  pods(): Pod[] {
    return [...this.#workers.values()].map(({ pod }) => pod);
  }

  /** What the node's pods use now. */
  podUsages(): PodUsage[] {
    return podUsages(this.#workers.values(), this.runtime);
  }

  /** Runtime id of a pod's container: of the last one, or the one before it. Undefined when there is none. */
  containerId(namespace: string, podName: string, containerName: string, previous = false): string | undefined {
    const record = this.#workerOf(namespace, podName)?.container(containerName);
    const id = previous ? record?.previousId : record?.id;
    return id === '' ? undefined : id;
  }

  /** The text of a container's log. Throws BadRequest with upstream's text when the container has none. */
  logs(namespace: string, podName: string, containerName: string, query: LogQuery = {}): string {
    const worker = this.#workerOf(namespace, podName);
    if (worker === undefined) throw notFound({ group: '', resource: 'pods' }, podName);
    const id = loggedContainer(worker.container(containerName), containerName, worker.pod, query.previous);
    if (this.runtime.containerStatus(id) === undefined) return `unable to retrieve container logs for containerd://${id}`;
    return logTexts(selectLines(this.runtime.logs(id), query), query);
  }

  /** Tells `listener` of each new line of the running container, until the returned function is called; undefined when none runs. */
  followLogs(namespace: string, podName: string, containerName: string, listener: (line: LogLine) => void): (() => void) | undefined {
    const id = this.containerId(namespace, podName, containerName);
    return id === undefined ? undefined : this.runtime.followLogs(id, listener);
  }

  /** Runs a command in a running container. Returns false, and never calls `done`, when there is no such container. */
  exec(
    namespace: string,
    podName: string,
    containerName: string,
    command: readonly string[],
    timeoutMs: number,
    done: (result: ExecResult) => void,
  ): boolean {
    const record = this.#workerOf(namespace, podName)?.container(containerName);
    if (record?.state !== 'running') return false;
    this.runtime.exec(record.id, command, timeoutMs, done);
    return true;
  }

  networkNotReady(): string | undefined {
    const error = this.options.networkNotReady?.();
    return error === undefined ? undefined : networkNotReadyText(error);
  }

  serviceEnv(pod: Pod) {
    return this.#services.of(pod);
  }

  admit(pod: Pod) {
    const others: Pod[] = [];
    for (const worker of this.#workers.values()) {
      if (!worker.isTerminated && worker.uid !== pod.metadata.uid && worker.isAdmitted) others.push(worker.pod);
    }
    const node = this.#nodes.get(this.options.nodeName) ?? this.#reporter.node;
    return admitPod(pod, others, this.allocatable, node, this.#statics.isStatic(pod));
  }

  apiPod(pod: Pod): Pod | undefined {
    return this.#statics.isStatic(pod) ? this.#pods.get(this.#statics.keyOf(pod)) : pod;
  }

  finished(uid: string): void {
    this.#workers.delete(uid);
  }

  /** Differs: after a reload a node has the images that its status names, at most 50; a real disk keeps all. */
  #restoreImages(): void {
    const { client, nodeName, preloadImage } = this.options;
    try {
      const images = client.find(NodeResource, { name: nodeName })?.status?.images ?? [];
      for (const name of images.flatMap(({ names = [] }) => names)) preloadImage?.(name);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #addHandlers(): void {
    this.#pods.addHandler({
      add: (pod) => this.#added(pod),
      update: (pod, old) => {
        if (pod.metadata.uid === old.metadata.uid) return this.#updated(pod);
        this.#deleted(old);
        this.#added(pod);
      },
      delete: (pod) => this.#deleted(pod),
    });
    this.#nodes.addHandler({ add: (node) => this.#reporter.observe(node), update: (node) => this.#reporter.observe(node) });
  }

  #run(pod: Pod): void {
    const worker = new PodWorker(this, pod);
    this.#workers.set(pod.metadata.uid, worker);
    worker.start();
  }

  #added(pod: Pod): void {
    if (isMirrorPod(pod)) this.#workers.get(this.#statics.uidOfMirror(pod) ?? '')?.setApiPod(pod);
    else if (!this.#workers.has(pod.metadata.uid)) this.#run(pod);
  }

  #updated(pod: Pod): void {
    const uid = isMirrorPod(pod) ? (this.#statics.uidOfMirror(pod) ?? '') : pod.metadata.uid;
    this.#workers.get(uid)?.update(pod);
    if (isMirrorPod(pod) && pod.metadata.deletionTimestamp !== undefined) this.#statics.deleteMirror(pod);
  }

  #deleted(pod: Pod): void {
    if (!isMirrorPod(pod)) return this.#workers.get(pod.metadata.uid)?.orphan();
    this.#workers.get(this.#statics.uidOfMirror(pod) ?? '')?.setApiPod(undefined);
    this.scope.post('create mirror pod', `pods/${this.#statics.keyOf(pod)}`, () =>
      this.#statics.createMirrors((key) => this.#pods.get(key)),
    );
  }

  #workerOf(namespace: string, name: string): PodWorker | undefined {
    const pod = this.#pods.get(`${namespace}/${name}`);
    if (pod === undefined) return undefined;
    return this.#workers.get(isMirrorPod(pod) ? (this.#statics.uidOfMirror(pod) ?? '') : pod.metadata.uid);
  }

  #health() {
    return { memoryPressure: this.#memoryPressure, networkNotReady: this.networkNotReady() };
  }

  /** Mounted files follow at each pod's next sync, which comes every 60 to 90 s (`syncFrequency`). */
  #refreshVolumes(key: string): void {
    for (const uid of this.volumes.users(key)) {
      this.scope.after(this.scope.random.int(SYNC_PERIOD_MS), 'sync volumes', key, () => this.volumes.refreshPod(uid));
    }
  }

  #checkEviction(): void {
    const { candidate, availableBytes } = evictionCandidate(this.#workers.values(), this.runtime, this.options);
    const pressure = availableBytes < EVICTION_MEMORY_BYTES;
    if (pressure !== this.#memoryPressure) {
      this.#memoryPressure = pressure;
      this.#reporter.report();
    }
    if (!candidate) return;
    this.recorder.event(candidate.worker.pod, 'Warning', 'Evicted', candidate.message);
    candidate.worker.evict({ reason: 'Evicted', message: candidate.message, isDisruption: true }, 1);
  }
}

/** Differs: the token is a text that names the pod, unless the cluster gives a way to ask the apiserver for one. */
function placeholderToken({ metadata, spec }: Pod, audience: string): string {
  return `kubarium.${metadata.namespace ?? ''}.${spec.serviceAccountName ?? 'default'}.${metadata.uid}.${audience || 'kubernetes'}`;
}
