/** The kind Deployment. */
import { defineResource } from '../resource.ts';
import type { Deployment } from '../generated/types.ts';

/** apps/v1 Deployment. */
export const DeploymentResource = defineResource<Deployment>({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.Deployment',
  subresources: { status: true },
  columns: [],
});
