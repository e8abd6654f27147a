/**
 * The life of one pod on its node (`pkg/kubelet/pod_workers.go` and `kubelet.go`, `SyncPod`, `SyncTerminatingPod`,
 * `SyncTerminatedPod`). `#sync` is a ladder: admit, volumes, sandbox, then one container after the other. What takes time
 * (pull, start, hook, kill) sets `#busy` and comes back here. A steady pod has no timers but its probes'.
 */
import { parseTime } from '../apimachinery/durations.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import type { Pod } from '../api/generated/types.ts';
import type { Timer } from '../sim/task-scope.ts';
import { takeOver, wasHere } from './adopt.ts';
import { BACK_OFF_SYNC_MS, holdBack, takeExit, tellBackOffs } from './container-exit.ts';
import { killContainer, PodKiller, probeKillText } from './container-killer.ts';
import { ContainerRecord, recordsOf } from './container-record.ts';
import { podObject, startContainer } from './container-starter.ts';
import { armDeadline, DEADLINE_MESSAGE } from './deadline.ts';
import type { Host } from './host.ts';
import { nextRetry, nextStep, shouldRestart } from './next-container.ts';
import { generatePodStatus } from './pod-status.ts';
import type { PodFailure } from './pod-status.ts';
import { releasePod, removeContainers } from './pod-cleanup.ts';
import type { ProbeListener } from './probes/prober.ts';
import type { ProbeType } from './probes/result.ts';
import { PodSandbox } from './sandbox.ts';
import { asksForMore, deletePodForGood, isRelabelled, writePodStatus } from './status-writer.ts';
import { VolumeMounter } from './volumes/mounter.ts';

/** A write that the API refused is tried again after this, ms (`syncPeriod` of the status manager). */
const STATUS_RETRY_MS = 10_000;
const DEFAULT_GRACE_SECONDS = 30;
/** Waiting reasons that give way to a back-off at the pod's next sync. */
const SHORT_LIVED: ReadonlySet<string> = new Set(['ErrImagePull', 'RunContainerError']);

/** One pod on the node. */
export class PodWorker {
  readonly host: Host;
  /** What runs: for a static pod its manifest, else the newest version from the API. */
  pod: Pod;
  /** The object that carries the status, newest version known; a mirror pod for a static one. */
  #api: Pod | undefined;
  records: readonly ContainerRecord[];
  readonly sandbox: PodSandbox;
  readonly #mounter: VolumeMounter;
  readonly #startedAt: number;
  readonly #restartPolicy: string;
  #state: 'new' | 'active' | 'terminating' | 'terminated' = 'new';
  #busy = false;
  /** The pod's ConfigMaps and Secrets are being watched. */
  #registered = false;
  #killer: PodKiller | undefined;
  #failure: PodFailure | undefined;
  #isRejected = false;
  /** The API object is gone. */
  #gone = false;
  #wake: Timer | undefined;
  #deadline: Timer | undefined;

  constructor(host: Host, pod: Pod) {
    this.host = host;
    this.pod = pod;
    this.#api = host.apiPod(pod);
    this.records = recordsOf(pod);
    this.sandbox = new PodSandbox(host, pod);
    this.#restartPolicy = pod.spec.restartPolicy ?? 'Always';
    this.#mounter = new VolumeMounter(host, pod);
    this.#startedAt = this.#api?.status?.startTime ? parseTime(this.#api.status.startTime) : host.scope.now;
  }

  get uid(): string {
    return this.pod.metadata.uid;
  }

  get isTerminated(): boolean {
    return this.#state === 'terminated';
  }

  /** False once the pod is being killed or is done: it no longer counts against the node's resources when terminated. */
  get isActive(): boolean {
    return this.#state === 'new' || this.#state === 'active';
  }

  /** False before the node has accepted the pod. */
  get isAdmitted(): boolean {
    return this.#state !== 'new';
  }

  /** The container's record by name. */
  container(name: string): ContainerRecord | undefined {
    return this.records.find(({ spec }) => spec.name === name);
  }

  /** Begins with the pod, as a task of its own. */
  start(): void {
    this.host.scope.post('sync pod', podObject(this.pod), () => this.#begin());
  }

  /** A newer version of the API object has arrived. */
  update(next: Pod): void {
    const before = this.#api;
    if (before && Number(next.metadata.resourceVersion) <= Number(before.metadata.resourceVersion)) return;
    this.#api = next;
    // Somebody else wrote the status, as the node controller does for a node that it lost: the kubelet knows better.
    const mustCorrect = before !== undefined && before.status !== next.status && this.#state !== 'new';
    if (mustCorrect) this.host.scope.post('write status', podObject(next), () => this.#writeStatus());
    if (this.pod.metadata.uid !== next.metadata.uid) return; // the mirror of a static pod carries only the status
    const old = this.pod;
    this.pod = next;
    this.#changed(old);
  }

  /** The API object is gone without the kubelet's doing (forced deletion), or the static manifest was taken away. */
  orphan(): void {
    this.#gone = true;
    if (this.#state === 'terminated') return this.#remove();
    this.#terminate(Math.max(1, this.#grace()));
  }

  /** Fails the pod for the kubelet's own reasons: kills its containers and reports `failure`. */
  evict(failure: PodFailure, graceSeconds: number): void {
    if (!this.isActive) return;
    this.#failure = failure;
    this.#terminate(graceSeconds);
  }

  /** The runtime says that one of the pod's containers has exited. */
  containerExited(containerId: string): void {
    const record = this.records.find(({ id }) => id === containerId);
    if (record) this.#exited(record);
  }

  /** The node's network has come up: a pod that waits for it need not wait longer. */
  networkReady(): void {
    if (this.#state !== 'active' || this.#busy || this.sandbox.isReady) return;
    this.#wake?.stop();
    this.host.scope.post('sync pod', podObject(this.pod), () => this.#sync());
  }

  /** The mirror pod came, changed or went. */
  setApiPod(pod: Pod | undefined): void {
    this.#api = pod;
    if (pod && this.#state !== 'new') this.#writeStatus();
  }

  #begin(isLater = false): void {
    const phase = this.#api?.status?.phase;
    if (phase === 'Succeeded' || phase === 'Failed') {
      this.#state = 'terminated';
      takeOver(this, this.#api?.status, this.#startContext());
      if (this.pod.metadata.deletionTimestamp !== undefined) this.#finalDelete();
      return;
    }
    const isKnown = wasHere(this.#api?.status, this.host.options.restore ?? false);
    if (!isKnown) {
      // Restored pods first: they ask for the addresses they had.
      if (this.host.options.restore && !isLater) return void this.host.scope.post('sync pod', podObject(this.pod), () => this.#begin(true));
      if (this.pod.metadata.deletionTimestamp !== undefined) return this.#terminate(0);
      const refusal = this.host.admit(this.pod);
      if (refusal) return this.#reject(refusal);
    }
    this.#state = 'active';
    this.host.config.registerPod(this.pod);
    this.#registered = true;
    this.#armDeadline();
    if (isKnown) {
      this.#mounter.mount();
      takeOver(this, this.#api?.status, this.#startContext());
      if (this.pod.metadata.deletionTimestamp !== undefined) return this.#terminate(this.#grace());
    }
    this.#sync();
  }

  /** Does what the pod's newest version asks for and `old` did not. */
  #changed(old: Pod): void {
    const next = this.pod;
    if (next.metadata.deletionTimestamp !== undefined) return this.#deleted(old);
    if (old.spec !== next.spec && !deepEqual(old.spec, next.spec)) this.#specChanged();
    if (isRelabelled(old, next)) this.host.volumes.refreshPod(this.uid, next);
    if (this.#state === 'active' && next.spec.readinessGates?.length) this.#writeStatus();
  }

  #reject({ reason, message }: PodFailure): void {
    this.#event('Warning', reason, message);
    this.#failure = { reason, message: `Pod was rejected: ${message}` };
    this.#isRejected = true;
    this.#state = 'terminated';
    this.#writeStatus();
    if (this.pod.metadata.deletionTimestamp !== undefined) this.#finalDelete();
  }

  #sync(): void {
    if (this.#busy || this.#state !== 'active') return;
    if (!this.#mounter.mount()) {
      this.#writeStatus();
      return this.#wakeAfter(this.#mounter.retryMs);
    }
    if (!this.sandbox.isReady) return this.#startSandbox();
    const step = nextStep(this.records, this.#restartPolicy, this.host.scope.now);
    if (step === 'finished') return this.#terminate(this.#grace());
    if (step !== 'wait') {
      this.#busy = true;
      return startContainer(step.start, this.#startContext(), () => this.#stepDone(step.start));
    }
    this.#writeStatus();
    const retryAt = nextRetry(this.records, this.#restartPolicy, this.host.scope.now);
    // A failed pull or start shows its back-off a moment later; all other retries are in the background.
    const shows = this.records.some(({ waiting, retryAt: at }) => SHORT_LIVED.has(waiting?.reason ?? '') && at === retryAt);
    if (retryAt !== undefined) this.#wakeAfter(Math.min(retryAt - this.host.scope.now, BACK_OFF_SYNC_MS), !shows);
  }

  #stepDone(record: ContainerRecord): void {
    this.#busy = false;
    this.#exited(record); // it may have, while its start or its hook was under way
    this.#sync();
  }

  #startSandbox(): void {
    this.#writeStatus();
    this.#busy = true;
    this.sandbox.run((retryMs) => {
      this.#busy = false;
      if (this.#state !== 'active') return;
      if (retryMs === undefined) this.#sync();
      else this.#wakeAfter(retryMs);
    });
  }

  #exited(record: ContainerRecord): void {
    if (!takeExit(record, this.host.runtime, this.host.scope.now)) return;
    if (this.#state === 'terminating') return this.#advanceKill();
    if (this.#state !== 'active') return;
    if (shouldRestart(record, this.#restartPolicy)) {
      if (holdBack(record, this.pod, this.host.scope.now)) tellBackOffs([record], this.pod, this.host.scope.now, this.#record.bind(this));
      this.#writeStatus();
    } else record.waiting = undefined;
    this.#sync();
  }

  #deleted(old: Pod): void {
    if (this.#state === 'new') return; // `#begin` sees it
    if (this.#state === 'terminated') return this.#finalDelete();
    if (this.#state === 'active') return this.#terminate(this.#grace());
    const grace = this.pod.metadata.deletionGracePeriodSeconds;
    if (grace !== undefined && grace < (old.metadata.deletionGracePeriodSeconds ?? Infinity)) this.#killer?.shorten(Math.max(1, grace));
  }

  #terminate(graceSeconds: number): void {
    if (this.#state === 'terminating' || this.#state === 'terminated') return;
    this.#state = 'terminating';
    this.#busy = false;
    this.#wake?.stop();
    this.#deadline?.stop();
    for (const { prober } of this.records) prober?.stopLivenessAndStartup();
    this.#killer = new PodKiller(this.records, this.#killContext(), graceSeconds);
    this.#advanceKill();
  }

  #advanceKill(): void {
    if (this.#killer?.advance()) this.#terminated();
  }

  #terminated(): void {
    if (this.#state === 'terminated') return;
    this.#state = 'terminated';
    this.#killer = undefined;
    for (const { prober } of this.records) prober?.stop();
    this.sandbox.stop();
    if (!this.#gone) this.#writeStatus();
    if (this.#registered) this.host.config.unregisterPod(this.pod);
    releasePod(this.host, this.pod, this.records);
    if (this.#gone) this.#remove();
    else if (this.pod.metadata.deletionTimestamp !== undefined) this.#finalDelete();
  }

  #finalDelete(): void {
    if (deletePodForGood(this.host.client, this.pod)) return this.#remove();
    this.host.scope.after(STATUS_RETRY_MS, 'delete pod', podObject(this.pod), () => this.#finalDelete(), { background: true });
  }

  #remove(): void {
    removeContainers(this.host, this.records);
    this.sandbox.remove();
    this.host.finished(this.uid);
  }

  #armDeadline(): void {
    this.#deadline?.stop();
    this.#deadline = armDeadline(this.host.scope, this.pod, this.#startedAt, () => {
      if (!this.isActive) return;
      this.#event('Normal', 'DeadlineExceeded', DEADLINE_MESSAGE);
      this.evict({ reason: 'DeadlineExceeded', message: DEADLINE_MESSAGE }, this.#grace());
    });
  }

  #specChanged(): void {
    this.#armDeadline();
    for (const spec of [...(this.pod.spec.initContainers ?? []), ...this.pod.spec.containers]) {
      const record = this.container(spec.name);
      if (record === undefined || record.spec === spec) continue;
      const changed = record.spec.image !== spec.image;
      record.spec = spec;
      if (!changed || record.kind === 'init') continue;
      record.retryAt = 0;
      killContainer(record, this.#killContext(), this.#grace(), `Container ${spec.name} definition changed, will be restarted`);
    }
    for (const spec of this.pod.spec.ephemeralContainers ?? []) {
      if (this.container(spec.name) === undefined) this.records = this.records.concat(new ContainerRecord(spec, 'ephemeral'));
    }
    this.#sync();
  }

  #probeChanged(record: ContainerRecord, type: ProbeType, success: boolean): void {
    if (success || type === 'readiness') {
      this.#writeStatus();
      if (type === 'startup') this.#sync();
      return;
    }
    if (this.#state !== 'active') return;
    const probe = type === 'liveness' ? record.spec.livenessProbe : record.spec.startupProbe;
    const grace = probe?.terminationGracePeriodSeconds ?? this.#grace();
    record.prober?.stop();
    killContainer(record, this.#killContext(), grace, probeKillText(record, type, this.#restartPolicy));
  }

  #writeStatus(): void {
    const api = this.#api;
    if (api === undefined || this.#gone) return;
    const view = {
      pod: this.pod,
      records: this.records,
      ips: this.sandbox.ips,
      sandboxReady: this.sandbox.isReady,
      nodeIp: this.host.options.nodeIp,
      shared: this.host.shared,
      startedAt: this.#startedAt,
      isTerminal: !this.isActive,
      failure: this.#failure,
      isRejected: this.#isRejected,
    };
    const outcome = writePodStatus(this.host.client, api, (before) => generatePodStatus(view, before, this.host.scope.now));
    this.#api = outcome.pod;
    if (this.pod.metadata.uid === outcome.pod.metadata.uid) this.#takeWritten(outcome.pod);
    if (outcome.retry)
      this.host.scope.after(STATUS_RETRY_MS, 'write status', podObject(this.pod), () => this.#writeStatus(), { background: true });
  }

  /** The answer to a write may hold what the watch has not told yet, and then never tells: it would be no news. */
  #takeWritten(next: Pod): void {
    const old = this.pod;
    this.pod = next;
    if (asksForMore(old, next)) this.host.scope.post('sync pod', podObject(next), () => this.#changed(old));
  }

  #wakeAfter(delayMs: number, background = true): void {
    this.#wake?.stop();
    const wake = () => {
      tellBackOffs(this.records, this.pod, this.host.scope.now, this.#record.bind(this));
      this.#sync();
    };
    this.#wake = this.host.scope.after(delayMs, 'sync pod', podObject(this.pod), wake, { background });
  }

  #grace(): number {
    return this.pod.metadata.deletionGracePeriodSeconds ?? this.pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.host.recorder.event(this.pod, type, reason, message);
  }

  #record(record: ContainerRecord, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const list = record.kind === 'regular' ? 'containers' : record.kind === 'ephemeral' ? 'ephemeralContainers' : 'initContainers';
    this.host.recorder.event(this.pod, type, reason, message, `spec.${list}{${record.spec.name}}`);
  }

  #startContext() {
    return {
      host: this.host,
      pod: this.pod,
      sandboxId: this.sandbox.id,
      ips: this.sandbox.ips,
      etcMounts: () => this.sandbox.etcMounts(),
      stillWanted: () => this.#state === 'active',
      record: this.#record.bind(this),
      listenerOf: (record: ContainerRecord): ProbeListener => ({
        unhealthy: (message) => this.#record(record, 'Warning', 'Unhealthy', message),
        changed: (type, success) => this.#probeChanged(record, type, success),
      }),
      kill: (record: ContainerRecord, message: string) => killContainer(record, this.#killContext(), this.#grace(), message),
    };
  }

  #killContext() {
    return {
      host: this.host,
      pod: this.pod,
      ips: this.sandbox.ips,
      record: this.#record.bind(this),
      exited: (record: ContainerRecord) => this.#exited(record),
    };
  }
}
