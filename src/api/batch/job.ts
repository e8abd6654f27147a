/** The kind Job. */
import { withTemplateDefaults } from '../core/pod-spec-defaults.ts';
import { mapField, mapItems, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn, workloadColumns } from '../columns.ts';
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { TEMPLATE_NOT_SIMULATED } from '../core/pod-fidelity.ts';
import { countsNotNegative } from '../validation/status.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { Job, JobSpec, PodFailurePolicyRule } from '../generated/types.ts';

const NO_LIMIT = 2147483647;

const defaultRule = (rule: PodFailurePolicyRule): PodFailurePolicyRule =>
  mapField(rule, 'onPodConditions', (patterns) => mapItems(patterns, (pattern) => withDefaults(pattern, { status: 'True' })));

/** `SetDefaults_Job`. */
function defaultSpec(spec: JobSpec): JobSpec {
  const next = withDefaults(spec, {
    completions: spec.parallelism === undefined ? 1 : undefined,
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : NO_LIMIT,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
    podReplacementPolicy: spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  });
  return mapField(next, 'podFailurePolicy', (policy) => mapField(policy, 'rules', (rules) => mapItems(rules, defaultRule)));
}

/** Gives the Job's pods labels that only they have, and a selector for them (`generateSelector` in `pkg/registry/batch/job/strategy.go`). */
function withGeneratedSelector(job: Job): Job {
  const { spec, metadata } = job;
  if (!spec?.template || spec.manualSelector || spec.selector) return job;
  const labels = {
    ...spec.template.metadata?.labels,
    'controller-uid': metadata.uid,
    'job-name': metadata.name,
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name,
  };
  return {
    ...job,
    spec: {
      ...spec,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': metadata.uid } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}

/** The first of the conditions that is true, in this order; else Running. */
function statusText({ metadata, status }: Job): string {
  const has = (type: string) => isCondition(status?.conditions, type);
  for (const type of ['Complete', 'Failed']) if (has(type)) return type;
  if (metadata.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  return humanDuration((status.completionTime ? parseTime(status.completionTime) : now) - parseTime(status.startTime));
}

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
  defaults(job) {
    const labels = job.spec?.template?.metadata?.labels;
    const labelled =
      labels && Object.keys(job.metadata.labels ?? {}).length === 0 && Object.keys(labels).length > 0
        ? { ...job, metadata: { ...job.metadata, labels } }
        : job;
    return mapField(withSpec(labelled), 'spec', (spec) => withTemplateDefaults(defaultSpec(spec)));
  },
  prepareForCreate: withGeneratedSelector,
  validate: (...given) => checks.get().validateJob(...given),
  validateUpdate: (...given) => checks.get().validateJobUpdate(...given),
  validateStatusUpdate: ({ status }) => countsNotNegative(status, ['active', 'succeeded', 'failed', 'ready', 'terminating']),
  selectableFields: ({ status }) => ({ 'status.successful': String(status?.succeeded ?? 0) }),
  notSimulated: TEMPLATE_NOT_SIMULATED,
  warnings: (...given) => checks.get().workloadWarnings(...given),
  columns: [
    nameColumn,
    { name: 'Status', value: statusText },
    { name: 'Completions', value: completionsText },
    { name: 'Duration', value: durationText },
    ageColumn,
    ...workloadColumns<Job>(
      ({ spec }) => spec.template?.spec,
      ({ spec }) => formatLabelSelector(spec.selector),
    ),
  ],
});
