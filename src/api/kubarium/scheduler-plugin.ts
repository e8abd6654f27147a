/**
 * The kind SchedulerPlugin (kubarium.dev/v1alpha1): a scheduler plugin, or a whole scheduler, that the user wrote. A plugin's source is a
 * script that defines `filter(pod, node)`, `score(pod, node)` or both; a scheduler's defines `schedule(pod, nodes, pods)`. It runs in an
 * interpreter without network, page or clock, within a budget of steps. It runs only while it is approved. Approval is given by an update: an object that is created,
 * or whose source changes, is not approved, so that no share link and no file carries approval.
 */
import { defineResource } from '../resource.ts';
import { withSpec } from '../defaulting.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { isDNS1123Subdomain } from '../../apimachinery/names.ts';
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { flag, integer, kindFacts, list, must, object, text, time } from './facts.ts';
import type { DescribedTypes } from './facts.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { Condition, KubernetesObject } from '../../apimachinery/meta.ts';

/** Languages of the source. TypeScript may use types only; they are taken out before it runs. */
export const SCHEDULER_PLUGIN_LANGUAGES = ['JavaScript', 'TypeScript'] as const;

/** What the script is: a plugin of kube-scheduler, or a scheduler beside it. */
export const SCHEDULER_PLUGIN_MODES = ['Plugin', 'Scheduler'] as const;

/** The plugin. */
export interface SchedulerPluginSpec {
  /**
   * Default Plugin. A Scheduler's `schedule(pod, nodes, pods)` is called for each pod of its schedulerName that has no node; `pods` are
   * those that have one. It returns the name of a node, or `{ nodeName, reason }`; `{ reason }` or nothing when there is none now.
   */
  mode?: (typeof SCHEDULER_PLUGIN_MODES)[number];
  /** Mode Scheduler: the pods that it schedules name it so. Default: the object's name. */
  schedulerName?: string;
  /** The script, at most 64 KiB. */
  source: string;
  /** Default JavaScript. A TypeScript source runs as `compiled`. */
  language?: (typeof SCHEDULER_PLUGIN_LANGUAGES)[number];
  /** The JavaScript that the editor made of a TypeScript source. */
  compiled?: string;
  /** Mode Plugin: weight of its score, 1 to 100. Default 1. */
  weight?: number;
  /** Whether the visitor has agreed that it runs. Default false. */
  approved?: boolean;
  /** Mode Plugin: the profiles (schedulerName) it takes part in. Default: all. */
  profiles?: readonly string[];
}

/** What became of it. */
export interface SchedulerPluginStatus {
  /** Ready: True when it takes part; otherwise the message says why not: not approved, a syntax error with its line. */
  conditions?: readonly Condition[];
  /** The functions that the source defines: "filter", "score"; in mode Scheduler "schedule". */
  extensionPoints?: readonly string[];
  /** How often it failed, and the last message. */
  failures?: number;
  lastFailure?: string;
}

/** kubarium.dev/v1alpha1 SchedulerPlugin. */
export interface SchedulerPlugin extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'SchedulerPlugin';
  spec: SchedulerPluginSpec;
  status?: SchedulerPluginStatus;
}

const MAX_SOURCE = 64 * 1024;
const MAX_WEIGHT = 100;
const WANTED = {
  Plugin: 'a script that defines filter(pod, node) or score(pod, node)',
  Scheduler: 'a script that defines schedule(pod, nodes, pods)',
};

/** The field table of SchedulerPlugin. */
export const schedulerPluginTypes: DescribedTypes = {
  'kubarium.v1alpha1.SchedulerPlugin': kindFacts('SchedulerPlugin', { spec: true, status: true }),
  'kubarium.v1alpha1.SchedulerPluginSpec': {
    source: must(
      text(
        'The script: function filter(pod, node), function score(pod, node), or both; in mode Scheduler function schedule(pod, nodes, pods).',
      ),
    ),
    mode: text(
      'Plugin (default): filter(pod, node) answers true, false or a reason, score(pod, node) 0 to 100, as one more plugin of kube-scheduler. ' +
        'Scheduler: schedule(pod, nodes, pods) returns the name of a node or { nodeName, reason }, or { reason } when there is none now; ' +
        'pods are those that have a node. It binds the pods of its schedulerName itself.',
      SCHEDULER_PLUGIN_MODES,
    ),
    schedulerName: text("Mode Scheduler: the schedulerName of the pods that it schedules; default the object's name."),
    language: text('Default JavaScript.', SCHEDULER_PLUGIN_LANGUAGES),
    compiled: text('The JavaScript that the editor made of a TypeScript source.'),
    weight: integer('Mode Plugin: weight of its score, 1 to 100; default 1.'),
    approved: flag('Whether it may run. Never taken from a share link.'),
    profiles: list(text('A schedulerName.'), 'Mode Plugin: the profiles it takes part in; default all.'),
  },
  'kubarium.v1alpha1.SchedulerPluginStatus': {
    conditions: list(object('SchedulerPluginCondition', ''), 'Ready, and why not.'),
    extensionPoints: list(text('filter, score or schedule'), 'The functions that the source defines.'),
    failures: integer('How often it failed.'),
    lastFailure: text('The last message.'),
  },
  'kubarium.v1alpha1.SchedulerPluginCondition': {
    type: must(text('Ready')),
    status: must(text('True or False.', ['True', 'False', 'Unknown'])),
    reason: text('One word.'),
    message: text('A sentence.'),
    lastTransitionTime: time('Since when.'),
  },
};

function schedulerNameErrors({ mode = 'Plugin', schedulerName }: SchedulerPluginSpec): FieldError[] {
  const field = 'spec.schedulerName';
  if (!SCHEDULER_PLUGIN_MODES.includes(mode)) return [notSupported('spec.mode', mode, SCHEDULER_PLUGIN_MODES)];
  if (schedulerName === undefined) return [];
  if (mode === 'Plugin') return [invalidValue(field, schedulerName, 'may only be set when mode is Scheduler; a plugin has spec.profiles')];
  if (schedulerName === 'default-scheduler') return [invalidValue(field, schedulerName, 'is the name of kube-scheduler')];
  return isDNS1123Subdomain(schedulerName).map((detail) => invalidValue(field, schedulerName, detail));
}

function validate({ spec }: SchedulerPlugin): FieldError[] {
  const errors = schedulerNameErrors(spec);
  if (!spec.source) errors.push(required('spec.source', WANTED[spec.mode ?? 'Plugin'] ?? WANTED.Plugin));
  else if (spec.source.length > MAX_SOURCE)
    errors.push(invalidValue('spec.source', `${spec.source.length} characters`, `may not be longer than ${MAX_SOURCE}`));
  const { language = 'JavaScript', weight = 1 } = spec;
  if (!SCHEDULER_PLUGIN_LANGUAGES.includes(language)) errors.push(notSupported('spec.language', language, SCHEDULER_PLUGIN_LANGUAGES));
  if (!Number.isInteger(weight) || weight < 1 || weight > MAX_WEIGHT) {
    errors.push(invalidValue('spec.weight', weight, `must be a whole number from 1 to ${MAX_WEIGHT}`));
  }
  return errors;
}

/** Nobody can create an approved plugin: who opens a link or applies a file has not read the source yet. */
function unapproved(plugin: SchedulerPlugin): SchedulerPlugin {
  const spec: Partial<SchedulerPluginSpec> | undefined = plugin.spec;
  return spec?.approved === true ? { ...plugin, spec: { ...plugin.spec, approved: false } } : plugin;
}

const codeOf = ({ spec }: { spec?: Partial<SchedulerPluginSpec> }) =>
  JSON.stringify([spec?.source, spec?.language, spec?.compiled, spec?.mode, spec?.schedulerName]);

/** The schedulerName of the pods that it schedules; undefined for a plugin. */
export const schedulerNameOf = ({ metadata, spec }: SchedulerPlugin): string | undefined =>
  spec.mode === 'Scheduler' ? (spec.schedulerName ?? metadata.name) : undefined;

const readyOf = ({ status }: SchedulerPlugin) => status?.conditions?.find(({ type }) => type === 'Ready');

/** kubarium.dev/v1alpha1 SchedulerPlugin. */
export const SchedulerPluginResource = defineResource<SchedulerPlugin>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'SchedulerPlugin',
  plural: 'schedulerplugins',
  shortNames: ['sp'],
  categories: ['kubarium'],
  namespaced: false,
  schema: 'kubarium.v1alpha1.SchedulerPlugin',
  subresources: { status: true },
  defaults: withSpec,
  prepareForCreate: unapproved,
  prepareForUpdate: (next, old) => (codeOf(next) === codeOf(old) ? next : unapproved(next)),
  validate,
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Mode', value: ({ spec }) => spec.mode ?? 'Plugin' },
    { name: 'Weight', type: 'integer', value: ({ spec }) => spec.weight ?? 1 },
    { name: 'Approved', type: 'boolean', value: ({ spec }) => spec.approved === true },
    { name: 'Ready', value: (plugin) => readyOf(plugin)?.status ?? 'Unknown' },
    { name: 'Age', type: 'date', value: ({ metadata }, now) => humanDuration(now - parseTime(metadata.creationTimestamp)) },
    { name: 'Message', priority: 1, value: (plugin) => readyOf(plugin)?.message ?? '' },
  ],
});
