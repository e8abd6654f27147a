/** The kind CronJob. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn, since, workloadColumns } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { CronJob, CronJobSpec } from '../generated/types.ts';

/** `SetDefaults_CronJob`. */
function defaultSpec(spec: CronJobSpec): CronJobSpec {
  const next = withDefaults(spec, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  return mapField(next, 'jobTemplate', (template) => mapField(template, 'spec', (job) => (job ? withTemplateDefaults(job) : job)));
}

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
  defaults: (cronJob) => mapField(withSpec(cronJob), 'spec', defaultSpec),
  columns: [
    nameColumn,
    { name: 'Schedule', value: ({ spec }) => spec.schedule },
    { name: 'Timezone', value: ({ spec }) => spec.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', value: ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', value: ({ status }) => status?.active?.length ?? 0 },
    { name: 'Last Schedule', value: ({ status }, now) => (status?.lastScheduleTime ? since(status.lastScheduleTime, now) : '<none>') },
    ageColumn,
    ...workloadColumns<CronJob>(
      ({ spec }) => spec.jobTemplate?.spec?.template?.spec,
      ({ spec }) => formatLabelSelector(spec.jobTemplate?.spec?.selector),
    ),
  ],
});
