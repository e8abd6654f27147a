/** The kind PersistentVolumeClaim. */
import { defineResource } from '../resource.ts';
import type { PersistentVolumeClaim } from '../generated/types.ts';

/** v1 PersistentVolumeClaim. */
export const PersistentVolumeClaimResource = defineResource<PersistentVolumeClaim>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolumeClaim',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  namespaced: true,
  schema: 'core.v1.PersistentVolumeClaim',
  subresources: { status: true },
  columns: [],
});
