/** The kind PersistentVolume. */
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatAccessModes, nameColumn } from '../columns.ts';
import { UNMOUNTABLE_SOURCES } from './pod-fidelity.ts';
import { storageClassOf } from './storage-class-of.ts';
import { checks } from '../checks.ts';
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
  validate: (...given) => checks.get().validateVolume(...given),
  validateUpdate: (...given) => checks.get().validateVolumeUpdate(...given),
  notSimulated: [
    'spec.mountOptions',
    'spec.volumeAttributesClassName',
    'spec.local.fsType',
    ...UNMOUNTABLE_SOURCES.filter((source) => source !== 'gitRepo' && source !== 'image').map((source) => `spec.${source}`),
  ],
  warnings: ({ spec }) =>
    spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : [],
  columns: [
    nameColumn,
    { name: 'Capacity', value: ({ spec }) => spec.capacity?.['storage'] ?? '' },
    { name: 'Access Modes', value: ({ spec }) => formatAccessModes(spec.accessModes) },
    { name: 'Reclaim Policy', value: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '' },
    { name: 'Status', value: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')) },
    { name: 'Claim', value: ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '') },
    { name: 'StorageClass', value: (volume) => storageClassOf(volume) },
    { name: 'VolumeAttributesClass', value: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>' },
    { name: 'Reason', value: ({ status }) => status?.reason ?? '' },
    ageColumn,
    { name: 'VolumeMode', priority: 1, value: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
});
