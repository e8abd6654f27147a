/** The kind StorageClass. */
import { withDefaults } from '../defaulting.ts';
import { defineResource } from '../resource.ts';
import type { StorageClass } from '../generated/types.ts';

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
  columns: [],
});
