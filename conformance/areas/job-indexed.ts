/** The indexes of an Indexed Job that have succeeded or failed. */
import type { Job, Pod } from '../../src/api/generated/types.ts';
import { COMPLETION_INDEX, formatIndexes } from '../../src/controller-manager/job/indexes.ts';
import { INDEX_FAILURE_COUNT, TRACKING_FINALIZER } from '../../src/controller-manager/job/job-pods.ts';
import { newlyEnded, tally } from '../../src/controller-manager/job/tracking.ts';
import type { Area } from '../area.ts';

interface Given {
  index: string;
  phase: string;
  failureCount?: number;
  finalizer?: boolean;
}

function pod({ index, phase, failureCount, finalizer = true }: Given, number: number): Pod {
  const annotations = { [COMPLETION_INDEX]: index, [INDEX_FAILURE_COUNT]: String(failureCount ?? 0) };
  const metadata = { name: `pod-${number}`, uid: String(number), annotations, finalizers: finalizer ? [TRACKING_FINALIZER] : [] };
  return { metadata, spec: { containers: [] }, status: { phase } } as unknown as Pod;
}

export const run: Area['run'] = ({ completedIndexes, failedIndexes, pods, completions, backoffLimitPerIndex }) => {
  const job = {
    metadata: { name: 'job' },
    spec: { completions, completionMode: 'Indexed', backoffLimitPerIndex },
    status: { completedIndexes, failedIndexes: failedIndexes ?? undefined },
  } as unknown as Job;
  const given = (pods as Given[]).map(pod);
  const result = tally(job, given, newlyEnded(job, given, new Set()));
  return { completedIndexes: formatIndexes(result.succeededIndexes), failedIndexes: formatIndexes(result.failedIndexes) };
};
