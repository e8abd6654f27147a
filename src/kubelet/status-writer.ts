/**
 * Writes pod statuses to the API (`pkg/kubelet/status/status_manager.go`): only changes, with the newest object that is
 * known, again after a conflict. Differs: upstream patches; writing the whole status with its revision is as safe.
 */
import { PodResource } from '../api/core/pod.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import { hasReason, StatusError } from '../apimachinery/status.ts';
import type { Pod, PodStatus } from '../api/generated/types.ts';
import type { Client } from '../client/client.ts';

const ATTEMPTS = 3;

/** How a write ended: the newest object that is known, and whether the write must be tried again later. */
export interface WriteOutcome {
  readonly pod: Pod;
  readonly retry: boolean;
  /** The object is gone, or another one has its name. */
  readonly gone: boolean;
}

/** Brings the object's status to what `next` makes of the present one; writes nothing when that is the same. */
export function writePodStatus(client: Client, pod: Pod, next: (before: PodStatus | undefined) => PodStatus): WriteOutcome {
  let current = pod;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const status = next(current.status);
    if (status === current.status) return { pod: current, retry: false, gone: false };
    try {
      return { pod: client.updateStatus(PodResource, { ...current, status }), retry: false, gone: false };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.reason === 'NotFound') return { pod: current, retry: false, gone: true };
      if (error.reason !== 'Conflict') return { pod: current, retry: true, gone: false };
      const fresh = refetch(client, current);
      if (fresh === undefined) return { pod: current, retry: true, gone: false };
      if (fresh === 'gone') return { pod: current, retry: false, gone: true };
      current = fresh;
    }
  }
  return { pod: current, retry: true, gone: false };
}

function refetch(client: Client, pod: Pod): Pod | 'gone' | undefined {
  const { namespace, name, uid } = pod.metadata;
  try {
    const fresh = client.find(PodResource, { namespace, name });
    return fresh?.metadata.uid === uid ? fresh : 'gone';
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}

/** Whether `next` differs from `old` in more than its status. Parts that did not change are shared. */
export function asksForMore(old: Pod, next: Pod): boolean {
  const [before, after] = [old.metadata, next.metadata];
  return (
    after.deletionTimestamp !== before.deletionTimestamp ||
    after.deletionGracePeriodSeconds !== before.deletionGracePeriodSeconds ||
    after.labels !== before.labels ||
    after.annotations !== before.annotations ||
    next.spec !== old.spec
  );
}

/** Whether labels or annotations differ. */
export function isRelabelled({ metadata: old }: Pod, { metadata: next }: Pod): boolean {
  return !deepEqual(old.labels, next.labels) || !deepEqual(old.annotations, next.annotations);
}

/** The last step of a graceful deletion. Returns false when it must be tried again. */
export function deletePodForGood(client: Client, pod: Pod): boolean {
  const { namespace, name, uid } = pod.metadata;
  try {
    client.delete(PodResource, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    return true;
  } catch (error) {
    if (hasReason(error, 'NotFound') || hasReason(error, 'Conflict')) return true;
    if (error instanceof StatusError) return false;
    throw error;
  }
}
