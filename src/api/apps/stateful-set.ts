/** The kind StatefulSet. */
import { defineResource } from '../resource.ts';
import type { StatefulSet } from '../generated/types.ts';

/** apps/v1 StatefulSet. */
export const StatefulSetResource = defineResource<StatefulSet>({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.StatefulSet',
  subresources: { status: true },
  columns: [],
});
