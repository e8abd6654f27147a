/**
 * Removes pods that nobody else will (`pkg/controller/podgc/gc_controller.go`): finished ones above a threshold, those of
 * nodes that no longer exist, unscheduled ones in deletion, and those stuck on nodes declared out of service.
 */
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import { setCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { ControllerDeps } from '../deps.ts';
import { isPodTerminal } from '../pods.ts';
import { OUT_OF_SERVICE } from '../../api/core/taints.ts';

const PERIOD_MS = 20_000;
/** How long a node must be missing before its pods go (`quarantineTime`). */
const QUARANTINE_MS = 40_000;

/** Starts the controller. `terminatedPodThreshold`: finished pods that may stay (`--terminated-pod-gc-threshold`, 12500). */
export function startPodGcController(deps: ControllerDeps, options: { terminatedPodThreshold: number }): void {
  const pods = deps.informers.informer(PodResource);
  const nodes = deps.informers.informer(NodeResource);
  /** Node names that pods mention but the cache does not have → since when. */
  const missing = new Map<string, number>();
  deps.scope.every(PERIOD_MS, 'collect pods', 'pods', () => {
    if (!pods.hasSynced || !nodes.hasSynced) return;
    for (const pod of surplusTerminated([...pods.list()].filter(isPodTerminal), options.terminatedPodThreshold)) remove(deps, pod);
    for (const pod of [...pods.list()]) {
      const node = nodes.get(pod.spec.nodeName ?? '');
      if (pod.metadata.deletionTimestamp === undefined) continue;
      if (!pod.spec.nodeName || (node !== undefined && isOutOfService(node))) remove(deps, pod);
    }
    collectOrphans();
  });

  function collectOrphans(): void {
    const named = new Set<string>();
    for (const { spec } of pods.list()) if (spec.nodeName && nodes.get(spec.nodeName) === undefined) named.add(spec.nodeName);
    for (const name of [...missing.keys()]) if (!named.has(name)) missing.delete(name);
    for (const name of named) {
      const since = missing.get(name) ?? deps.scope.now;
      missing.set(name, since);
      if (deps.scope.now - since < QUARANTINE_MS || nodeExists(name)) continue;
      for (const pod of [...pods.list()]) if (pod.spec.nodeName === name) removeOrphan(deps, pod);
    }
  }

  function nodeExists(name: string): boolean {
    try {
      return deps.client.find(NodeResource, { name }) !== undefined;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return true;
    }
  }
}

/** The finished pods above the threshold, oldest first. */
export function surplusTerminated(terminated: readonly Pod[], threshold: number): Pod[] {
  const surplus = terminated.length - threshold;
  if (surplus <= 0) return [];
  const byAge = (a: Pod, b: Pod) =>
    compare(a.metadata.creationTimestamp, b.metadata.creationTimestamp) || compare(a.metadata.name, b.metadata.name);
  return terminated.toSorted(byAge).slice(0, surplus);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function isOutOfService({ spec, status }: Node): boolean {
  const ready = status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True');
  return !ready && (spec?.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);
}

/** Failed, with the reason in its status, and gone at once (`markFailedAndDeletePodWithCondition`). */
function removeOrphan(deps: ControllerDeps, pod: Pod): void {
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
  const conditions = setCondition(pod.status?.conditions, condition, formatTime(deps.scope.now));
  tolerant(() =>
    deps.client.updateStatus(PodResource, {
      ...pod,
      status: { ...pod.status, phase: isPodTerminal(pod) ? pod.status?.phase : 'Failed', conditions: [...conditions] },
    }),
  );
  remove(deps, pod);
}

function remove({ client }: ControllerDeps, pod: Pod): void {
  tolerant(() => client.delete(PodResource, pod.metadata, { gracePeriodSeconds: 0 }));
}

/** What fails now is tried again in the next round. */
function tolerant(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
  }
}
