/** The kind ConfigMap. */
import { ageColumn, nameColumn } from '../columns.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { ConfigMap } from '../generated/types.ts';

/** v1 ConfigMap. */
export const ConfigMapResource = defineResource<ConfigMap>({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  shortNames: ['cm'],
  namespaced: true,
  schema: 'core.v1.ConfigMap',
  validate: (...given) => checks.get().validateConfigMap(...given),
  validateUpdate: (...given) => checks.get().validateConfigMapUpdate(...given),
  columns: [
    nameColumn,
    { name: 'Data', value: ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length },
    ageColumn,
  ],
});
