/**
 * The kind Scenario: head of a scenario file. It fixes seed, cluster, clock and first view, so that a demonstration
 * repeats exactly; the manifests after it are applied at the start, and its steps at their times.
 */
import { defineResource } from '../resource.ts';
import { withSpec } from '../defaulting.ts';
import { invalidValue, notSupported } from '../../apimachinery/status.ts';
import { isDuration } from './durations.ts';
import { anything, flag, integer, intOrString, kindFacts, list, map, object, quantity, text, time } from './facts.ts';
import type { DescribedTypes } from './facts.ts';
import type { FaultSpec } from './fault.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { IntOrString, Quantity, Time } from '../generated/types.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** A text per language: `{en: …, zh: …}`; en is the fallback. */
export type LocalText = Record<string, string>;

/** A node's size. */
export interface ScenarioNode {
  cpu?: Quantity;
  memory?: Quantity;
  pods?: number;
  ephemeralStorage?: Quantity;
  labels?: Record<string, string>;
}

/** A group of equal nodes. */
export interface ScenarioNodePool extends ScenarioNode {
  count: number;
  /** Nodes are called "<name>-1" and so on. Default "node". */
  name?: string;
  zone?: string;
}

/** The cloud that a cluster runs in: none, as on bare machines, or a simulated one, which has load balancers. */
export type CloudProvider = 'none' | 'simulated';

/** How the apiserver finds out who asks and whether they may (its flags --authorization-mode, --token-auth-file ...). */
export interface ScenarioApiServer {
  /** In the order of asking: AlwaysAllow, AlwaysDeny, ABAC, Webhook, RBAC, Node. Default Node, RBAC. */
  authorizationModes?: string[];
  /** Lines of the policy file of mode ABAC. */
  abacPolicy?: string[];
  /** Service in the cluster that mode Webhook asks. */
  authorizationWebhook?: { namespace: string; name: string; path?: string; port?: number };
  /** Lines of a static token file: token,user,uid,"group1,group2". */
  tokenAuth?: string[];
  /** Lines of a password file, as before 1.19: password,user,uid,"group1,group2". */
  basicAuth?: string[];
}

/** The cluster to build. */
export interface ScenarioCluster {
  apiServer?: ScenarioApiServer;
  /** Control plane nodes. Default 1. */
  controlPlanes?: number;
  /** Default 3. */
  workers?: number;
  /** Size of each worker. */
  node?: ScenarioNode;
  /** Instead of `workers` and `node`: groups of different nodes. */
  nodePools?: ScenarioNodePool[];
  /** Zones the workers are spread over in turn. */
  zones?: string[];
  /** Default "1.33". */
  release?: string;
  /** Default "iptables". */
  proxyMode?: 'userspace' | 'iptables' | 'ipvs' | 'nftables';
  /** Default "flannel-vxlan". */
  cni?: (typeof CNIS)[number];
  podCIDR?: string;
  serviceCIDR?: string;
  /** Default "none": Services of type LoadBalancer stay pending. */
  cloudProvider?: CloudProvider;
  /** Add-ons besides CoreDNS: "ingress", "metrics-server", "load-balancer". */
  addons?: string[];
}

/** How the clock starts. */
export interface ScenarioClock {
  /** Default "paused". */
  start?: 'paused' | 'running';
  /** Default 1. */
  speed?: IntOrString;
}

/** The view that opens. */
export interface ScenarioView {
  panel?: string;
  by?: string;
  /** "deployment/web" or "namespace/kind/name". */
  focus?: string;
}

/** Something that happens or is said at a time. */
export interface ScenarioStep {
  /** After the start: "5s". */
  at: string;
  say?: LocalText;
  fault?: FaultSpec;
  /** Manifests to apply. */
  apply?: KubernetesObject[];
  /** Command lines for the shell. */
  run?: string[];
}

/** What must be true at a time. */
export interface ScenarioExpectation {
  at: string;
  /** An expression in CEL over lists named by plural: pods, nodes ... */
  cel: string;
  message?: LocalText;
}

/** A scenario. */
export interface ScenarioSpec {
  /** Default 1. */
  seed?: number;
  title?: LocalText;
  description?: LocalText;
  cluster?: ScenarioCluster;
  clock?: ScenarioClock;
  view?: ScenarioView;
  steps?: ScenarioStep[];
  expect?: ScenarioExpectation[];
}

/** How far it is. */
export interface ScenarioStatus {
  phase?: 'Pending' | 'Running' | 'Done' | 'Failed';
  startTime?: Time;
  /** Steps carried out. */
  stepsDone?: number;
  /** One entry an expectation: met or not yet. */
  expectations?: { at: string; met: boolean; message?: string }[];
}

/** kubarium.dev/v1alpha1 Scenario. */
export interface Scenario extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'Scenario';
  spec: ScenarioSpec;
  status?: ScenarioStatus;
}

const PROXY_MODES = ['iptables', 'ipvs', 'nftables', 'userspace'];
/** All network add-ons. */
export const CNIS = [
  'bridge',
  'calico',
  'calico-ipip',
  'calico-vxlan',
  'canal',
  'docker',
  'flannel',
  'flannel-host-gw',
  'flannel-udp',
  'flannel-vxlan',
  'flannel-vxlan-direct',
  'none',
] as const;

/** Whether a text names a network add-on. */
export const isCni = (text: string): text is (typeof CNIS)[number] => CNIS.some((known) => known === text);
const CLOUD_PROVIDERS: CloudProvider[] = ['none', 'simulated'];
const AUTHORIZATION_MODES = ['ABAC', 'AlwaysAllow', 'AlwaysDeny', 'Node', 'RBAC', 'Webhook'];
const localText = (description: string) => map(text(''), description);

/** The field table of Scenario. */
export const scenarioTypes: DescribedTypes = {
  'kubarium.v1alpha1.Scenario': kindFacts('Scenario', { spec: true, status: true }),
  'kubarium.v1alpha1.ScenarioSpec': {
    seed: integer('Seed of all chance.'),
    title: localText('Title by language.'),
    description: localText('What to see, by language.'),
    cluster: object('ScenarioCluster', 'The cluster to build.'),
    clock: object('ScenarioClock', 'How the clock starts.'),
    view: object('ScenarioView', 'The view that opens.'),
    steps: list(object('ScenarioStep', ''), 'What happens and when.'),
    expect: list(object('ScenarioExpectation', ''), 'What must be true and when.'),
  },
  'kubarium.v1alpha1.ScenarioNode': {
    cpu: quantity('Cores.'),
    memory: quantity('Memory.'),
    pods: integer('Most pods.'),
    ephemeralStorage: quantity('Local disk.'),
    labels: map(text(''), 'Labels.'),
  },
  'kubarium.v1alpha1.ScenarioNodePool': {
    cpu: quantity('Cores.'),
    memory: quantity('Memory.'),
    pods: integer('Most pods.'),
    ephemeralStorage: quantity('Local disk.'),
    labels: map(text(''), 'Labels.'),
    count: integer('How many nodes.'),
    name: text('Prefix of their names.'),
    zone: text('Their zone.'),
  },
  'kubarium.v1alpha1.ScenarioCluster': {
    controlPlanes: integer('Control plane nodes.'),
    workers: integer('Worker nodes.'),
    node: object('ScenarioNode', 'Size of each worker.'),
    nodePools: list(object('ScenarioNodePool', ''), 'Groups of different workers.'),
    zones: list(text(''), 'Zones the workers are spread over.'),
    release: text('Kubernetes release.'),
    proxyMode: text('How kube-proxy works.', PROXY_MODES),
    cni: text('Network plugin.', CNIS),
    podCIDR: text('Range of pod addresses.'),
    serviceCIDR: text('Range of Service addresses.'),
    cloudProvider: text('Cloud that gives Services of type LoadBalancer their addresses.', CLOUD_PROVIDERS),
    addons: list(text(''), 'Add-ons besides CoreDNS.'),
    apiServer: object('ScenarioApiServer', 'How the apiserver authenticates and authorizes.'),
  },
  'kubarium.v1alpha1.ScenarioApiServer': {
    authorizationModes: list(text('', AUTHORIZATION_MODES), 'Authorization modes in order.'),
    abacPolicy: list(text(''), 'Lines of the ABAC policy file.'),
    authorizationWebhook: object('ScenarioServiceReference', 'Service that mode Webhook asks.'),
    tokenAuth: list(text(''), 'Lines of a static token file.'),
    basicAuth: list(text(''), 'Lines of a password file.'),
  },
  'kubarium.v1alpha1.ScenarioServiceReference': {
    namespace: text('Namespace of the Service.'),
    name: text('Name of the Service.'),
    path: text('Path of the URL.'),
    port: integer('Port of the Service.'),
  },
  'kubarium.v1alpha1.ScenarioClock': {
    start: text('How it starts.', ['paused', 'running']),
    speed: intOrString('Virtual per real second, or max.'),
  },
  'kubarium.v1alpha1.ScenarioView': { panel: text('Panel.'), by: text('Grouping.'), focus: text('Object in focus.') },
  'kubarium.v1alpha1.ScenarioStep': {
    at: text('After the start.'),
    say: localText('What the presenter says.'),
    fault: object('FaultSpec', 'A fault that begins.'),
    apply: list(anything(''), 'Manifests to apply.'),
    run: list(text(''), 'Command lines.'),
  },
  'kubarium.v1alpha1.ScenarioExpectation': { at: text('After the start.'), cel: text('Expression.'), message: localText('What it means.') },
  'kubarium.v1alpha1.ScenarioStatus': {
    phase: text('How far it is.', ['Pending', 'Running', 'Done', 'Failed']),
    startTime: time('When it began.'),
    stepsDone: integer('Steps carried out.'),
    expectations: list(object('ScenarioExpectationStatus', ''), 'Expectations met.'),
  },
  'kubarium.v1alpha1.ScenarioExpectationStatus': { at: text('Its time.'), met: flag('Whether it was met.'), message: text('Why not.') },
};

function validate({ spec }: Scenario): FieldError[] {
  const errors: FieldError[] = [];
  const { cluster, steps, expect } = spec;
  if (cluster?.proxyMode !== undefined && !PROXY_MODES.includes(cluster.proxyMode)) {
    errors.push(notSupported('spec.cluster.proxyMode', cluster.proxyMode, PROXY_MODES));
  }
  if (cluster?.cni !== undefined && !CNIS.includes(cluster.cni)) errors.push(notSupported('spec.cluster.cni', cluster.cni, CNIS));
  if (cluster?.cloudProvider !== undefined && !CLOUD_PROVIDERS.includes(cluster.cloudProvider))
    errors.push(notSupported('spec.cluster.cloudProvider', cluster.cloudProvider, CLOUD_PROVIDERS));
  cluster?.apiServer?.authorizationModes?.forEach((mode, index) => {
    if (!AUTHORIZATION_MODES.includes(mode))
      errors.push(notSupported(`spec.cluster.apiServer.authorizationModes[${index}]`, mode, AUTHORIZATION_MODES));
  });
  const timed = (entries: readonly { at: string }[] | undefined, path: string) =>
    entries?.forEach(({ at }, index) => {
      if (!isDuration(at)) errors.push(invalidValue(`${path}[${index}].at`, at, 'must be a duration, e.g. "30s" or "5m"'));
    });
  timed(steps, 'spec.steps');
  timed(expect, 'spec.expect');
  return errors;
}

/** kubarium.dev/v1alpha1 Scenario. */
export const ScenarioResource = defineResource<Scenario>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'Scenario',
  plural: 'scenarios',
  shortNames: ['scn'],
  categories: ['kubarium'],
  namespaced: false,
  schema: 'kubarium.v1alpha1.Scenario',
  subresources: { status: true },
  defaults: withSpec,
  validate,
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Title', value: ({ spec }) => spec.title?.['en'] ?? '' },
    { name: 'Phase', value: ({ status }) => status?.phase ?? 'Pending' },
    { name: 'Steps', value: ({ spec, status }) => `${status?.stepsDone ?? 0}/${spec.steps?.length ?? 0}` },
  ],
});
