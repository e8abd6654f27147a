/**
 * Defaults of pod specs, in pods and in templates (`pkg/apis/core/v1/defaults.go`, `zz_generated.defaults.go`).
 *
 * Results for frozen specs are remembered: the pods of one ReplicaSet come from one template, so the second pod costs a
 * look-up and shares the first one's spec.
 */
import { deepFreeze } from '../../apimachinery/freeze.ts';
import { mapField, mapItems, withDefaults, withField } from '../defaulting.ts';
import type {
  Container,
  ContainerPort,
  DownwardAPIVolumeFile,
  EnvVar,
  EphemeralContainer,
  HTTPGetAction,
  LifecycleHandler,
  PodSpec,
  PodTemplateSpec,
  Probe,
  Volume,
  VolumeProjection,
} from '../generated/types.ts';

const FILE_MODE = 0o644;
const TOKEN_EXPIRATION_SECONDS = 3600;

/** A defaulted spec by the spec it was made of; a spec that needs nothing is its own. */
const templateSpecs = new WeakMap<PodSpec, PodSpec>();
const podSpecs = new WeakMap<PodSpec, PodSpec>();

function remembered(memo: WeakMap<PodSpec, PodSpec>, spec: PodSpec, make: (spec: PodSpec) => PodSpec): PodSpec {
  if (!Object.isFrozen(spec)) return make(spec);
  const known = memo.get(spec);
  if (known) return known;
  const made = deepFreeze(make(spec));
  memo.set(spec, made);
  memo.set(made, made);
  return made;
}

/** The tag of an image reference, "latest" when it names neither tag nor digest. */
export function imageTag(image: string): string {
  const [name = '', digest] = image.split('@');
  const last = name.slice(name.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  if (colon >= 0) return last.slice(colon + 1);
  return digest === undefined ? 'latest' : '';
}

const pullPolicyOf = (image: string | undefined): string =>
  image !== undefined && imageTag(image) === 'latest' ? 'Always' : 'IfNotPresent';

const defaultHttpGet = (action: HTTPGetAction): HTTPGetAction => withDefaults(action, { path: '/', scheme: 'HTTP' });

/** `SetDefaults_Probe`. */
function defaultProbe(probe: Probe): Probe {
  // Zero stands for "not set" here as well.
  const next = withDefaults(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  const counted = (['periodSeconds', 'successThreshold', 'failureThreshold', 'timeoutSeconds'] as const).reduce(
    (made, key) =>
      made[key] === 0 ? { ...made, [key]: { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }[key] } : made,
    next,
  );
  return mapField(mapField(counted, 'httpGet', defaultHttpGet), 'grpc', (grpc) =>
    grpc.service === undefined ? { ...grpc, service: '' } : grpc,
  );
}

const defaultHandler = (handler: LifecycleHandler): LifecycleHandler => mapField(handler, 'httpGet', defaultHttpGet);

function defaultEnv(variable: EnvVar): EnvVar {
  if (variable.valueFrom?.fieldRef?.apiVersion !== undefined || !variable.valueFrom?.fieldRef) return variable;
  return mapField(variable, 'valueFrom', (source) => mapField(source, 'fieldRef', (ref) => withDefaults(ref, { apiVersion: 'v1' })));
}

const defaultPort = (port: ContainerPort): ContainerPort => withDefaults(port, { protocol: 'TCP' });

/** `SetDefaults_Container` and what belongs to its parts. */
function defaultContainer<T extends Container | EphemeralContainer>(container: T): T {
  let next: Container = withDefaults<Container>(container, {
    imagePullPolicy: pullPolicyOf(container.image),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
  });
  next = mapField(next, 'ports', (ports) => mapItems(ports, defaultPort));
  next = mapField(next, 'env', (env) => mapItems(env, defaultEnv));
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'] as const) next = mapField(next, probe, defaultProbe);
  next = mapField(next, 'lifecycle', (lifecycle) => mapField(mapField(lifecycle, 'postStart', defaultHandler), 'preStop', defaultHandler));
  return next as T;
}

const defaultProjection = (source: VolumeProjection): VolumeProjection =>
  mapField(
    mapField(source, 'serviceAccountToken', (token) => withDefaults(token, { expirationSeconds: TOKEN_EXPIRATION_SECONDS })),
    'downwardAPI',
    (downward) => mapField(downward, 'items', (items) => mapItems(items, defaultDownwardItem)),
  );

const defaultDownwardItem = (item: DownwardAPIVolumeFile): DownwardAPIVolumeFile =>
  mapField(item, 'fieldRef', (ref) => withDefaults(ref, { apiVersion: 'v1' }));

/** `SetDefaults_Volume`: a volume without source is an emptyDir. */
function defaultVolume(volume: Volume): Volume {
  if (Object.keys(volume).length === 1) return { ...volume, emptyDir: {} };
  let next = volume;
  for (const source of ['secret', 'configMap'] as const)
    next = mapField(next, source, (files) => withDefaults(files, { defaultMode: FILE_MODE }));
  next = mapField(next, 'downwardAPI', (downward) =>
    mapField(withDefaults(downward, { defaultMode: FILE_MODE }), 'items', (items) => mapItems(items, defaultDownwardItem)),
  );
  next = mapField(next, 'projected', (projected) =>
    mapField(withDefaults(projected, { defaultMode: FILE_MODE }), 'sources', (sources) => mapItems(sources, defaultProjection)),
  );
  next = mapField(next, 'hostPath', (host) => (host.type === undefined ? { ...host, type: '' } : host));
  next = mapField(next, 'image', (image) => withDefaults(image, { pullPolicy: pullPolicyOf(image.reference) }));
  return mapField(next, 'ephemeral', (ephemeral) =>
    mapField(ephemeral, 'volumeClaimTemplate', (template) =>
      mapField(template, 'spec', (spec) => withDefaults(spec, { volumeMode: 'Filesystem' })),
    ),
  );
}

/** Both names of the service account hold the same: conversion fills the deprecated one. */
function withServiceAccountNames(spec: PodSpec): PodSpec {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name || (spec.serviceAccountName === name && spec.serviceAccount === name)) return spec;
  return { ...spec, serviceAccountName: name, serviceAccount: name };
}

function makeTemplateSpec(spec: PodSpec): PodSpec {
  let next = withDefaults(spec, {
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: 'default-scheduler',
  });
  for (const list of ['containers', 'initContainers'] as const) next = mapField(next, list, (all) => mapItems(all, defaultContainer));
  next = mapField(next, 'ephemeralContainers', (all) => mapItems(all, defaultContainer));
  next = mapField(next, 'volumes', (volumes) => mapItems(volumes, defaultVolume));
  return withServiceAccountNames(next);
}

/** A container's limits are its requests where it has none. */
function withRequestsFromLimits(container: Container): Container {
  const { limits, requests } = container.resources ?? {};
  if (!limits || Object.keys(limits).every((name) => requests?.[name] !== undefined)) return container;
  return { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } };
}

const withHostPorts = (container: Container): Container =>
  mapField(container, 'ports', (ports) => mapItems(ports, (port) => (port.hostPort ? port : { ...port, hostPort: port.containerPort })));

function makePodSpec(spec: PodSpec): PodSpec {
  let next = makeTemplateSpec(spec);
  if (next.enableServiceLinks === undefined) next = { ...next, enableServiceLinks: true };
  for (const list of ['containers', 'initContainers'] as const) {
    next = mapField(next, list, (all) => mapItems(all, withRequestsFromLimits));
    if (next.hostNetwork) next = mapField(next, list, (all) => mapItems(all, withHostPorts));
  }
  return next;
}

/** Defaults of a pod's own spec (`SetDefaults_Pod` and `SetDefaults_PodSpec`). */
export const defaultPodSpec = (spec: PodSpec): PodSpec => remembered(podSpecs, spec, makePodSpec);

/** Defaults of a template: as of a pod, but requests, host ports and service links wait until there is one. */
export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  return withField(template, 'spec', remembered(templateSpecs, template.spec ?? { containers: [] }, makeTemplateSpec));
}

/** Defaults in an object that holds a template at `spec.template`; a missing one counts as empty. */
export function withTemplateDefaults<S extends { template?: PodTemplateSpec }>(spec: S): S {
  return withField(spec, 'template', defaultPodTemplate(spec.template ?? { spec: { containers: [] } }));
}
