/** The kind PersistentVolumeClaim. */
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatAccessModes, nameColumn } from '../columns.ts';
import { storageClassOf } from './storage-class-of.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { Input } from '../../apimachinery/meta.ts';
import type { PersistentVolumeClaim } from '../generated/types.ts';

/** The defaults of a claim inside a StatefulSet (`SetDefaults_PersistentVolumeClaim`). */
export function defaultClaimTemplate<T extends Input<PersistentVolumeClaim>>(claim: T): T {
  const next = mapField(withSpec(claim), 'spec', (spec) => withDefaults(spec, { volumeMode: 'Filesystem' }) as typeof spec);
  return withDefaults<T>(next, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } } as Partial<T>);
}

/** Fields of a claim's spec that are stored with no effect. */
export const CLAIM_NOT_SIMULATED = ['dataSource', 'dataSourceRef', 'volumeAttributesClassName'];

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
  defaults: (claim) =>
    withDefaults(
      mapField(withSpec(claim), 'spec', (spec) => withDefaults(spec, { volumeMode: 'Filesystem' })),
      { status: { phase: 'Pending' } },
    ),
  prepareForCreate: (claim) => ({ ...claim, status: { phase: 'Pending' } }),
  validate: ({ spec }) => checks.get().validateClaimSpec(spec, 'spec'),
  validateUpdate: (...given) => checks.get().validateClaimUpdate(...given),
  // Differs: a claim that asks for more storage keeps the volume it has; nothing resizes it.
  notSimulated: CLAIM_NOT_SIMULATED.map((field) => `spec.${field}`),
  columns: [
    nameColumn,
    { name: 'Status', value: ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? '')) },
    { name: 'Volume', value: ({ spec }) => spec.volumeName ?? '' },
    { name: 'Capacity', value: ({ spec, status }) => (spec.volumeName ? (status?.capacity?.['storage'] ?? '') : '') },
    { name: 'Access Modes', value: ({ spec, status }) => (spec.volumeName ? formatAccessModes(status?.accessModes) : '') },
    { name: 'StorageClass', value: (claim) => storageClassOf(claim) },
    { name: 'VolumeAttributesClass', value: ({ spec }) => spec.volumeAttributesClassName ?? '<unset>' },
    ageColumn,
    { name: 'VolumeMode', priority: 1, value: ({ spec }) => spec.volumeMode ?? '<unset>' },
  ],
});
