/** The kind ReplicaSet. */
import { defineResource } from '../resource.ts';
import type { ReplicaSet } from '../generated/types.ts';

/** apps/v1 ReplicaSet. */
export const ReplicaSetResource = defineResource<ReplicaSet>({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.ReplicaSet',
  subresources: { status: true },
  columns: [],
});
