/**
 * Which daemon pods come and go (`pkg/controller/daemon/daemon_controller.go` podsShouldBeOnNode, `update.go` rollingUpdate). Pure.
 */
import type { DaemonSet, Pod } from '../../api/generated/types.ts';
import { scaledValue } from '../../apimachinery/int-or-string.ts';
import { REVISION_HASH } from '../controller-history.ts';
import { isPodAvailable, isPodReady } from '../pods.ts';

/** A DaemonSet on its way to a revision. */
export interface Rollout {
  set: DaemonSet;
  hash: string;
  nowMs: number;
}

/** A node with its daemon pods, those in deletion included. */
export interface NodePods {
  node: string;
  pods: readonly Pod[];
  shouldRun: boolean;
  shouldContinueRunning: boolean;
}

/** What is to be done: nodes that get a pod, pods that go. */
export interface Changes {
  create: string[];
  delete: Pod[];
}

const isUpdated = ({ hash }: Rollout, { metadata }: Pod): boolean => metadata.labels?.[REVISION_HASH] === hash;
const isAvailable = ({ set, nowMs }: Rollout, pod: Pod): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs);

/** Scheduled before pending, then oldest first (`podByCreationTimestampAndPhase`). */
export function bySeniority(a: Pod, b: Pod): number {
  const scheduled = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName));
  if (scheduled !== 0) return scheduled;
  const [left, right] = [a.metadata, b.metadata];
  if (left.creationTimestamp !== right.creationTimestamp) return left.creationTimestamp < right.creationTimestamp ? -1 : 1;
  return left.name < right.name ? -1 : Number(left.name > right.name);
}

/** Nodes without a pod that should have one, pods where none should be, and doubles. Ended pods are given to `ended`. */
export function manage(rollout: Rollout, nodes: readonly NodePods[], ended: (pod: Pod) => boolean): Changes {
  const changes: Changes = { create: [], delete: [] };
  for (const { node, pods, shouldRun, shouldContinueRunning } of nodes) {
    if (shouldRun && pods.length === 0) changes.create.push(node);
    else if (shouldContinueRunning) manageNode(rollout, pods, ended, changes);
    else changes.delete.push(...pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  }
  return changes;
}

function manageNode(rollout: Rollout, pods: readonly Pod[], ended: (pod: Pod) => boolean, changes: Changes): void {
  const running: Pod[] = [];
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    if (pod.status?.phase !== 'Failed' && pod.status?.phase !== 'Succeeded') running.push(pod);
    else if (ended(pod)) changes.delete.push(pod);
  }
  if (running.length <= 1) return;
  running.sort(bySeniority);
  if (!allowsSurge(rollout.set)) {
    changes.delete.push(...running.slice(1));
    return;
  }
  const newest = running.find((pod) => isUpdated(rollout, pod));
  const old = running.find((pod) => !isUpdated(rollout, pod));
  changes.delete.push(...running.filter((pod) => pod !== newest && pod !== old));
  if (newest !== undefined && old !== undefined && (!isPodReady(old) || isAvailable(rollout, newest))) changes.delete.push(old);
}

function allowsSurge({ spec }: DaemonSet): boolean {
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  return type === 'RollingUpdate' && rollingUpdate?.maxSurge !== undefined && scaledValue(rollingUpdate.maxSurge, 100, true) > 0;
}

/** maxSurge and maxUnavailable in pods, of `desired`, both rounded up; not both 0 (`updatedDesiredNodeCounts`). */
export function updateLimits({ spec }: DaemonSet, desired: number): { maxSurge: number; maxUnavailable: number } {
  const { rollingUpdate } = spec.updateStrategy ?? {};
  const maxSurge = scaledValue(rollingUpdate?.maxSurge ?? 0, desired, true);
  const maxUnavailable = scaledValue(rollingUpdate?.maxUnavailable ?? 1, desired, true);
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The next step of a rolling update. */
export function rollingUpdate(rollout: Rollout, nodes: readonly NodePods[]): Changes {
  const { maxSurge, maxUnavailable } = updateLimits(rollout.set, nodes.filter(({ shouldRun }) => shouldRun).length);
  return maxSurge === 0 ? replaceInPlace(rollout, nodes, maxUnavailable) : surge(rollout, nodes, maxSurge);
}

/** Unavailable old pods go at once; available ones as far as `maxUnavailable` allows. */
function replaceInPlace(rollout: Rollout, nodes: readonly NodePods[], maxUnavailable: number): Changes {
  let unavailable = 0;
  const broken: Pod[] = [];
  const candidates: Pod[] = [];
  for (const { pods } of nodes.filter(({ pods: found, shouldRun }) => found.length > 0 || shouldRun)) {
    const found = newAndOld(rollout, pods);
    if (found?.newest !== undefined) unavailable += isAvailable(rollout, found.newest) ? 0 : 1;
    else if (found?.old === undefined) unavailable++;
    else if (isAvailable(rollout, found.old)) candidates.push(found.old);
    else {
      broken.push(found.old);
      unavailable++;
    }
  }
  return { create: [], delete: [...broken, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))] };
}

/** New pods beside available old ones, as far as `maxSurge` allows; the old one goes when its new one is available. */
function surge(rollout: Rollout, nodes: readonly NodePods[], maxSurge: number): Changes {
  let surging = 0;
  const changes: Changes = { create: [], delete: [] };
  const candidates: string[] = [];
  for (const { node, pods } of nodes) {
    const found = newAndOld(rollout, pods);
    if (found === undefined) surging++;
    else if (found.old === undefined) continue;
    else if (found.newest === undefined) (isAvailable(rollout, found.old) ? candidates : changes.create).push(node);
    else if (isAvailable(rollout, found.newest)) changes.delete.push(found.old);
    else surging++;
  }
  changes.create.push(...candidates.slice(0, Math.max(0, maxSurge - surging)));
  return changes;
}

/** The one new and the one old pod of a node; undefined when there are several of a kind, which `manage` cleans up first. */
function newAndOld(rollout: Rollout, pods: readonly Pod[]): { newest: Pod | undefined; old: Pod | undefined } | undefined {
  const alive = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const updated = alive.filter((pod) => isUpdated(rollout, pod));
  if (updated.length > 1 || alive.length - updated.length > 1) return undefined;
  return { newest: updated[0], old: alive.find((pod) => !updated.includes(pod)) };
}

/** The numbers in the status. */
export function counts(rollout: Rollout, nodes: readonly NodePods[]) {
  const result = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const { pods, shouldRun } of nodes) {
    if (!shouldRun) {
      if (pods.length > 0) result.misscheduled++;
      continue;
    }
    result.desired++;
    const first = pods.toSorted(bySeniority)[0];
    if (first === undefined) continue;
    result.current++;
    if (isPodReady(first)) result.ready++;
    if (isAvailable(rollout, first)) result.available++;
    if (isUpdated(rollout, first)) result.updated++;
  }
  return result;
}
