/**
 * Malformed and adversarial requests against the API over HTTP: `node scripts/fuzz.ts --requests 20000 --seed 1`.
 * None may be answered with a 5xx, take longer than a second, or change the store when it is refused. A failure prints the request, which the
 * same seed makes again. Ends with "N passed, N failed".
 */
import { parseArgs } from 'node:util';
import { Cluster } from '../src/cluster/cluster.ts';
import { serve } from '../src/headless/server.ts';
import { Random } from '../src/sim/random.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
});
const LIMIT_MS = 1000;
const SHOWN = 20;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

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

/** Collections and an object that fits. */
const TARGETS: readonly (readonly [collection: string, object: Json])[] = [
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
      spec: { request: 'YQ==', signerName: 'a.b/c', usages: ['client auth'] },
    },
  ],
  ['/apis/kubarium.dev/v1alpha1/faults', { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Fault', metadata: { name: 'a' }, spec: {} }],
  [
    '/apis/kubarium.dev/v1alpha1/clocks',
    { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Clock', metadata: { name: 'cluster' }, spec: { speed: 1 } },
  ],
];

const SUBRESOURCES = [
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
const NAMES = ['a', 'b', 'cluster', 'default', '%2e%2e', '__proto__', 'constructor', 'A', 'x'.repeat(300), '%00', 'ä', 'a%2Fb'];
const PATCH_TYPES = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml', 'json', 'xml'];
const QUERIES = [
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
const ACCEPTS = [
  ...Array<string>(14).fill('application/json'),
  'application/yaml',
  '*/*',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v9',
  'text/html',
  ';;;',
  'application/vnd.kubernetes.protobuf,application/json',
];
const WHO: readonly Record<string, string>[] = [
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
const BODIES = [
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

/** Makes requests that follow from a seed. */
class Maker {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = new Random(seed);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)] as T;
  }

  #chance(probability: number): boolean {
    return this.#random.float() < probability;
  }

  /** Some value where another one is expected. */
  #strange(): Json {
    const values: Json[] = [
      null,
      true,
      0,
      -1,
      1.5,
      1e308,
      2 ** 53,
      '',
      'x',
      '1Gi',
      '-5',
      '__proto__',
      'x'.repeat(5000),
      [],
      [null],
      [[]],
      [1, 'a'],
      {},
      { a: null },
      { name: 'a' },
      { constructor: { prototype: 1 } },
    ];
    return this.#pick(values);
  }

  /** The value with a few things in it changed, added or taken away. */
  #mutated(value: Json, probability: number): Json {
    if (this.#chance(probability)) return this.#strange();
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#mutated(item, probability));
      return this.#chance(probability) ? [...items, ...items, this.#strange()] : items;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).flatMap(([key, child]): [string, Json][] =>
      this.#chance(probability / 2) ? [] : [[key, this.#mutated(child, probability)]],
    );
    if (this.#chance(probability))
      entries.push([
        this.#pick([
          'extra',
          'name',
          'spec',
          'status',
          'resourceVersion',
          'uid',
          'finalizers',
          'ownerReferences',
          'managedFields',
          'generateName',
          'toString',
        ]),
        this.#strange(),
      ]);
    return Object.fromEntries(entries);
  }

  make(): FuzzRequest {
    const [collection, object] = this.#pick(TARGETS);
    const method = this.#chance(0.02)
      ? 'OPTIONS'
      : this.#pick(['GET', 'POST', 'POST', 'POST', 'PUT', 'PUT', 'PATCH', 'PATCH', 'PATCH', 'DELETE', 'DELETE']);
    const onCollection = method === 'POST' ? this.#chance(0.8) : this.#chance(0.15);
    const subresource = onCollection ? '' : this.#pick(SUBRESOURCES);
    const path = onCollection
      ? collection
      : `${collection}/${this.#chance(0.7) ? 'a' : this.#pick(NAMES)}${subresource && `/${subresource}`}`;
    const query = Array.from({ length: this.#random.int(3) }, () => this.#pick(QUERIES)).join('&');
    const patch = method === 'PATCH' ? this.#pick(PATCH_TYPES) : 'json';
    const type = this.#chance(0.95)
      ? `application/${patch}`
      : this.#pick(['text/plain', 'application/yaml', 'application/vnd.kubernetes.protobuf', '']);
    // Deleting all namespaces or nodes would leave little to test.
    const safe = method === 'DELETE' && (onCollection || /namespaces\/(default|kube)|nodes\//.test(path));
    const body =
      method === 'GET'
        ? undefined
        : this.#chance(0.12)
          ? this.#pick(BODIES)
          : JSON.stringify(this.#mutated(object, this.#pick([0, 0.02, 0.1])));
    const headers = { Accept: this.#pick(ACCEPTS), ...(type && { 'Content-Type': type }), ...this.#pick(WHO) };
    return { method: safe ? 'GET' : method, path: path + (query && `?${query}`), headers, body: safe ? undefined : body };
  }
}

/** What is wrong with the answer; undefined when nothing is. */
const statuses = new Map<number, number>();

async function problemOf(base: string, cluster: Cluster, { method, path, headers, body }: FuzzRequest): Promise<string | undefined> {
  const before = cluster.etcd.revision;
  const started = performance.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(base + path, { method, headers, body, signal: AbortSignal.timeout(10 * LIMIT_MS) });
    text = await response.text();
  } catch (error) {
    return `no answer: ${error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)}`;
  }
  const took = performance.now() - started;
  statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
  // 504 with "Too large resource version" is how upstream answers a version from the future.
  // 500 without a reason is how upstream answers a strategic merge patch that contradicts itself.
  const asUpstream = text.includes('Too large resource version') || text.includes('"reason":""');
  if (response.status >= 500 && !asUpstream) return `${response.status} ${text.slice(0, 600)}`;
  if (took > LIMIT_MS) return `took ${took.toFixed(0)} ms`;
  if (response.status >= 400 && cluster.etcd.revision !== before)
    return `refused with ${response.status}, but the store moved from ${before} to ${cluster.etcd.revision}`;
  if (response.status >= 400 && !text.includes('"kind":"Status"')) return `${response.status} without a Status: ${text.slice(0, 200)}`;
  return undefined;
}

const cluster = new Cluster({ seed: values.seed, layout: { workers: 1 } });
cluster.boot(600_000);
const { port, close } = await serve(cluster, 0, () => undefined);
for (const [collection, object] of TARGETS)
  await fetch(`http://127.0.0.1:${port}${collection}`, {
    method: 'POST',
    body: JSON.stringify(object),
    headers: { 'Content-Type': 'application/json' },
  });
const total = Number(values.requests);
const first = Number(values.from);
let failed = 0;
for (let number = first; number < first + total; number++) {
  const request = new Maker(`${values.seed}/${number}`).make();
  const problem = await problemOf(`http://127.0.0.1:${port}`, cluster, request);
  if (problem !== undefined) {
    failed++;
    if (failed <= SHOWN)
      console.log(
        `--seed ${values.seed} --from ${number}: ${request.method} ${request.path} ${JSON.stringify(request.headers)}\n  ${request.body?.slice(0, 500) ?? ''}\n  → ${problem}`,
      );
  }
  // Time goes on: controllers meet what was stored.
  if (number % 200 === 0) {
    try {
      cluster.sim.runUntil(cluster.sim.now + 2000);
    } catch (error) {
      failed++;
      console.log(
        `--seed ${values.seed}, after request ${number}: ${error instanceof Error ? error.message : String(error)}\n${String((error as Error).cause ?? '')}\n${((error as Error).cause as Error | undefined)?.stack ?? ''}`,
      );
      break;
    }
  }
}
close();
console.log(
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${status}: ${count}`)
    .join(', '),
);
console.log(`${total - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
