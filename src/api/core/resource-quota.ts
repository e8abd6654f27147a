/** The kind ResourceQuota. */
import { ageColumn, nameColumn } from '../columns.ts';
import { withSpec } from '../defaulting.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { ResourceQuota } from '../generated/types.ts';

/** "pods: 2/4, requests.cpu: 1/2" in the order of names. */
function usageText({ status }: ResourceQuota, wanted: (resource: string) => boolean): string {
  const resources = Object.keys(status?.hard ?? {})
    .filter(wanted)
    .sort();
  return resources.map((resource) => `${resource}: ${status?.used?.[resource] ?? '0'}/${status?.hard?.[resource]}`).join(', ');
}

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
  defaults: withSpec,
  validate: (...given) => checks.get().validateResourceQuota(...given),
  validateUpdate: (...given) => checks.get().validateResourceQuotaUpdate(...given),
  columns: [
    nameColumn,
    { name: 'Request', value: (quota) => usageText(quota, (resource) => !resource.startsWith('limits.')) },
    { name: 'Limit', value: (quota) => usageText(quota, (resource) => resource.startsWith('limits.')) },
    ageColumn,
  ],
});
