/** The kind LimitRange. */
import { defineResource } from '../resource.ts';
import type { LimitRange } from '../generated/types.ts';

/** v1 LimitRange. */
export const LimitRangeResource = defineResource<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  schema: 'core.v1.LimitRange',
  columns: [],
});
