/** The kind RuntimeClass. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { RuntimeClass } from '../generated/types.ts';

/** node.k8s.io/v1 RuntimeClass. */
export const RuntimeClassResource = defineResource<RuntimeClass>({
  group: 'node.k8s.io',
  version: 'v1',
  kind: 'RuntimeClass',
  plural: 'runtimeclasses',
  namespaced: false,
  schema: 'node.v1.RuntimeClass',
  columns: [nameColumn, { name: 'Handler', value: ({ handler }) => handler }, ageColumn],
});
