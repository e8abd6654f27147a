/** The kind DaemonSet. */
import { defineResource } from '../resource.ts';
import type { DaemonSet } from '../generated/types.ts';

/** apps/v1 DaemonSet. */
export const DaemonSetResource = defineResource<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: 'apps.v1.DaemonSet',
  subresources: { status: true },
  columns: [],
});
