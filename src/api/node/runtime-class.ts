/** The kind RuntimeClass. */
import { ageColumn, nameColumn } from '../columns.ts';
import { immutable, requiredLabel } from '../validation/common.ts';
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
  validate: ({ handler }) => requiredLabel('handler', handler),
  validateUpdate: (next, old) => immutable('handler', next.handler, old.handler),
  notSimulated: ['overhead', 'scheduling'],
  columns: [nameColumn, { name: 'Handler', value: ({ handler }) => handler }, ageColumn],
});
