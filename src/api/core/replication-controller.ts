/** The kind ReplicationController. */
import { defineResource } from '../resource.ts';
import type { ReplicationController } from '../generated/types.ts';

/** v1 ReplicationController. */
export const ReplicationControllerResource = defineResource<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema: 'core.v1.ReplicationController',
  subresources: { status: true },
  columns: [],
});
