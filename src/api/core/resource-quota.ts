/** The kind ResourceQuota. */
import { defineResource } from '../resource.ts';
import type { ResourceQuota } from '../generated/types.ts';

/** v1 ResourceQuota. */
export const ResourceQuotaResource = defineResource<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  namespaced: true,
  schema: 'core.v1.ResourceQuota',
  subresources: { status: true },
  columns: [],
});
