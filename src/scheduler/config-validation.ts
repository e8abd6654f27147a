/**
 * What a configuration may say (`pkg/scheduler/apis/config/validation/validation.go`, `validation_pluginargs.go`).
 */
import { badRequest, duplicate, invalidValue, notSupported, required } from '../apimachinery/status.ts';
import type { FieldError, StatusError } from '../apimachinery/status.ts';
import type { KubeSchedulerConfiguration, SchedulerProfile } from './config.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The error of a configuration that cannot be used. */
export const invalidConfiguration = (why: string): StatusError => badRequest(why);

const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const recordOf = (value: unknown): Fields => (isRecord(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

function notInRange(value: unknown, low: number, high: number): boolean {
  return value !== undefined && !(typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high);
}

/** An error when the field is set and not a whole number from `low` to `high`. */
function range(path: string, fields: Fields, name: string, low: number, high: number): FieldError[] {
  return notInRange(fields[name], low, high) ? [invalidValue(`${path}${name}`, fields[name], `not in valid range [${low}-${high}]`)] : [];
}

function resources(path: string, value: unknown, wanted: string): FieldError[] {
  return listOf(value).flatMap((item, index) => {
    const { name, weight } = recordOf(item);
    const at = `${path}[${index}]`;
    if (typeof name !== 'string' || name === '') return [required(`${at}.name`)];
    if (wanted === 'balanced' && weight !== undefined && weight !== 1) {
      return [invalidValue(`${at}.weight`, weight, 'must be 1')];
    }
    return notInRange(weight, 1, 100)
      ? [invalidValue(`${at}.weight`, weight, `resource weight of ${name} not in valid range [1-100]`)]
      : [];
  });
}

function shape(path: string, value: unknown): FieldError[] {
  const points = listOf(value).map(recordOf);
  if (points.length === 0) return [required(path, 'at least one point must be specified')];
  return points.flatMap(({ utilization, score }, index) => {
    const before = points[index - 1]?.['utilization'];
    const errors: FieldError[] = [];
    if (notInRange(utilization ?? null, 0, 100))
      errors.push(invalidValue(`${path}[${index}].utilization`, utilization, 'not in valid range [0-100]'));
    else if (typeof before === 'number' && before >= (utilization as number)) {
      errors.push(invalidValue(`${path}[${index}].utilization`, utilization, 'utilization values must be sorted in increasing order'));
    }
    if (notInRange(score ?? null, 0, 10)) errors.push(invalidValue(`${path}[${index}].score`, score, 'not in valid range [0-10]'));
    return errors;
  });
}

const STRATEGIES = ['LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio'];

function fitArgs(path: string, args: Fields): FieldError[] {
  const ignored = listOf(args['ignoredResourceGroups']).flatMap((group, index) =>
    typeof group === 'string' && group.includes('/')
      ? [invalidValue(`${path}ignoredResourceGroups[${index}]`, group, "resource group name can't contain '/'")]
      : [],
  );
  const strategy = recordOf(args['scoringStrategy']);
  const type = strategy['type'] ?? 'LeastAllocated';
  const at = `${path}scoringStrategy`;
  const errors = [...ignored, ...resources(`${at}.resources`, strategy['resources'], 'weighted')];
  if (typeof type !== 'string' || !STRATEGIES.includes(type)) errors.push(notSupported(`${at}.type`, type, STRATEGIES));
  else if (type === 'RequestedToCapacityRatio') {
    errors.push(...shape(`${at}.requestedToCapacityRatio.shape`, recordOf(strategy['requestedToCapacityRatio'])['shape']));
  }
  return errors;
}

function spreadArgs(path: string, args: Fields): FieldError[] {
  const listed = listOf(args['defaultConstraints']).map(recordOf);
  const type = args['defaultingType'] ?? (listed.length > 0 ? 'List' : 'System');
  const errors: FieldError[] = [];
  if (type !== 'List' && type !== 'System') errors.push(notSupported(`${path}defaultingType`, type, ['System', 'List']));
  if (type === 'System' && listed.length > 0) {
    errors.push(invalidValue(`${path}defaultingType`, type, 'when .defaultConstraints are not empty, .defaultingType must be "List"'));
  }
  listed.forEach((constraint, index) => {
    const at = `${path}defaultConstraints[${index}].`;
    const { topologyKey, whenUnsatisfiable, labelSelector, maxSkew } = constraint;
    if (typeof maxSkew !== 'number' || maxSkew <= 0) errors.push(invalidValue(`${at}maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${at}topologyKey`, 'can not be empty'));
    if (!whenUnsatisfiable) errors.push(required(`${at}whenUnsatisfiable`, 'can not be empty'));
    else if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') {
      errors.push(notSupported(`${at}whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
    }
    if (labelSelector !== undefined) {
      errors.push(invalidValue(`${at}labelSelector`, labelSelector, 'constraint must not define a selector, as they deduced for each pod'));
    }
  });
  return errors;
}

function preemptionArgs(path: string, args: Fields): FieldError[] {
  const { minCandidateNodesPercentage: percentage, minCandidateNodesAbsolute: absolute } = args;
  const errors = range(path, args, 'minCandidateNodesPercentage', 0, 100);
  if (absolute !== undefined && (typeof absolute !== 'number' || absolute < 0)) {
    errors.push(invalidValue(`${path}minCandidateNodesAbsolute`, absolute, 'not in valid range [0, inf)'));
  }
  if (percentage === 0 && absolute === 0) {
    errors.push(invalidValue(`${path}minCandidateNodesPercentage`, 0, 'cannot be zero at the same time as minCandidateNodesAbsolute'));
  }
  return errors;
}

const EMPTY_AFFINITY =
  'at least one of requiredDuringSchedulingIgnoredDuringExecution or preferredDuringSchedulingIgnoredDuringExecution must be set';

function affinityArgs(path: string, { addedAffinity }: Fields): FieldError[] {
  if (addedAffinity === undefined || addedAffinity === null) return [];
  const { requiredDuringSchedulingIgnoredDuringExecution: hard, preferredDuringSchedulingIgnoredDuringExecution: soft } =
    recordOf(addedAffinity);
  return hard === undefined && listOf(soft).length === 0 ? [invalidValue(`${path}addedAffinity`, addedAffinity, EMPTY_AFFINITY)] : [];
}

/** Arguments by plugin; `path` ends in a dot. */
const ARGS: Readonly<Record<string, (path: string, args: Fields) => FieldError[]>> = {
  NodeResourcesFit: fitArgs,
  NodeResourcesBalancedAllocation: (path, args) => resources(`${path}resources`, args['resources'], 'balanced'),
  InterPodAffinity: (path, args) => range(path, args, 'hardPodAffinityWeight', 0, 100),
  PodTopologySpread: spreadArgs,
  DefaultPreemption: preemptionArgs,
  NodeAffinity: affinityArgs,
  VolumeBinding: (path, { bindTimeoutSeconds: seconds }) =>
    seconds !== undefined && (typeof seconds !== 'number' || seconds < 0)
      ? [invalidValue(`${path}bindTimeoutSeconds`, seconds, 'invalid BindTimeoutSeconds, should not be a negative value')]
      : [],
};

function pluginConfig(path: string, { pluginConfig: entries = [] }: SchedulerProfile): FieldError[] {
  const seen = new Set<string>();
  return listOf(entries).flatMap((entry, index) => {
    const { name, args } = recordOf(entry);
    const at = `${path}.pluginConfig[${index}]`;
    if (typeof name !== 'string' || name === '') return [required(`${at}.name`)];
    if (seen.has(name)) return [duplicate(at, name)];
    seen.add(name);
    return ARGS[name]?.(`${at}.args.`, recordOf(args)) ?? [];
  });
}

function profileErrors(profile: SchedulerProfile, path: string): FieldError[] {
  const { plugins } = profile;
  const errors = range(`${path}.`, profile as Fields, 'percentageOfNodesToScore', 0, 100);
  for (const [point, set] of Object.entries(recordOf(plugins))) {
    for (const [which, list] of Object.entries(recordOf(set))) {
      listOf(list).forEach((item, index) => {
        const { name } = recordOf(item);
        if (typeof name !== 'string' || name === '') errors.push(required(`${path}.plugins.${point}.${which}[${index}].name`));
      });
    }
  }
  return [...errors, ...pluginConfig(path, profile)];
}

/** Finds all that is wrong with the values. Throws BadRequest with one text of all findings. */
export function validateConfiguration(config: KubeSchedulerConfiguration): void {
  const { podInitialBackoffSeconds: initial = 1, podMaxBackoffSeconds: max = 10 } = config;
  const errors = range('', config as Fields, 'percentageOfNodesToScore', 0, 100);
  if (!(typeof initial === 'number' && initial > 0))
    errors.push(invalidValue('podInitialBackoffSeconds', initial, 'must be greater than 0'));
  if (!(typeof max === 'number' && max >= initial)) {
    errors.push(invalidValue('podMaxBackoffSeconds', max, 'must be greater than or equal to PodInitialBackoffSeconds'));
  }
  const profiles = config.profiles ?? [{}];
  if (!Array.isArray(profiles) || profiles.length === 0) errors.push(required('profiles'));
  else {
    const names = new Map<string, number>();
    profiles.forEach((profile: SchedulerProfile, index) => {
      const path = `profiles[${index}]`;
      const name = profile?.schedulerName ?? (profiles.length === 1 ? 'default-scheduler' : '');
      if (name === '') errors.push(required(`${path}.schedulerName`));
      else if (names.has(name)) errors.push(duplicate(`${path}.schedulerName`, name));
      names.set(name, index);
      errors.push(...profileErrors(profile ?? {}, path));
    });
  }
  if (errors.length > 0) throw invalidConfiguration(textOf(errors));
}

/** One text of all findings, as `ToAggregate().Error()` makes it. */
export function textOf(errors: readonly FieldError[]): string {
  const texts = errors.map(({ field, detail }) => `${field}: ${detail}`);
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}
