/** The class that a claim asks for or a volume belongs to. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';

const BETA_ANNOTATION = 'volume.beta.kubernetes.io/storage-class';

/** The class's name, "" for none; the old annotation wins (`GetPersistentVolumeClaimClass`, `GetPersistentVolumeClass`). */
export function storageClassOf({ metadata, spec }: KubernetesObject & { spec: { storageClassName?: string } }): string {
  return metadata.annotations?.[BETA_ANNOTATION] ?? spec.storageClassName ?? '';
}
