/** The kind Lease. */
import { ageColumn, nameColumn } from '../columns.ts';
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
  columns: [nameColumn, { name: 'Holder', value: ({ spec }) => spec?.holderIdentity ?? '' }, ageColumn],
});
