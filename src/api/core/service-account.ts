/** The kind ServiceAccount. */
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { ServiceAccount } from '../generated/types.ts';

/** v1 ServiceAccount. */
export const ServiceAccountResource = defineResource<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  namespaced: true,
  schema: 'core.v1.ServiceAccount',
  columns: [nameColumn, { name: 'Secrets', value: ({ secrets }) => secrets?.length ?? 0 }, ageColumn],
});
