/** What `fuzz.ts` makes its requests of: objects that are right, and things that are wrong in many ways. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const template = {
  metadata: { labels: { app: 'a' } },
  spec: {
    containers: [
      {
        name: 'c',
        image: 'nginx',
        resources: { requests: { cpu: '1' } },
        ports: [{ containerPort: 80 }],
        livenessProbe: { httpGet: { path: '/', port: 80 } },
      },
    ],
    volumes: [{ name: 'v', emptyDir: {} }],
  },
};
const workload = (kind: string): Json => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'a' },
  spec: { replicas: 1, serviceName: 's', selector: { matchLabels: { app: 'a' } }, template },
});
const core = (kind: string, rest: Json): Json => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', labels: { l: '1' } },
  ...(rest as object),
});
const rbac = (kind: string, rest: Json): Json => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind,
  metadata: { name: 'a' },
  ...(rest as object),
});

/** A certificate request of openssl with a P-256 key. */
const SIGNING_REQUEST =
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1IOENBUUF3SFRFTk1Bc0dBMVVFQXd3RWFtRnVaVEVNTUFvR0ExVUVDZ3dEWkdWMk1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVqZlU3Q05Pb3krMlpqdXBFR1loQ0NmM1kwZU02bHI1REZBVmF0ZkNhCjl5eXlHUnZJbWdwc1A2eDdleWUra0UyTzVmSlFuRDJiMkxBQWtPMUdra01qM2FBQU1Bb0dDQ3FHU000OUJBTUMKQTBnQU1FVUNJQlhPc1FTbWlySEpjOU91M0U3a0Y3aW84MFE1ZFF5RmJJSWxWMW1aWStjUEFpRUEza0I0emhhYQpSb2dPaXplL25JQUM3bGZDTWVDaFdkNlk0dUtoajFmVENCYz0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==';

/** Collections and an object that fits. */
export const TARGETS: readonly (readonly [collection: string, object: Json])[] = [
  ['/api/v1/namespaces/default/configmaps', core('ConfigMap', { data: { a: '1' } })],
  ['/api/v1/namespaces/default/secrets', core('Secret', { type: 'Opaque', data: { a: 'YQ==' } })],
  ['/api/v1/namespaces/default/pods', core('Pod', { spec: template.spec })],
  ['/api/v1/namespaces/default/services', core('Service', { spec: { selector: { app: 'a' }, ports: [{ port: 80 }] } })],
  ['/api/v1/namespaces/default/serviceaccounts', core('ServiceAccount', {})],
  [
    '/api/v1/namespaces/default/persistentvolumeclaims',
    core('PersistentVolumeClaim', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }),
  ],
  ['/api/v1/namespaces/default/resourcequotas', core('ResourceQuota', { spec: { hard: { pods: '100' } } })],
  ['/api/v1/namespaces/default/limitranges', core('LimitRange', { spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } })],
  ['/api/v1/namespaces/default/endpoints', core('Endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] })],
  ['/api/v1/namespaces/default/events', core('Event', { involvedObject: { namespace: 'default', kind: 'Pod', name: 'a' }, reason: 'r' })],
  ['/api/v1/namespaces', core('Namespace', {})],
  ['/api/v1/nodes', core('Node', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } })],
  [
    '/api/v1/persistentvolumes',
    core('PersistentVolume', { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } } }),
  ],
  ['/apis/apps/v1/namespaces/default/deployments', workload('Deployment')],
  ['/apis/apps/v1/namespaces/default/statefulsets', workload('StatefulSet')],
  ['/apis/apps/v1/namespaces/default/daemonsets', workload('DaemonSet')],
  ['/apis/apps/v1/namespaces/default/replicasets', workload('ReplicaSet')],
  [
    '/apis/batch/v1/namespaces/default/jobs',
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'a' },
      spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
    },
  ],
  [
    '/apis/batch/v1/namespaces/default/cronjobs',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'a' },
      spec: { schedule: '* * * * *', jobTemplate: { spec: { template: { spec: { ...template.spec, restartPolicy: 'Never' } } } } },
    },
  ],
  [
    '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'a' },
      spec: {
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 50,
        scaleTargetRef: { kind: 'Deployment', name: 'a', apiVersion: 'apps/v1' },
      },
    },
  ],
  [
    '/apis/policy/v1/namespaces/default/poddisruptionbudgets',
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'a' },
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/ingresses',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'a' },
      spec: {
        rules: [
          { host: 'a.b', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } },
        ],
      },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies',
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'a' },
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] },
    },
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
    rbac('Role', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  ],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
    rbac('ClusterRoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [{ kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' }],
    }),
  ],
  [
    '/apis/storage.k8s.io/v1/storageclasses',
    { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'a' }, provisioner: 'x/y' },
  ],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'as.x.io' },
      spec: {
        group: 'x.io',
        scope: 'Namespaced',
        names: { plural: 'as', kind: 'A' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { n: { type: 'integer' } } } } },
            },
          },
        ],
      },
    },
  ],
  [
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'pods' } },
    },
  ],
  [
    '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    {
      apiVersion: 'certificates.k8s.io/v1',
      kind: 'CertificateSigningRequest',
      metadata: { name: 'a' },
      spec: { request: SIGNING_REQUEST, signerName: 'a.b/c', usages: ['client auth'] },
    },
  ],
  ['/apis/kubarium.dev/v1alpha1/faults', { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Fault', metadata: { name: 'a' }, spec: {} }],
  [
    '/apis/kubarium.dev/v1alpha1/clocks',
    { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Clock', metadata: { name: 'cluster' }, spec: { speed: 1 } },
  ],
];

export const SUBRESOURCES = [
  '',
  '',
  '',
  '',
  'status',
  'scale',
  'log',
  'eviction',
  'binding',
  'token',
  'ephemeralcontainers',
  'resize',
  'approval',
  'finalize',
  'nosuch',
];
export const NAMES = ['a', 'b', 'cluster', 'default', '%2e%2e', '__proto__', 'constructor', 'A', 'x'.repeat(300), '%00', 'ä', 'a%2Fb'];
export const PATCH_TYPES = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml', 'json', 'xml'];
export const QUERIES = [
  'dryRun=All',
  'dryRun=x',
  'fieldValidation=Strict',
  'fieldValidation=Nope',
  'limit=-1',
  'limit=x',
  'limit=1',
  'continue=abc',
  'continue=eyJ2IjoiIn0',
  'labelSelector=a%3D%3D',
  'labelSelector=a%20in%20(',
  'labelSelector=!x',
  'fieldSelector=metadata.name%3Da',
  'fieldSelector=__proto__%3Da',
  'fieldSelector=%5C',
  'resourceVersion=0',
  'resourceVersion=-5',
  'resourceVersion=x',
  'resourceVersion=999999999',
  'resourceVersionMatch=Exact',
  'gracePeriodSeconds=-1',
  'gracePeriodSeconds=x',
  'propagationPolicy=Nope',
  'fieldManager=' + 'm'.repeat(200),
  'fieldManager=me',
  'force=true',
  'force=x',
  'includeObject=Nope',
  'tailLines=x',
  'sinceSeconds=-1',
  'sinceTime=x',
  'limitBytes=0',
  'container=c',
  '%=',
  'watch=false',
];
export const ACCEPTS = [
  ...Array<string>(14).fill('application/json'),
  'application/yaml',
  '*/*',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v9',
  'text/html',
  ';;;',
  'application/vnd.kubernetes.protobuf,application/json',
];
export const WHO: readonly Record<string, string>[] = [
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  {},
  { 'Impersonate-User': 'jane' },
  { 'Impersonate-Group': 'x' },
  { Authorization: 'Bearer a.b.c' },
  { 'Impersonate-User': 'system:serviceaccount:x' },
];
const DEEP = '['.repeat(3000) + ']'.repeat(3000);
export const BODIES = [
  '',
  '{',
  'null',
  '[]',
  '"x"',
  '1',
  '{"metadata":null}',
  '{"kind":5}',
  DEEP,
  '{"metadata":{"name":"a","managedFields":[{"fieldsV1":{"f:x":5}}]}}',
  '{"__proto__":{"x":1},"metadata":{"name":"a"}}',
  '[{"op":"add","path":"/metadata/labels/x","value":"1"}]',
  '[{"op":"remove","path":"/nosuch"}]',
  '[{"op":"copy","from":"/spec","path":"/spec/x/y"}]',
  '[{"op":"nope"}]',
  '[{"path":5}]',
  '[{"op":"replace","path":"","value":null}]',
  '{"spec":{"containers":[{"$patch":"delete"}]}}',
  '{"spec":{"$setElementOrder/containers":[5],"containers":[null]}}',
  '{"$patch":"replace"}',
  'k8s\0\x0a\x05',
  '- a\n  b: [',
  'a: &a [*a]',
];
