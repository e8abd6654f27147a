/**
 * Reads the text of a KubeSchedulerConfiguration, as strictly as kube-scheduler reads its --config file
 * (`cmd/kube-scheduler/app/options/configfile.go`). The result is defaulted and checked.
 */
import { parseYaml } from '../apimachinery/yaml.ts';
import { invalidConfiguration, validateConfiguration } from './config-validation.ts';
import type { ClassicPolicy, KubeSchedulerConfiguration } from './config.ts';

const API_VERSION = 'kubescheduler.config.k8s.io/v1';
const KIND = 'KubeSchedulerConfiguration';

/** What a cluster begins with; it says what the scheduler does without any configuration. */
export const DEFAULT_CONFIG_TEXT = `apiVersion: ${API_VERSION}
kind: ${KIND}
# 0: adaptive, from 50 % of 100 nodes down to 5 % of 5,600 and more.
percentageOfNodesToScore: 0
podInitialBackoffSeconds: 1
podMaxBackoffSeconds: 10
profiles:
- schedulerName: default-scheduler
  plugins:
    # Plugins to add, to leave out, and the weights of their scores, e.g. {name: ImageLocality, weight: 5}.
    multiPoint:
      enabled: []
      disabled: []
  # Arguments of plugins, e.g. {name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}.
  pluginConfig: []
`;

type Fields = Readonly<Record<string, unknown>>;

/** Fields that the scheduler knows, with those of their items. */
type Shape = { readonly [name: string]: Shape | true };

const PLUGIN_LIST: Shape = { name: true, weight: true };
const PLUGIN_SET: Shape = { enabled: PLUGIN_LIST, disabled: PLUGIN_LIST };
const POINTS = [
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
  'multiPoint',
];
const SHAPE: Shape = {
  apiVersion: true,
  kind: true,
  parallelism: true,
  leaderElection: true,
  clientConnection: true,
  enableProfiling: true,
  enableContentionProfiling: true,
  delayCacheUntilActive: true,
  extenders: true,
  percentageOfNodesToScore: true,
  podInitialBackoffSeconds: true,
  podMaxBackoffSeconds: true,
  profiles: {
    schedulerName: true,
    percentageOfNodesToScore: true,
    plugins: Object.fromEntries(POINTS.map((point) => [point, PLUGIN_SET])),
    pluginConfig: { name: true, args: true },
    policy: true,
    borg: true,
  },
};

function unknownFields(value: unknown, shape: Shape, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownFields(item, shape, `${path}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = shape[name];
    const here = path === '' ? name : `${path}.${name}`;
    if (known === undefined) return [`unknown field "${here}"`];
    return known === true ? [] : unknownFields(inner, known, here);
  });
}

function parsed(text: string): unknown {
  try {
    return text.trimStart().startsWith('{') ? (JSON.parse(text) as unknown) : parseYaml(text);
  } catch (error) {
    throw invalidConfiguration(`couldn't get version/kind; json parse error: ${(error as Error).message.split('\n')[0] ?? ''}`);
  }
}

/** The configuration. Throws BadRequest for a text that is none, for unknown fields and for values out of range. */
export function configOfText(text: string): KubeSchedulerConfiguration {
  if (text === DEFAULT_CONFIG_TEXT) return {};
  const fields = (parsed(text) ?? {}) as Fields;
  const { apiVersion, kind } = fields;
  if (typeof fields !== 'object' || Array.isArray(fields))
    throw invalidConfiguration("couldn't get version/kind; json parse error: it is no object");
  if (kind === undefined) throw invalidConfiguration(`Object 'Kind' is missing in the configuration`);
  if (apiVersion !== API_VERSION || kind !== KIND) {
    throw invalidConfiguration(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? '')}`);
  }
  const unknown = unknownFields(fields, SHAPE, '');
  if (unknown.length > 0) throw invalidConfiguration(`strict decoding error: ${unknown.join(', ')}`);
  const config = fields as KubeSchedulerConfiguration;
  validateConfiguration(config);
  return config;
}

/** A Policy of the classic mode (JSON or YAML). Throws BadRequest when the text is none. */
export function policyOfText(text: string): ClassicPolicy {
  const fields = parsed(text);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw invalidConfiguration('policy.cfg: it is no Policy');
  const { kind = 'Policy', apiVersion = 'v1', ...policy } = fields as Fields;
  if (kind !== 'Policy' || apiVersion !== 'v1') {
    throw invalidConfiguration(`policy.cfg: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
  }
  const unknown = unknownFields(policy, POLICY_SHAPE, '');
  if (unknown.length > 0) throw invalidConfiguration(`policy.cfg: strict decoding error: ${unknown.join(', ')}`);
  return policy as ClassicPolicy;
}

const POLICY_SHAPE: Shape = {
  predicates: { name: true, argument: true },
  priorities: { name: true, weight: true, argument: true },
  extenders: true,
  hardPodAffinitySymmetricWeight: true,
  alwaysCheckAllPredicates: true,
};
