/**
 * Deletes finished Jobs `ttlSecondsAfterFinished` after they ended (`pkg/controller/ttlafterfinished`).
 */
import { JobResource } from '../../api/batch/job.ts';
import type { Job } from '../../api/generated/types.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';

/** Starts the controller. */
export function startTtlAfterFinishedController(deps: ControllerDeps): void {
  const jobs = deps.informers.informer(JobResource);
  const controller = startController(deps.scope, 'jobs', reconcile, [jobs]);
  const enqueue = (job: Job) => {
    if (expiryMs(job) !== undefined) controller.enqueue(keyOf(job));
  };
  jobs.addHandler({ add: enqueue, update: enqueue }, deps.scope);

  function reconcile(key: string): Requeue | undefined {
    const job = jobs.get(key);
    const expiry = job === undefined || job.metadata.deletionTimestamp !== undefined ? undefined : expiryMs(job);
    if (job === undefined || expiry === undefined) return undefined;
    if (expiry > deps.scope.now) return requeueAfter(expiry - deps.scope.now, { background: true });
    try {
      deps.client.delete(JobResource, job.metadata, { propagationPolicy: 'Foreground', preconditions: { uid: job.metadata.uid } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
    return undefined;
  }
}

/** When the Job may go, ms since the epoch; undefined when it has not ended or has no TTL. */
function expiryMs({ spec, status }: Job): number | undefined {
  const end = status?.conditions?.find(({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True');
  if (spec.ttlSecondsAfterFinished === undefined || end?.lastTransitionTime === undefined) return undefined;
  return Date.parse(end.lastTransitionTime) + spec.ttlSecondsAfterFinished * 1000;
}
