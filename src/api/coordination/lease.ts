/** The kind Lease. */
import { defineResource } from '../resource.ts';
import type { Lease } from '../generated/types.ts';

/** coordination.k8s.io/v1 Lease. */
export const LeaseResource = defineResource<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
  schema: 'coordination.v1.Lease',
  columns: [],
});
