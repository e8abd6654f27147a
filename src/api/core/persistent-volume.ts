/** The kind PersistentVolume. */
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
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
  defaults: (volume) =>
    withDefaults(
      mapField(withSpec(volume), 'spec', (spec) =>
        withDefaults(spec, { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' }),
      ),
      { status: { phase: 'Pending' } },
    ),
  prepareForCreate: (volume) => ({ ...volume, status: { phase: 'Pending' } }),
  columns: [],
});
