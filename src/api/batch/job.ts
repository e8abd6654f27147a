/** The kind Job. */
import { defineResource } from '../resource.ts';
import type { Job } from '../generated/types.ts';

/** batch/v1 Job. */
export const JobResource = defineResource<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  categories: ['all'],
  namespaced: true,
  schema: 'batch.v1.Job',
  subresources: { status: true },
  columns: [],
});
