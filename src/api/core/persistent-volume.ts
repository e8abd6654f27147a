/** The kind PersistentVolume. */
import { defineResource } from '../resource.ts';
import type { PersistentVolume } from '../generated/types.ts';

/** v1 PersistentVolume. */
export const PersistentVolumeResource = defineResource<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  schema: 'core.v1.PersistentVolume',
  subresources: { status: true },
  columns: [],
});
