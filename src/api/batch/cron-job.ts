/** The kind CronJob. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, withDefaults, withField, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn, since, workloadColumns } from '../columns.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { notNegative, oneOf } from '../validation/common.ts';
import { podSpecNotSimulated } from '../core/pod-fidelity.ts';
import { scheduleError } from './schedule.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { CronJob, CronJobSpec } from '../generated/types.ts';

/** `SetDefaults_CronJob`. */
function defaultSpec(spec: CronJobSpec): CronJobSpec {
  const next = withDefaults(spec, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  return withField(next, 'jobTemplate', mapField(withSpec(next.jobTemplate ?? {}), 'spec', withTemplateDefaults));
}

/** Eleven characters less than a name may have: the Jobs' names end in a dash and ten digits. */
const NAME_MAX_LENGTH = 52;

function validateSchedule(schedule: string | undefined, timeZone: string | undefined): FieldError[] {
  const path = 'spec.schedule';
  if (!schedule) return [required(path)];
  if (schedule.includes('TZ')) {
    const why =
      timeZone === undefined
        ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
        : 'cannot use both timeZone field and TZ or CRON_TZ in schedule';
    return [invalidValue(path, schedule, why)];
  }
  const error = scheduleError(schedule);
  return error === undefined ? [] : [invalidValue(path, schedule, error)];
}

/** `ValidateCronJobSpec`. Differs: time zones are checked for their form, not against a list of zones. */
function validateCronJob({ metadata, spec }: CronJob): FieldError[] {
  const errors = validateSchedule(spec.schedule, spec.timeZone);
  errors.push(...notNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds));
  if (spec.timeZone === '') errors.push(invalidValue('spec.timeZone', '', 'timeZone must be nil or non-empty string'));
  else if (spec.timeZone !== undefined && !/^[A-Za-z_]+([/+-][A-Za-z0-9_+-]+)*$/.test(spec.timeZone)) {
    errors.push(invalidValue('spec.timeZone', spec.timeZone, `unknown time zone ${spec.timeZone}`));
  }
  errors.push(
    ...oneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], true),
    ...checks.get().validateJobSpec(spec.jobTemplate?.spec ?? {}, 'spec.jobTemplate.spec'),
    ...notNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...notNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  );
  if (metadata.name.length > NAME_MAX_LENGTH) {
    errors.push(invalidValue('metadata.name', metadata.name, `must be no more than ${NAME_MAX_LENGTH} characters`));
  }
  return errors;
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
  validate: validateCronJob,
  notSimulated: podSpecNotSimulated('spec.jobTemplate.spec.template.spec'),
  warnings: ({ metadata, spec }, old) => [
    ...(old ? [] : checks.get().nameWarnings(metadata.name, 'Pod names and hostnames')),
    ...checks.get().podSpecWarnings(spec.jobTemplate?.spec?.template?.spec, 'spec.jobTemplate.spec.template.spec'),
  ],
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
