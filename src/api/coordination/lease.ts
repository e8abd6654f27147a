/** The kind Lease. */
import { ageColumn, nameColumn } from '../columns.ts';
import { invalidValue } from '../../apimachinery/status.ts';
import { notNegative } from '../validation/common.ts';
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
  validate({ spec }) {
    const { leaseDurationSeconds: seconds, leaseTransitions } = spec ?? {};
    const errors =
      seconds !== undefined && seconds <= 0 ? [invalidValue('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : [];
    return [...errors, ...notNegative('spec.leaseTransitions', leaseTransitions)];
  },
  notSimulated: ['spec.preferredHolder', 'spec.strategy'],
  columns: [nameColumn, { name: 'Holder', value: ({ spec }) => spec?.holderIdentity ?? '' }, ageColumn],
});
