/** Which PersistentVolumeClaims a pod uses, generic ephemeral volumes included. */
import type { Pod, Volume } from '../../api/generated/types.ts';

const NONE: readonly string[] = [];

/** The claim of a volume: its name, or for a generic ephemeral volume "<pod>-<volume>"; undefined for other volumes. */
export function claimName(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? `${pod.metadata.name}-${volume.name}` : undefined;
}

/** "namespace/claim" of every claim of the pod. */
export function claimKeys(pod: Pod): readonly string[] {
  let keys: string[] | undefined;
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimName(pod, volume);
    if (name !== undefined) (keys ??= []).push(`${pod.metadata.namespace ?? ''}/${name}`);
  }
  return keys ?? NONE;
}
