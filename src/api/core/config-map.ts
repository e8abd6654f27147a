/** The kind ConfigMap. */
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
  columns: [],
});
