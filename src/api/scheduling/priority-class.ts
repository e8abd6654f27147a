/** The kind PriorityClass. */
import { withDefaults } from '../defaulting.ts';
import { defineResource } from '../resource.ts';
import type { PriorityClass } from '../generated/types.ts';

/** scheduling.k8s.io/v1 PriorityClass. */
export const PriorityClassResource = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  schema: 'scheduling.v1.PriorityClass',
  defaults: (priorityClass) => withDefaults(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  columns: [],
});
