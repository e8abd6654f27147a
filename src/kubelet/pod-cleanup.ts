/** What is given back when a pod has ended (`SyncTerminatedPod`), and when its object is gone. */
import type { Pod } from '../api/generated/types.ts';
import type { ContainerRecord } from './container-record.ts';
import type { Host } from './host.ts';

/** Unmounts the pod's volumes and forgets its pulls. */
export function releasePod(host: Host, pod: Pod, records: readonly ContainerRecord[]): void {
  host.volumes.unmount(pod);
  const images = records.map(({ spec }) => spec.image ?? '');
  host.images.forgetPod(pod.metadata.uid, images);
}

/** Removes the pod's containers with their logs. */
export function removeContainers({ runtime }: Host, records: readonly ContainerRecord[]): void {
  for (const { id, previousId } of records) {
    if (id) runtime.removeContainer(id);
    if (previousId) runtime.removeContainer(previousId);
  }
}
