/**
 * Starting one container of a pod: image, configuration, create, start, postStart hook (`pkg/kubelet/kuberuntime/
 * kuberuntime_container.go`, `startContainer`). Events and waiting reasons are upstream's.
 */
import { StatusError } from '../apimachinery/status.ts';
import { keyOf } from '../apimachinery/meta.ts';
import type { Pod } from '../api/generated/types.ts';
import type { Mount } from '../container-runtime/cri.ts';
import { BACK_OFF_PERIOD_MS, nextBackOff } from './backoff.ts';
import { holdBack } from './container-exit.ts';
import { containerConfig } from './container-config.ts';
import type { ContainerRecord } from './container-record.ts';
import type { Host } from './host.ts';
import { runHook } from './hooks.ts';
import type { StartFailure } from './images.ts';
import { ContainerProber } from './probes/prober.ts';
import type { ProbeListener } from './probes/prober.ts';

/** Time that creating and starting a container takes, ms. */
const START_MS = 200;
/** A postStart exec hook without end is given up after this, ms. */
const POST_START_LIMIT_MS = 600_000;

/** The pod whose container starts. */
export interface StartContext {
  readonly host: Host;
  readonly pod: Pod;
  readonly sandboxId: string;
  readonly ips: readonly string[];
  /** The pod's own files in /etc. */
  etcMounts(): readonly Mount[];
  /** False once the pod is being killed: the start is given up. */
  stillWanted(): boolean;
  /** Records an event about the container. */
  record(container: ContainerRecord, type: 'Normal' | 'Warning', reason: string, message: string): void;
  listenerOf(container: ContainerRecord): ProbeListener;
  /** Kills a container whose hook failed. */
  kill(container: ContainerRecord, message: string): void;
}

/** "pods/default/web", the label of a pod's tasks. */
export const podObject = (pod: Pod): string => `pods/${keyOf(pod)}`;

/** Starts the container; `done` when it runs, or when it is known why not. */
export function startContainer(container: ContainerRecord, context: StartContext, done: () => void): void {
  const { host, pod } = context;
  const now = host.scope.now;
  const record = (type: 'Normal' | 'Warning', reason: string, message: string) => context.record(container, type, reason, message);
  if (container.state === 'terminated') {
    const heldBack = holdBack(container, pod, now);
    if (heldBack !== undefined) {
      record('Warning', 'BackOff', heldBack);
      return done();
    }
    container.backOff = nextBackOff(container.backOff, container.finishedAt, now);
  }
  host.images.ensureImageExists(pod.metadata.uid, container.spec, record, (failure) => {
    if (!context.stillWanted()) return;
    if (failure) {
      fail(container, context, failure, `Error: ${failure.reason}`);
      return done();
    }
    host.scope.after(START_MS, 'start container', podObject(pod), () => {
      if (context.stillWanted()) createAndStart(container, context, done);
    });
  });
}

/** Notes why the container waits. An empty `event` records none. */
function fail(container: ContainerRecord, context: StartContext, failure: StartFailure, event: string): void {
  container.waiting = { reason: failure.reason, ...(failure.message && { message: failure.message }) };
  container.retryAt = context.host.scope.now + failure.retryMs;
  if (event) context.record(container, 'Warning', 'Failed', event);
}

const retryLater = (reason: string, message: string): StartFailure => ({ reason, message, retryMs: BACK_OFF_PERIOD_MS });

function createAndStart(container: ContainerRecord, context: StartContext, done: () => void): void {
  const { host, pod, sandboxId } = context;
  let created: ReturnType<Host['runtime']['createContainer']>;
  try {
    const config = containerConfig(container.spec, container.starts, host.volumes.volumesOf(pod.metadata.uid), context.etcMounts(), {
      pod,
      runtime: runtimeFields(context),
      services: host.serviceEnv(pod),
      config: host.config,
      allocatable: host.allocatable,
      onInvalidNames: (message) => context.record(container, 'Warning', 'InvalidEnvironmentVariableNames', message),
    });
    created = host.runtime.createContainer(sandboxId, config);
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    fail(container, context, retryLater('CreateContainerConfigError', error.message), `Error: ${error.message}`);
    return done();
  }
  if ('error' in created) {
    fail(container, context, retryLater('CreateContainerError', created.error), `Error: ${created.error}`);
    return done();
  }
  context.record(container, 'Normal', 'Created', `Created container: ${container.spec.name}`);
  replace(container, host, created.containerId);
  const { error } = host.runtime.startContainer(created.containerId);
  if (error !== undefined) {
    startFailed(container, context, error);
    return done();
  }
  context.record(container, 'Normal', 'Started', `Started container ${container.spec.name}`);
  started(container, context, done);
}

/** What a field reference may name of the status, before the status is written. */
function runtimeFields({ host, ips }: StartContext) {
  const { nodeIp } = host.options;
  return { podIP: ips[0] ?? '', podIPs: ips.map((ip) => ({ ip })), hostIP: nodeIp, hostIPs: [{ ip: nodeIp }] };
}

/** The new container takes the place of the old one, which stays in the runtime for its log; the one before goes. */
function replace(container: ContainerRecord, host: Host, id: string): void {
  if (container.previousId) host.runtime.removeContainer(container.previousId);
  container.previousId = container.id;
  container.id = id;
  if (container.terminated) container.lastTerminated = container.terminated;
  container.terminated = undefined;
  container.starts++;
  container.lost = false;
  container.stopping = false;
}

function startFailed(container: ContainerRecord, context: StartContext, error: string): void {
  const { host } = context;
  const status = host.runtime.containerStatus(container.id);
  const at = new Date(Math.floor(host.scope.now / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  container.state = 'terminated';
  container.finishedAt = host.scope.now;
  container.terminated = {
    exitCode: status?.exitCode ?? 128,
    reason: 'StartError',
    message: error,
    startedAt: '1970-01-01T00:00:00Z',
    finishedAt: at,
    containerID: `containerd://${container.id}`,
  };
  container.image = status?.image ?? container.image;
  container.imageRef = status?.imageRef ?? container.imageRef;
  fail(container, context, { reason: 'RunContainerError', message: error, retryMs: 1000 }, `Error: ${error}`);
}

function started(container: ContainerRecord, context: StartContext, done: () => void): void {
  const { host, pod } = context;
  const status = host.runtime.containerStatus(container.id);
  container.state = 'running';
  container.waiting = undefined;
  container.startedAt = status?.startedAt ?? host.scope.now;
  container.image = status?.image ?? container.image;
  container.imageRef = status?.imageRef ?? container.imageRef;
  const hook = container.spec.lifecycle?.postStart;
  if (!hook) {
    startProbes(container, context);
    return done();
  }
  container.hookRunning = true;
  const id = container.id;
  const target = { pod, container: container.spec, containerId: id, podIp: context.ips[0] ?? '', object: podObject(pod) };
  runHook(host.scope, host.runtime, hook, target, POST_START_LIMIT_MS, (failure) => {
    if (!context.stillWanted()) return;
    if (container.id === id) container.hookRunning = false;
    if (container.id === id && container.state === 'running') {
      if (failure === undefined) startProbes(container, context);
      else {
        // The event leaves the text out, for it may hold secrets.
        context.record(container, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
        container.waiting = { reason: 'PostStartHookError', message: failure };
        context.kill(container, 'FailedPostStartHook');
      }
    }
    done();
  });
}

/** Begins the probes of a running container. `restoredReady`: its readiness before a reload. */
export function startProbes(container: ContainerRecord, context: StartContext, restoredReady?: boolean): void {
  const { host, pod, ips } = context;
  if (!ContainerProber.hasProbes(container.spec) || container.kind === 'init') return;
  const target = {
    container: container.spec,
    containerId: container.id,
    podIp: ips[0] ?? '',
    object: podObject(pod),
    startedAt: container.startedAt,
  };
  container.prober = new ContainerProber(host.scope, host.runtime, target, context.listenerOf(container));
  if (restoredReady !== undefined) container.prober.restore(restoredReady);
  container.prober.start();
}
