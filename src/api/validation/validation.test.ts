import { describe, expect, it } from 'vitest';
import { ALL_RESOURCES } from '../index.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts';
import { PodResource } from '../core/pod.ts';
import { ServiceResource } from '../core/service.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod, Service } from '../generated/types.ts';

const METADATA = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };

function findings(kind: string, fields: object): string[] {
  const definition = ALL_RESOURCES.find((candidate) => candidate.kind === kind);
  if (!definition) throw new Error(kind);
  const { namespace, ...clusterWide } = METADATA;
  const metadata = definition.namespaced ? { ...clusterWide, namespace } : clusterWide;
  const object = { apiVersion: definition.version, kind, metadata, ...fields } as KubernetesObject;
  const made = deepFreeze(definition.defaults?.(object) ?? object);
  const own = [definition.validate?.(made), definition.validateCreate?.(made)];
  const errors = [validateObjectMeta(made, definition), ...own].flatMap((found) => found ?? []);
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

const container = (rest: object = {}) => ({ name: 'c', image: 'nginx', ...rest });
const pod = (rest: object, spec: object = {}) => ({ spec: { containers: [container(rest)], ...spec } });
const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [container()] } };
const selector = { matchLabels: { app: 'a' } };

describe('pods', () => {
  it.each<[string, object, string[]]>([
    ['no containers', { spec: {} }, ['spec.containers: Required value']],
    [
      'a port out of range',
      pod({ ports: [{ containerPort: 70000 }] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'a host port twice',
      {
        spec: {
          containers: [
            container({ ports: [{ containerPort: 1, hostPort: 80 }] }),
            container({ name: 'd', ports: [{ containerPort: 2, hostPort: 80 }] }),
          ],
        },
      },
      ['spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"'],
    ],
    [
      'a request above its limit',
      pod({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      'an unknown resource',
      pod({ resources: { limits: { gpu: '1' } } }),
      ['limits', 'limits', 'requests', 'requests'].flatMap(
        (list, index) =>
          `spec.containers[0].resources.${list}[gpu]: Invalid value: "gpu": ${index % 2 === 0 ? 'must be a standard resource type or fully qualified' : 'must be a standard resource for containers'}`,
      ),
    ],
    [
      'a negative limit',
      pod({ resources: { limits: { cpu: '-1' }, requests: { cpu: '-1' } } }),
      [
        'spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
        'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
      ],
    ],
    [
      'an env without source',
      pod({ env: [{ name: 'A', valueFrom: {} }] }),
      [
        'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
      ],
    ],
    [
      'a field that env cannot have',
      pod({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } }] }),
      [
        'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "status.phase": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"',
      ],
    ],
    [
      'a mount path twice',
      pod(
        {
          volumeMounts: [
            { name: 'v', mountPath: '/a' },
            { name: 'v', mountPath: '/a' },
          ],
        },
        { volumes: [{ name: 'v' }] },
      ),
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/a": must be unique'],
    ],
    [
      'a probe without handler',
      pod({ readinessProbe: {} }),
      ['spec.containers[0].readinessProbe: Required value: must specify a handler type'],
    ],
    [
      'a liveness probe that wants two successes',
      pod({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
      ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    ],
    [
      'a probe on an init container',
      pod({}, { initContainers: [{ name: 'i', image: 'x', readinessProbe: { tcpSocket: { port: 80 } } }] }),
      ['spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      'a probe on a sidecar',
      pod({}, { initContainers: [{ name: 'i', image: 'x', restartPolicy: 'Always', readinessProbe: { tcpSocket: { port: 80 } } }] }),
      [],
    ],
    [
      'a name shared with an init container',
      pod({}, { initContainers: [{ name: 'c', image: 'x' }] }),
      ['spec.initContainers[0].name: Duplicate value: "c"'],
    ],
    [
      'two sources of one volume',
      pod({}, { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/a' } }] }),
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'a claim volume without claim',
      pod({}, { volumes: [{ name: 'v', persistentVolumeClaim: {} }] }),
      ['spec.volumes[0].persistentVolumeClaim.claimName: Required value'],
    ],
    [
      'a toleration of everything without Exists',
      pod({}, { tolerations: [{ effect: 'NoExecute' }] }),
      [
        'spec.tolerations[0].operator: Invalid value: "": operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ],
    ],
    [
      'seconds on a NoSchedule toleration',
      pod({}, { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 1 }] }),
      ['spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    ],
    [
      'spreading without topology',
      pod({}, { topologySpreadConstraints: [{ maxSkew: 0, topologyKey: '', whenUnsatisfiable: 'DoNotSchedule' }] }),
      [
        'spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero',
        'spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty',
      ],
    ],
    [
      'affinity without terms',
      pod({}, { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } } } }),
      [
        'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term',
      ],
    ],
    [
      'a gated pod with a node',
      pod({}, { nodeName: 'n', schedulingGates: [{ name: 'a' }] }),
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
  ])('%s', (_, fields, expected) => expect(findings('Pod', fields)).toEqual(expected));

  const old = deepFreeze(PodResource.defaults?.({ apiVersion: 'v1', kind: 'Pod', metadata: METADATA, ...pod({}) } as Pod)) as Pod;
  it.each<[string, (spec: Pod['spec']) => Partial<Pod['spec']>, RegExp | undefined]>([
    ['another image', (spec) => ({ containers: spec.containers.map((one) => ({ ...one, image: 'x' })) }), undefined],
    ['one more toleration', () => ({ tolerations: [{ key: 'a', operator: 'Exists' }] }), undefined],
    ['a deadline', () => ({ activeDeadlineSeconds: 10 }), undefined],
    [
      'one container more',
      (spec) => ({ containers: [...spec.containers, ...spec.containers] }),
      /^spec.containers: Forbidden: pod updates may not add or remove containers$/,
    ],
    [
      'another node',
      () => ({ nodeName: 'n' }),
      /^spec: Forbidden: pod updates may not change fields other than `spec.containers\[\*\].image`,`spec.initContainers\[\*\].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` \(only additions to existing tolerations\),`spec.terminationGracePeriodSeconds` \(allow it to be set to 1 if it was previously negative\)\n- nodeName: null\n\+ nodeName: "n"$/,
    ],
  ])('are asked for %s', (_, change, expected) => {
    const errors = PodResource.validateUpdate?.({ ...old, spec: { ...old.spec, ...change(old.spec) } }, old) ?? [];
    const texts = errors.map(({ field, detail }) => `${field}: ${detail}`);
    if (expected) expect(texts.join('\n')).toMatch(expected);
    else expect(texts).toEqual([]);
  });
});

describe('workloads and the rest', () => {
  it.each<[string, string, object, string[]]>([
    [
      'a selector that misses its pods',
      'Deployment',
      { spec: { selector: { matchLabels: { app: 'b' } }, template } },
      ['spec.template.metadata.labels: Invalid value: map[string]string{"app":"a"}: `selector` does not match template `labels`'],
    ],
    ['nothing at all', 'Deployment', {}, ['spec.selector: Required value', 'spec.template.spec.containers: Required value']],
    [
      'an empty selector',
      'Deployment',
      { spec: { selector: {}, template } },
      [
        'spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for deployment',
      ],
    ],
    [
      'no room to roll',
      'Deployment',
      { spec: { selector, template, strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } } },
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, StrVal:"0%"}: may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      'Recreate with numbers',
      'Deployment',
      { spec: { selector, template, strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } } },
      ["spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
    ],
    [
      'a pod that ends',
      'ReplicaSet',
      { spec: { selector, template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      'surge and unavailability',
      'DaemonSet',
      { spec: { selector, template, updateStrategy: { rollingUpdate: { maxSurge: 1 } } } },
      [
        'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:0, IntVal:1, StrVal:""}: may not be set when maxUnavailable is non-zero',
      ],
    ],
    [
      'a Job that restarts always',
      'Job',
      { spec: { selector, template } },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      'a schedule of four fields',
      'CronJob',
      {
        spec: {
          schedule: '* * * *',
          jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
        },
      },
      ['spec.schedule: Invalid value: "* * * *": expected exactly 5 fields, found 4: [* * * *]'],
    ],
    [
      'a minute 60',
      'CronJob',
      {
        spec: {
          schedule: '60 * * * *',
          jobTemplate: { spec: { template: { ...template, spec: { ...template.spec, restartPolicy: 'Never' } } } },
        },
      },
      ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'],
    ],
    ['no ports', 'Service', { spec: {} }, ['spec.ports: Required value']],
    [
      'two ports without names',
      'Service',
      { spec: { ports: [{ port: 80 }, { port: 81 }] } },
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'a node port inside',
      'Service',
      { spec: { ports: [{ port: 80, nodePort: 30000 }] } },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'a claim of nothing',
      'PersistentVolumeClaim',
      { spec: {} },
      ['spec.accessModes: Required value: at least 1 access mode is required', 'spec.resources[storage]: Required value'],
    ],
    [
      'a volume of nothing',
      'PersistentVolume',
      { spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } } },
      ['spec: Required value: must specify a volume type'],
    ],
    [
      'a key with a slash',
      'ConfigMap',
      { data: { 'a/b': '' } },
      [
        "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ],
    ],
    ['a TLS secret without key', 'Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }, ['data[tls.key]: Required value']],
    [
      'an ingress to nowhere',
      'Ingress',
      { spec: {} },
      ['spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified'],
    ],
    [
      'a path without type',
      'Ingress',
      { spec: { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'a', port: { number: 80 } } } }] } }] } },
      ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    ],
    [
      'a peer of two sorts',
      'NetworkPolicy',
      { spec: { ingress: [{ from: [{ podSelector: {}, ipBlock: { cidr: '10.0.0.0/8' } }] }] } },
      ['spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer'],
    ],
    [
      'a rule without verbs',
      'Role',
      { rules: [{ apiGroups: [''], resources: ['pods'] }] },
      ['rules[0].verbs: Required value: verbs must contain at least one value'],
    ],
    [
      'more least than most',
      'HorizontalPodAutoscaler',
      { spec: { minReplicas: 5, maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd' } } },
      ['spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`'],
    ],
    [
      'a reserved name',
      'PriorityClass',
      { value: 1_000_000_001 },
      ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
    ],
    ['a taint without effect', 'Node', { spec: { taints: [{ key: 'a' }] } }, ['spec.taints[0].effect: Required value']],
    [
      'a budget with both sides',
      'PodDisruptionBudget',
      { spec: { minAvailable: 1, maxUnavailable: 1 } },
      ['spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and maxUnavailable cannot be both set'],
    ],
    [
      'a fault without node',
      'Fault',
      { spec: { kind: 'NodeDown', at: 'soon' } },
      [
        'spec.node: Required value: NodeDown needs spec.node, spec.nodes or spec.zone',
        'spec.at: Invalid value: "soon": must be a duration, e.g. "30s" or "5m"',
      ],
    ],
  ])('%s (%s)', (_, kind, fields, expected) => expect(findings(kind, fields)).toEqual(expected));

  it('keep a cluster IP, and take it from the old object where the update has none', () => {
    const make = (spec: object) =>
      ({ apiVersion: 'v1', kind: 'Service', metadata: METADATA, spec: { type: 'ClusterIP', ports: [{ port: 80 }], ...spec } }) as Service;
    const old = make({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] });
    const kept = ServiceResource.prepareForUpdate?.(make({}), old) as Service;
    expect(kept.spec.clusterIPs).toEqual(['10.0.0.1']);
    const errors = ServiceResource.validateUpdate?.(make({ clusterIP: '10.0.0.2', clusterIPs: ['10.0.0.2'] }), old) ?? [];
    expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual([
      'spec.clusterIPs[0]: Invalid value: []string{"10.0.0.2"}: may not change once set',
    ]);
  });
});

describe('metadata', () => {
  const check = (metadata: object) => findings('ConfigMap', { metadata: { ...METADATA, ...metadata } });

  it.each<[string, object, string[]]>([
    ['no name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    ['a generated name', { generateName: 'a-' }, []],
    [
      'two controllers',
      { ownerReferences: ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Pod', name, uid: name, controller: true })) },
      ['Only one reference can have Controller set to true. Found "true" in references for Pod/a and Pod/b'],
    ],
    [
      'a finalizer without domain',
      { finalizers: ['mine'] },
      ['metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified'],
    ],
    [
      'annotations of 300 KiB',
      { annotations: { a: 'x'.repeat(300 * 1024) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
  ])('%s', (_, metadata, expected) => {
    const found = check(metadata);
    expect(found).toHaveLength(expected.length);
    expected.forEach((text, index) => expect(found[index]).toContain(text));
  });

  it('takes no new finalizer once it is being deleted', () => {
    const old = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { ...METADATA, deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['a/b'] },
    };
    const next = { ...old, metadata: { ...old.metadata, finalizers: ['a/b', 'c/d'] } };
    expect(validateObjectMetaUpdate(next, old).map(({ detail }) => detail)).toEqual([
      'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}',
    ]);
  });
});
