/** What must hold for every kind. */
import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { ALL_RESOURCES, resourceByKind, resourceByPlural } from './index.ts';
import { apiVersionOf } from './resource.ts';
import { FIELD_TYPES } from './field-table.ts';
import { checkBody } from './schema-check.ts';
import { notSimulatedWarnings } from './fidelity.ts';
import { validateObjectMeta } from './validation/object-meta.ts';
import type { FieldFact } from './generated/field-facts.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { ResourceDefinition } from './resource.ts';

const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'nginx:1.25' }] } };
const endless = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
const selector = { matchLabels: { app: 'a' } };
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

/** The least that each kind accepts. */
const MINIMAL: Record<string, { name?: string; [field: string]: unknown }> = {
  APIService: { name: 'v1.x.io', spec: { group: 'x.io', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15 } },
  Clock: { name: 'cluster', spec: {} },
  CertificateSigningRequest: { spec: { request: 'YQ==', signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] } },
  ClusterRoleBinding: { roleRef: { kind: 'ClusterRole', name: 'view' } },
  CronJob: { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: endless } } } },
  CSINode: { spec: { drivers: [] } },
  CustomResourceDefinition: {
    name: 'foos.example.com',
    spec: {
      group: 'example.com',
      names: { plural: 'foos', kind: 'Foo' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  },
  DaemonSet: { spec: { selector, template } },
  Deployment: { spec: { selector, template } },
  EndpointSlice: { addressType: 'IPv4', endpoints: [] },
  Event: { involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' } },
  Fault: { spec: { kind: 'NodeDown', node: 'node-1', from: '5s' } },
  HorizontalPodAutoscaler: { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } } },
  Image: { spec: { names: ['nginx:1.25'] } },
  Ingress: { spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } } },
  IngressClass: { spec: { controller: 'example.com/ingress' } },
  Job: { spec: { selector, template: endless } },
  LessonProgress: { spec: { lesson: '01/02' } },
  LimitRange: { spec: { limits: [{ type: 'Container', max: { cpu: '1' } }] } },
  NetworkPolicy: { spec: { podSelector: {} } },
  PacketTrace: { spec: { from: { pod: 'a' }, to: { service: 'web' }, port: 80 } },
  PersistentVolume: { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } } },
  PersistentVolumeClaim: { spec: claim },
  Pod: { spec: template.spec },
  PodTemplate: { template },
  PriorityClass: { value: 1 },
  ReplicaSet: { spec: { selector, template } },
  ReplicationController: { spec: { template } },
  RoleBinding: { roleRef: { kind: 'Role', name: 'view' } },
  RuntimeClass: { handler: 'runc' },
  Scenario: { spec: { seed: 1 } },
  SchedulerPlugin: { spec: { source: 'function score() { return 1; }' } },
  ValidatingAdmissionPolicy: {
    spec: {
      matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }] },
      validations: [{ expression: 'true' }],
    },
  },
  ValidatingAdmissionPolicyBinding: { spec: { policyName: 'p', validationActions: ['Deny'] } },
  SchedulingDecision: {
    spec: { podRef: { name: 'p', namespace: 'default', uid: 'u' }, attempt: 1, profile: 'default-scheduler' },
    status: { result: 'Scheduled', counts: { total: 1, evaluated: 1, feasible: 1 }, nodes: [], scores: [], rejections: [] },
  },
  Service: { spec: { ports: [{ port: 80 }] } },
  TrafficGenerator: { spec: { from: { pod: 'a' }, to: { service: 'web' } } },
  StatefulSet: { spec: { selector, serviceName: 'a', template, volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] } },
  StorageClass: { provisioner: 'kubarium.dev/hostpath' },
  VolumeAttachment: { spec: { attacher: 'ebs.csi.aws.com', nodeName: 'node-1', source: { persistentVolumeName: 'pv' } } },
};

function minimal(definition: ResourceDefinition): KubernetesObject {
  const { name = 'a', ...rest } = MINIMAL[definition.kind] ?? {};
  const metadata = {
    name,
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(definition.namespaced && { namespace: 'default' }),
  };
  return deepFreeze({ apiVersion: apiVersionOf(definition), kind: definition.kind, metadata, ...rest });
}

const defaulted = (definition: ResourceDefinition, object: KubernetesObject) => deepFreeze(definition.defaults?.(object) ?? object);

/** Whether the field table knows the path "spec.containers[*].stdin". */
function isKnownPath(schema: string, path: string): boolean {
  let fact: FieldFact | undefined = { type: 'object', ref: schema };
  for (const step of path.replaceAll('[*]', '.*').split('.')) {
    fact = step === '*' ? fact?.items : FIELD_TYPES[fact?.ref ?? '']?.[step];
    if (!fact) return false;
  }
  return true;
}

describe.each(ALL_RESOURCES.map((definition) => [definition.kind, definition] as const))('%s', (_, definition) => {
  it('is found by its names', () => {
    expect(resourceByKind(apiVersionOf(definition), definition.kind)).toBe(definition);
    expect(resourceByPlural(definition.group, definition.version, definition.plural)).toBe(definition);
    expect(definition.plural).toMatch(/^[a-z]+$/);
    expect(FIELD_TYPES[definition.schema]).toBeDefined();
  });

  it('accepts its minimal object, and takes no field of it for unknown', () => {
    const object = defaulted(definition, minimal(definition));
    expect([...validateObjectMeta(object, definition), ...(definition.validate?.(object) ?? [])]).toEqual([]);
    expect(definition.validateUpdate?.(object, object) ?? []).toEqual([]);
    expect(checkBody(definition, minimal(definition), 'Strict').warnings).toEqual([]);
  });

  it('fills in defaults once, and then returns the same object', () => {
    const once = defaulted(definition, minimal(definition));
    expect(definition.defaults?.(once) ?? once).toBe(once);
  });

  it('survives an object without spec, and says what is missing', () => {
    const { metadata, apiVersion, kind } = minimal(definition);
    const bare = deepFreeze({ apiVersion, kind, metadata });
    const created = definition.prepareForCreate?.(bare) ?? bare;
    const object = defaulted(definition, created);
    expect(Array.isArray(definition.validate?.(object) ?? [])).toBe(true);
  });

  it('has a row for its minimal object', () => {
    const object = defaulted(definition, minimal(definition));
    for (const column of definition.columns) {
      expect(['string', 'number', 'boolean'], column.name).toContain(typeof column.value(object, Date.parse('2026-01-01T01:00:00Z')));
    }
  });

  it('selects by texts only', () => {
    for (const value of Object.values(definition.selectableFields?.(minimal(definition)) ?? {})) expect(value).toBeTypeOf('string');
  });

  it('lists only fields that exist as not simulated, and is silent about its minimal object', () => {
    expect(definition.notSimulated.filter((path) => !isKnownPath(definition.schema, path))).toEqual([]);
    if (definition.notSimulated.includes('spec')) return;
    expect(notSimulatedWarnings(definition, defaulted(definition, minimal(definition)))).toEqual([]);
  });
});
