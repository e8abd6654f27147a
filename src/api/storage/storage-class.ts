/** The kind StorageClass. */
import { withDefaults } from '../defaulting.ts';
import { ageColumn } from '../columns.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { forbiddenField, required } from '../../apimachinery/status.ts';
import { immutable, oneOf } from '../validation/common.ts';
import { defineResource } from '../resource.ts';
import type { StorageClass } from '../generated/types.ts';

const DEFAULT_ANNOTATIONS = ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'];

/** Whether claims that name no class get this one (`IsDefaultAnnotation`). */
export function isDefaultStorageClass({ metadata }: StorageClass): boolean {
  return DEFAULT_ANNOTATIONS.some((name) => metadata.annotations?.[name] === 'true');
}

/** storage.k8s.io/v1 StorageClass. */
export const StorageClassResource = defineResource<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  schema: 'storage.v1.StorageClass',
  defaults: (storageClass) => withDefaults(storageClass, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  validate: (storageClass) => [
    ...(storageClass.provisioner ? [] : [required('provisioner')]),
    ...oneOf('reclaimPolicy', storageClass.reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', storageClass.volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], true),
  ],
  validateUpdate(next, old) {
    const errors = (['parameters', 'provisioner', 'reclaimPolicy'] as const)
      .filter((field) => !deepEqual(next[field], old[field]))
      .map((field) => forbiddenField(field, `updates to ${field} are forbidden.`));
    return [...errors, ...immutable('volumeBindingMode', next.volumeBindingMode, old.volumeBindingMode)];
  },
  notSimulated: ['allowVolumeExpansion', 'mountOptions', 'parameters'],
  columns: [
    {
      name: 'Name',
      format: 'name',
      value: (storageClass) => `${storageClass.metadata.name}${isDefaultStorageClass(storageClass) ? ' (default)' : ''}`,
    },
    { name: 'Provisioner', value: ({ provisioner }) => provisioner },
    { name: 'ReclaimPolicy', value: ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete' },
    { name: 'VolumeBindingMode', value: ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate' },
    { name: 'AllowVolumeExpansion', value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    ageColumn,
  ],
});
