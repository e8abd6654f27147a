/**
 * A Job's pods: what they carry besides the template, which count as failed (`pkg/controller/job/job_controller.go`,
 * `indexed_job_utils.go`). Pure.
 */
import type { Container, Job, Pod } from '../../api/generated/types.ts';
import type { Sent } from '../../client/client.ts';
import { isPodActive } from '../pods.ts';
import { podFromTemplate } from '../pod-control.ts';
import { COMPLETION_INDEX, indexOf } from './indexes.ts';
import { matchPodFailurePolicy } from './pod-failure-policy.ts';

/** Keeps a pod that ended until the Job has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
/** Annotation: failures of the pods that had this index before. */
export const INDEX_FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count';
const INDEX_IGNORED_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Whether the pod's end has not been counted yet: it carries the Job controller's finalizer. */
export const isTracked = ({ metadata }: Pod): boolean => (metadata.finalizers ?? []).includes(TRACKING_FINALIZER);
/** Whether each pod of the Job has a completion index. */
export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';

/** Whether a pod is replaced only after it has ended, not already when it is being deleted. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || (spec.podReplacementPolicy === undefined && spec.podFailurePolicy !== undefined);
}

/** Failed, or being deleted where that counts as failure (`isPodFailed`). */
export function isPodFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === 'Failed') return true;
  return !replacesOnlyFailed(job) && pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

const failureCount = ({ metadata }: Pod): number => Number(metadata.annotations?.[INDEX_FAILURE_COUNT] ?? 0);

/** Whether this failure uses up the index (`isIndexFailed`). */
export function failsIndex({ spec }: Job, pod: Pod): boolean {
  if (spec.backoffLimitPerIndex === undefined) return false;
  const { action, counts } = matchPodFailurePolicy(spec.podFailurePolicy, pod);
  return action === 'FailIndex' || (counts && failureCount(pod) >= spec.backoffLimitPerIndex);
}

/** The pod of an index, or any pod of a Job without. `predecessor` is the failed pod of the same index, if any. */
export function podOf(job: Job, index: number | undefined, predecessor: Pod | undefined): Sent<Pod> {
  const { template } = job.spec;
  const finalizers = [...(template.metadata?.finalizers ?? []).filter((name) => name !== TRACKING_FINALIZER), TRACKING_FINALIZER];
  if (index === undefined) return podFromTemplate(template, job, { metadata: { finalizers } });
  const text = String(index);
  const name = job.metadata.name;
  return podFromTemplate(template, job, {
    metadata: {
      finalizers,
      generateName: `${name.slice(0, 62 - text.length - 1)}-${text}-`,
      labels: { ...template.metadata?.labels, [COMPLETION_INDEX]: text },
      annotations: { ...template.metadata?.annotations, [COMPLETION_INDEX]: text, ...failureCounts(job, predecessor) },
    },
    spec: {
      ...template.spec,
      hostname: `${name.slice(0, 62 - text.length)}-${text}`,
      containers: template.spec.containers.map(withIndexVariable),
      ...(template.spec.initContainers && { initContainers: template.spec.initContainers.map(withIndexVariable) }),
    },
  });
}

function failureCounts({ spec }: Job, predecessor: Pod | undefined): Record<string, string> {
  if (spec.backoffLimitPerIndex === undefined) return {};
  if (predecessor === undefined) return { [INDEX_FAILURE_COUNT]: '0' };
  const ignored = Number(predecessor.metadata.annotations?.[INDEX_IGNORED_COUNT] ?? 0);
  const { counts } = matchPodFailurePolicy(spec.podFailurePolicy, predecessor);
  const counted = { [INDEX_FAILURE_COUNT]: String(failureCount(predecessor) + (counts ? 1 : 0)) };
  return counts && ignored === 0 ? counted : { ...counted, [INDEX_IGNORED_COUNT]: String(ignored + (counts ? 0 : 1)) };
}

function withIndexVariable(container: Container): Container {
  if (container.env?.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } } };
  return { ...container, env: [...(container.env ?? []), variable] };
}

/** Active pods that must go: a second one of an index, one of an index that is not wanted, and then those least along (`activePodsForRemoval`). */
export function surplus(job: Job, active: readonly Pod[], atLeast: number, done: ReadonlySet<number>): Pod[] {
  const remove: Pod[] = [];
  let left = active;
  if (isIndexed(job)) {
    const seen = new Set<number>();
    left = active
      .toSorted(leastAlongFirst)
      .toReversed()
      .filter((pod) => {
        const index = indexOf(pod);
        const unwanted = index === undefined || index >= (job.spec.completions ?? 0) || seen.has(index) || done.has(index);
        if (unwanted) remove.push(pod);
        else seen.add(index);
        return !unwanted;
      });
  }
  if (remove.length < atLeast) remove.push(...left.toSorted(leastAlongFirst).slice(0, atLeast - remove.length));
  return remove.filter(isPodActive);
}

function leastAlongFirst(a: Pod, b: Pod): number {
  const rank = ({ spec, status }: Pod) => (spec.nodeName ? 1 : 0) + (status?.phase === 'Running' ? 2 : 0);
  return rank(a) - rank(b) || (a.metadata.creationTimestamp > b.metadata.creationTimestamp ? -1 : 1);
}
