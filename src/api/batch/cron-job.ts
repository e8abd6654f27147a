/** The kind CronJob. */
import { defineResource } from '../resource.ts';
import type { CronJob } from '../generated/types.ts';

/** batch/v1 CronJob. */
export const CronJobResource = defineResource<CronJob>({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  shortNames: ['cj'],
  categories: ['all'],
  namespaced: true,
  schema: 'batch.v1.CronJob',
  subresources: { status: true },
  columns: [],
});
