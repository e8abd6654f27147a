/**
 * The scheduler's configuration in KubeSchedulerConfiguration form (kubescheduler.config.k8s.io/v1), its defaults, and
 * what a profile comes to after merging (`pkg/scheduler/apis/config/v1/default_plugins.go`,
 * `pkg/scheduler/framework/runtime/framework.go`: expandMultiPointPlugins).
 * Differs: a configuration's extenders, leaderElection, clientConnection and parallelism have no effect.
 */
import { badRequest } from '../apimachinery/status.ts';
import type { SchedulingOverrides } from '../api/kubarium/scheduling-decision.ts';
import type { PluginFactory } from './framework/interface.ts';

/** A plugin in a list of the configuration. */
export interface PluginRef {
  name: string;
  /** For Score; default 1. */
  weight?: number;
}

/** What a profile changes at one extension point. "*" in `disabled` disables all defaults. */
export interface PluginSet {
  enabled?: readonly PluginRef[];
  disabled?: readonly PluginRef[];
}

/** The extension points that a profile lists plugins at. */
export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;

/** One of them. */
export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

/** One profile. */
export interface SchedulerProfile {
  schedulerName?: string;
  percentageOfNodesToScore?: number;
  plugins?: Partial<Record<ExtensionPoint | 'multiPoint', PluginSet>>;
  pluginConfig?: readonly { name: string; args: Readonly<Record<string, unknown>> }[];
  /** The classic mode: predicates and priorities by their old names instead of plugins. */
  policy?: ClassicPolicy;
  /** Borg's ways to place and to search. */
  borg?: BorgOptions;
}

/** What `--policy-config-file` said until release 1.22 (`kind: Policy`, v1). */
export interface ClassicPolicy {
  predicates?: readonly { name: string }[];
  priorities?: readonly { name: string; weight?: number }[];
}

/** Ideas of Borg's scheduler (Verma and others, EuroSys 2015, sections 3.2 and 3.4), each of which can be switched on alone. */
export interface BorgOptions {
  /** How full nodes count; default: the profile's own plugins. */
  placement?: 'WorstFit' | 'BestFit' | 'Hybrid';
  /** Scores of a node are kept until the node or the pod's class changes. */
  scoreCache?: boolean;
  /** Feasibility and scores are worked out once per class of equal pods. */
  equivalenceClasses?: boolean;
  /** Nodes are examined in random order until so many feasible ones are found. 0: off. */
  relaxedRandomization?: number;
  /** A node on which the same pod, or one of the same controller, has just failed, is avoided. */
  avoidFailedPairs?: boolean;
}

/** The configuration file. */
export interface KubeSchedulerConfiguration {
  apiVersion?: string;
  kind?: string;
  percentageOfNodesToScore?: number;
  podInitialBackoffSeconds?: number;
  podMaxBackoffSeconds?: number;
  profiles?: readonly SchedulerProfile[];
}

/** A profile after merging. */
export interface ResolvedProfile {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number | undefined;
  readonly plugins: readonly { readonly name: string; readonly factory: PluginFactory; readonly args: Readonly<Record<string, unknown>> }[];
  /** Names per extension point, in order. A plugin that does not implement a point is left out when it is made. */
  readonly points: Readonly<Record<ExtensionPoint, readonly string[]>>;
  readonly weights: Readonly<Record<string, number>>;
  /** Highest normalised score; default 100. */
  readonly maxScore?: number;
  /** Plugins that the profile itself names at one point; they must implement it. */
  readonly explicit: readonly { readonly point: ExtensionPoint; readonly name: string }[];
  readonly search?: SearchOptions;
}

/** How nodes are searched, beyond upstream's way. */
export type SearchOptions = Pick<BorgOptions, 'scoreCache' | 'equivalenceClasses' | 'relaxedRandomization'>;

/** A profile put into plugins of a registry. */
export interface Translation {
  readonly profile: SchedulerProfile;
  readonly registry: PluginRegistry;
  readonly maxScore?: number;
  readonly search?: SearchOptions;
}

/** The plugins that may be named, and the default profile's list. */
export interface PluginRegistry {
  /** Reads a Policy of the classic mode. */
  readonly classic?: (profile: SchedulerProfile, policy: ClassicPolicy, registry: PluginRegistry) => Translation;
  /** Adds what Borg does. */
  readonly borg?: (profile: SchedulerProfile, options: BorgOptions, registry: PluginRegistry) => Translation;
  readonly factories: Readonly<Record<string, PluginFactory>>;
  /** In the order in which they run, with the weights of their scores. */
  readonly defaults: readonly DefaultPlugin[];
}

/** A plugin that profiles have unless they disable it. */
export interface DefaultPlugin extends PluginRef {
  /** Only in these profiles; absent: in all. */
  readonly profiles?: readonly string[];
}

export const DEFAULT_SCHEDULER_NAME = 'default-scheduler';

/** Appends what is enabled to the defaults that are not disabled; an enabled default moves nothing but takes the new weight. */
function merge(defaults: readonly PluginRef[], { enabled = [], disabled = [] }: PluginSet): PluginRef[] {
  const off = new Set(disabled.map(({ name }) => name));
  const replaced = new Map(enabled.map((ref) => [ref.name, ref]));
  const kept = off.has('*') ? [] : defaults.filter(({ name }) => !off.has(name)).map((ref) => replaced.get(ref.name) ?? ref);
  const names = new Set(kept.map(({ name }) => name));
  return [...kept, ...enabled.filter(({ name }) => !names.has(name))];
}

/** Names at one point: its own list first, then the multi-point plugins that it neither names nor disables. */
function namesAt(multiPoint: readonly PluginRef[], { enabled = [], disabled = [] }: PluginSet): string[] {
  const off = new Set(disabled.map(({ name }) => name));
  const own = enabled.map(({ name }) => name);
  const multi = multiPoint.map(({ name }) => name);
  // A point's own entry for a multi-point plugin keeps the multi-point's place only when that comes from the defaults.
  const extra = off.has('*') ? [] : multi.filter((name) => !off.has(name) && !own.includes(name));
  return [...own, ...extra];
}

function weightsOf(multiPoint: readonly PluginRef[], score: PluginSet | undefined): Record<string, number> {
  const weights: Record<string, number> = {};
  for (const { name, weight } of [...multiPoint, ...(score?.enabled ?? [])]) {
    if (weight !== undefined && (!Number.isInteger(weight) || weight < 0 || weight > MAX_WEIGHT)) {
      throw badRequest(`plugin "${name}" has an invalid weight ${weight}: it must be an integer from 0 to ${MAX_WEIGHT}`);
    }
    weights[name] = weight || weights[name] || 1;
  }
  return weights;
}

/** `MaxTotalScore / MaxNodeScore`; keeps totals exact. */
const MAX_WEIGHT = 10_000_000;

/** Merges a profile with the defaults. Throws BadRequest for a plugin that is not registered and for weights out of range. */
export function resolveProfile(
  profile: SchedulerProfile,
  registry: PluginRegistry,
  global: KubeSchedulerConfiguration = {},
): ResolvedProfile {
  const { policy, borg } = profile;
  const { maxScore, search, ...translated } = translate(profile, registry, policy, borg);
  const resolved = resolvePlugins(translated.profile, translated.registry, global);
  return { ...resolved, ...(maxScore !== undefined && { maxScore }), ...(search !== undefined && { search }) };
}

function translate(
  profile: SchedulerProfile,
  registry: PluginRegistry,
  policy: ClassicPolicy | undefined,
  borg: BorgOptions | undefined,
): Translation {
  if (policy !== undefined && borg !== undefined) throw badRequest('a profile cannot have both a policy of the classic mode and borg');
  if (policy !== undefined && registry.classic !== undefined) return registry.classic(profile, policy, registry);
  if (borg !== undefined && registry.borg !== undefined) return registry.borg(profile, borg, registry);
  return { profile, registry };
}

function resolvePlugins(profile: SchedulerProfile, registry: PluginRegistry, global: KubeSchedulerConfiguration): ResolvedProfile {
  const { plugins = {}, pluginConfig = [], schedulerName = DEFAULT_SCHEDULER_NAME } = profile;
  const defaults = registry.defaults.filter(({ profiles }) => profiles?.includes(schedulerName) ?? true);
  const multiPoint = merge(defaults, plugins.multiPoint ?? {});
  const points = Object.fromEntries(EXTENSION_POINTS.map((point) => [point, namesAt(multiPoint, plugins[point] ?? {})])) as Record<
    ExtensionPoint,
    string[]
  >;
  const args = new Map(pluginConfig.map((entry) => [entry.name, entry.args]));
  const names = [...new Set([...multiPoint.map(({ name }) => name), ...Object.values(points).flat()])];
  const made = names.map((name) => {
    const factory = registry.factories[name];
    if (factory === undefined)
      throw badRequest(`initializing profiles: creating profile for scheduler name ${schedulerName}: ${name} does not exist`);
    return { name, factory, args: args.get(name) ?? {} };
  });
  const percentageOfNodesToScore = profile.percentageOfNodesToScore ?? global.percentageOfNodesToScore;
  const explicit = EXTENSION_POINTS.flatMap((point) => (plugins[point]?.enabled ?? []).map(({ name }) => ({ point, name })));
  return { schedulerName, percentageOfNodesToScore, plugins: made, points, weights: weightsOf(multiPoint, plugins.score), explicit };
}

/** The profile with a dry run's own weights and without the plugins it leaves out. Weight 0 leaves a score out. */
export function overriddenProfile(profile: ResolvedProfile, { weights = {}, disabledPlugins = [] }: SchedulingOverrides): ResolvedProfile {
  const off = new Set(disabledPlugins);
  const known = new Set(profile.plugins.map(({ name }) => name));
  for (const name of [...Object.keys(weights), ...off])
    if (!known.has(name)) throw badRequest(`spec.overrides: the profile has no plugin ${name}`);
  const points: Record<ExtensionPoint, readonly string[]> = { ...profile.points };
  for (const point of EXTENSION_POINTS) {
    const keep = (name: string) =>
      point === 'queueSort' || point === 'bind' || (!off.has(name) && !(point === 'score' && weights[name] === 0));
    points[point] = points[point].filter(keep);
  }
  return { ...profile, points, weights: { ...profile.weights, ...weights } };
}

/** The profile with one plugin only; one that `preempts` keeps the others' filters. Throws BadRequest when it has no such plugin. */
export function aloneProfile(profile: ResolvedProfile, plugin: string, preempts: boolean): ResolvedProfile {
  if (!profile.plugins.some(({ name }) => name === plugin)) throw badRequest(`spec.overrides.plugin: the profile has no plugin ${plugin}`);
  const points: Record<ExtensionPoint, readonly string[]> = { ...profile.points };
  for (const point of EXTENSION_POINTS) {
    const basic = point === 'queueSort' || point === 'bind';
    const filters = preempts && (point === 'preFilter' || point === 'filter');
    if (!basic && !filters) points[point] = points[point].filter((name) => name === plugin);
  }
  return { ...profile, points };
}
