/**
 * Stopping containers: Killing event, preStop hook, SIGTERM, grace, SIGKILL, sidecars last
 * (`pkg/kubelet/kuberuntime/kuberuntime_container.go`, `killContainer`, and `kuberuntime_termination_order.go`).
 */
import type { Pod } from '../api/generated/types.ts';
import type { ContainerRecord } from './container-record.ts';
import { podObject } from './container-starter.ts';
import type { Host } from './host.ts';
import { runHook } from './hooks.ts';

/** `minimumGracePeriodInSeconds`: what a container gets after its preStop hook, at least. */
const MINIMUM_GRACE_SECONDS = 2;

/** The pod whose containers are stopped. */
export interface KillContext {
  readonly host: Host;
  readonly pod: Pod;
  readonly ips: readonly string[];
  record(container: ContainerRecord, type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** The container has exited. May be told twice. */
  exited(container: ContainerRecord): void;
}

/** Stops one running container within `graceSeconds`; `exited` is told when it is down. */
export function killContainer(container: ContainerRecord, context: KillContext, graceSeconds: number, message: string): void {
  if (container.state !== 'running' || container.stopping) return;
  container.stopping = true;
  const { host, pod } = context;
  const { id } = container;
  context.record(container, 'Normal', 'Killing', message);
  const stop = (seconds: number) => {
    if (container.id === id && container.state === 'running') host.runtime.stopContainer(id, seconds, () => context.exited(container));
  };
  const hook = container.spec.lifecycle?.preStop;
  if (!hook || graceSeconds <= 0) return stop(graceSeconds);
  const startedAt = host.scope.now;
  let over = false;
  const finish = (failure?: string) => {
    if (over) return;
    over = true;
    timer.stop();
    if (failure !== undefined) context.record(container, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    const used = Math.ceil((host.scope.now - startedAt) / 1000);
    stop(Math.max(MINIMUM_GRACE_SECONDS, graceSeconds - used));
  };
  // The hook shares the pod's grace; when that is used up, the container is stopped all the same.
  const timer = host.scope.after(graceSeconds * 1000, 'preStop timeout', podObject(pod), () => finish());
  const target = { pod, container: container.spec, containerId: id, podIp: context.ips[0] ?? '', object: podObject(pod) };
  runHook(host.scope, host.runtime, hook, target, graceSeconds * 1000, finish);
}

/** The text of the Killing event of a container that a probe gave up (`computePodActions`). */
export function probeKillText({ kind, spec }: ContainerRecord, type: string, restartPolicy: string): string {
  if (kind === 'sidecar') return `Init container ${spec.name} failed ${type} probe`;
  return `Container ${spec.name} failed ${type} probe${restartPolicy === 'Never' ? '' : ', will be restarted'}`;
}

/** Stops all running containers: regular and init ones together, then the sidecars, last started first. */
export class PodKiller {
  readonly #records: readonly ContainerRecord[];
  readonly #context: KillContext;
  readonly #deadline: number;

  constructor(records: readonly ContainerRecord[], context: KillContext, graceSeconds: number) {
    this.#records = records;
    this.#context = context;
    this.#deadline = context.host.scope.now + graceSeconds * 1000;
  }

  /** Takes the next step; call it again whenever a container has exited. Returns true when none runs any more. */
  advance(): boolean {
    const running = this.#records.filter(({ state }) => state === 'running');
    const others = running.filter(({ kind }) => kind !== 'sidecar');
    if (others.length > 0) for (const record of others) this.#kill(record);
    else {
      const last = running.at(-1);
      if (last) this.#kill(last);
    }
    return running.length === 0;
  }

  /** The grace was cut short by a second delete. */
  shorten(graceSeconds: number): void {
    for (const record of this.#records) {
      if (record.state === 'running' && record.stopping) {
        this.#context.host.runtime.stopContainer(record.id, graceSeconds, () => this.#context.exited(record));
      }
    }
  }

  #kill(record: ContainerRecord): void {
    const left = Math.ceil((this.#deadline - this.#context.host.scope.now) / 1000);
    killContainer(
      record,
      this.#context,
      Math.max(record.kind === 'sidecar' ? MINIMUM_GRACE_SECONDS : 0, left),
      `Stopping container ${record.spec.name}`,
    );
  }
}
