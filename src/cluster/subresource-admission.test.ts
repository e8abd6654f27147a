/** What webhooks and policies see of subresources; the verbs, operations and kinds are those of upstream's admission_test.go. */
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { encodeBase64 } from '../apimachinery/base64.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { ApiRequest } from '../api/request.ts';
import type { WebhookCaller } from '../apiserver/policy/webhook-caller.ts';
import { admitConnect } from '../apiserver/subresources/connect.ts';
import { Etcd } from '../etcd/etcd.ts';
import { requestPem } from '../pki/testing/requests.ts';
import { Simulation } from '../sim/simulation.ts';
import { newApiServer } from './api-server.ts';

const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };
const REQUEST = encodeBase64(requestPem({ commonName: 'jane' }));
const CONTAINER = { name: 'c', image: 'nginx', resources: { requests: { cpu: '100m' } } };

interface Seen {
  uid: string;
  operation: string;
  kind: { group: string; version: string; kind: string };
  resource: { resource: string };
  subResource: string;
  name: string;
  namespace: string;
  object: { kind?: string; spec?: Record<string, unknown> } | null;
  oldObject: { kind?: string; spec?: Record<string, unknown> } | null;
  options: object | null;
}

function setUp(answer: (seen: Seen) => object = () => ({ allowed: true })) {
  const sim = new Simulation({ seed: 7 });
  const seen: Seen[] = [];
  const webhookCaller: WebhookCaller = {
    post(_target, body) {
      const { request } = body as { request: Seen };
      seen.push(request);
      return {
        body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: request.uid, ...answer(request) } },
      };
    },
  };
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>(), webhookCaller });
  /** "verb group/version/resource[/name[/subresource]]", in the namespace default but for what has none. */
  const send = (line: string, body?: unknown, more: Partial<ApiRequest> = {}) => {
    const [verb, path = ''] = line.split(' ', 2);
    const [group = '', version = '', resource = '', name, subresource] = path.split('/');
    const namespaced = !/namespaces|nodes|certificate|admission/.test(path);
    return server.request({
      verb: verb as ApiRequest['verb'],
      group,
      version,
      resource,
      ...(namespaced && { namespace: 'default' }),
      ...(name && { name }),
      ...(subresource && { subresource }),
      body,
      user: ADMIN,
      userAgent: 'test',
      external: true,
      ...more,
    });
  };
  const attempt = (...args: Parameters<typeof send>): string => {
    try {
      const { object, warnings } = send(...args);
      return warnings.length > 0 ? `Warning: ${warnings.join('; ')}` : object.kind;
    } catch (error) {
      if (error instanceof StatusError) return `${error.code} ${error.message}`;
      throw error;
    }
  };
  send('create /v1/namespaces', { metadata: { name: 'default' } });
  send('create /v1/namespaces', { metadata: { name: 'other' } });
  send('create /v1/serviceaccounts', { metadata: { name: 'default' } });
  send('create /v1/pods', { metadata: { name: 'p', labels: { a: 'b' } }, spec: { containers: [CONTAINER] } });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [CONTAINER] } };
  send('create apps/v1/deployments', {
    metadata: { name: 'web' },
    spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template },
  });
  send('create certificates.k8s.io/v1/certificatesigningrequests', {
    metadata: { name: 'csr' },
    spec: { request: REQUEST, signerName: 'example.com/x', usages: ['client auth'] },
  });
  const hook = (kind: string, resources: string[], operations = ['*'], more: object = {}) =>
    send(`create admissionregistration.k8s.io/v1/${kind.toLowerCase()}webhookconfigurations`, {
      metadata: { name: 'w' },
      webhooks: [
        {
          name: 'h.x.dev',
          clientConfig: { service: { namespace: 'default', name: 'h' } },
          rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations, resources }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          ...more,
        },
      ],
    });
  const connect = (subresource: 'exec' | 'attach' | 'portforward', options: object) =>
    admitConnect(server, { namespace: 'default', name: 'p', subresource, user: ADMIN, userAgent: 'kubectl' }, options);
  return { server, send, attempt, hook, connect, seen };
}

type World = ReturnType<typeof setUp>;
const POD = '/v1/pods/p';
const CSR = 'certificates.k8s.io/v1/certificatesigningrequests/csr/approval';

/** Every write of a subresource: the line, what is sent. */
const WRITES: Record<string, [line: string, body: object, more?: Partial<ApiRequest>]> = {
  binding: [`create ${POD}/binding`, { target: { kind: 'Node', name: 'n' } }],
  eviction: [`create ${POD}/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }],
  ephemeralcontainers: [
    `patch ${POD}/ephemeralcontainers`,
    { spec: { ephemeralContainers: [{ name: 'e', image: 'busybox' }] } },
    { patchType: 'strategic' },
  ],
  resize: [
    `patch ${POD}/resize`,
    { spec: { containers: [{ name: 'c', resources: { requests: { cpu: '200m' } } }] } },
    { patchType: 'strategic' },
  ],
  scale: ['patch apps/v1/deployments/web/scale', { spec: { replicas: 3 } }, { patchType: 'merge' }],
  token: ['create /v1/serviceaccounts/default/token', { spec: { audiences: ['api'] } }],
  approval: [
    `patch ${CSR}`,
    { status: { conditions: [{ type: 'Approved', status: 'True', reason: 'x', message: 'y' }] } },
    { patchType: 'merge' },
  ],
  finalize: ['update /v1/namespaces/other/finalize', { metadata: { name: 'other' }, spec: { finalizers: [] } }],
};

describe('what webhooks see of subresources', () => {
  it.each<[keyof typeof WRITES, string]>([
    ['binding', 'CREATE pods/binding /v1 Binding p Binding null'],
    ['eviction', 'CREATE pods/eviction policy/v1 Eviction p Eviction null'],
    ['ephemeralcontainers', 'UPDATE pods/ephemeralcontainers /v1 Pod p Pod Pod'],
    ['resize', 'UPDATE pods/resize /v1 Pod p Pod Pod'],
    ['scale', 'UPDATE deployments/scale autoscaling/v1 Scale web Scale Scale'],
    ['token', 'CREATE serviceaccounts/token authentication.k8s.io/v1 TokenRequest default TokenRequest null'],
    [
      'approval',
      'UPDATE certificatesigningrequests/approval certificates.k8s.io/v1 CertificateSigningRequest csr CertificateSigningRequest CertificateSigningRequest',
    ],
    ['finalize', 'UPDATE namespaces/finalize /v1 Namespace other Namespace Namespace'],
  ])('%s', (name, expected) => {
    const { hook, send, seen } = setUp();
    hook('Validating', ['*/*']);
    send(...(WRITES[name] as [string, object]));
    expect(
      seen.map(({ operation, resource, subResource, kind, name, object, oldObject }) =>
        [
          operation,
          `${resource.resource}/${subResource}`,
          `${kind.group}/${kind.version}`,
          kind.kind,
          name,
          object?.kind,
          oldObject?.kind ?? 'null',
        ].join(' '),
      ),
    ).toEqual([expected]);
  });

  it('old and new of a scale', () => {
    const { hook, send, seen } = setUp();
    hook('Validating', ['*/scale']);
    send(...(WRITES['scale'] as [string, object]));
    expect(seen.map(({ object, oldObject }) => [oldObject?.spec, object?.spec])).toEqual([[{ replicas: 1 }, { replicas: 3 }]]);
  });

  it.each<[string[], string[], string]>([
    [['pods/*'], ['*'], 'binding ephemeralcontainers eviction resize'],
    [['*/scale'], ['*'], 'scale'],
    [['pods'], ['*'], ''],
    [['*'], ['*'], ''],
    [['pods/binding', 'pods/resize'], ['UPDATE'], 'resize'],
    [['serviceaccounts/token', 'namespaces/finalize'], ['CREATE', 'CONNECT'], 'token'],
  ])('rules %j for %j match: %s', (resources, operations, expected) => {
    const matched = Object.keys(WRITES).filter((name) => {
      const { hook, send, seen } = setUp();
      hook('Validating', resources, operations);
      send(...(WRITES[name] as [string, object]));
      return seen.length > 0;
    });
    expect(matched.sort().join(' ')).toBe(expected);
  });

  it.each(Object.keys(WRITES))('%s does not happen when one refuses', (name) => {
    const { hook, attempt, send } = setUp(() => ({ allowed: false, status: { code: 403, message: 'not today' } }));
    hook('Validating', ['*/*']);
    const [line, body, more] = WRITES[name] as [string, object, Partial<ApiRequest>];
    const parent = line.replace(/^\w+/, 'get').split('/').slice(0, -1).join('/');
    const before = send(parent).object;
    expect(attempt(line, body, more)).toBe('403 admission webhook "h.x.dev" denied the request: not today');
    expect(send(parent).object).toEqual(before);
  });

  it('and may change', () => {
    const patch = encodeBase64(JSON.stringify([{ op: 'replace', path: '/spec/replicas', value: 2 }]));
    const { hook, send } = setUp(() => ({ allowed: true, patchType: 'JSONPatch', patch }));
    hook('Mutating', ['deployments/scale']);
    expect(send(...(WRITES['scale'] as [string, object])).object).toMatchObject({ kind: 'Scale', spec: { replicas: 2 } });
  });

  it('a deletion by eviction is not one more question', () => {
    const { hook, send, seen } = setUp();
    hook('Validating', ['pods'], ['DELETE']);
    send(...(WRITES['eviction'] as [string, object]));
    expect(seen).toEqual([]);
  });

  it('warnings reach who asked', () => {
    const { hook, attempt } = setUp(() => ({ allowed: true, warnings: ['hm'] }));
    hook('Validating', ['*/scale']);
    expect(attempt(...(WRITES['scale'] as [string, object]))).toBe('Warning: hm');
  });
});

describe('streams', () => {
  it.each<[Parameters<World['connect']>[0], string, object]>([
    ['exec', 'PodExecOptions', { stdout: true, container: 'c', command: ['ls'] }],
    ['attach', 'PodAttachOptions', { stdin: true, stdout: true, tty: true }],
    ['portforward', 'PodPortForwardOptions', { ports: [80] }],
  ])('%s is CONNECT with %s', (subresource, kind, options) => {
    const { hook, connect, seen } = setUp();
    hook('Validating', [`pods/${subresource}`], ['CONNECT']);
    connect(subresource, options);
    expect(seen).toMatchObject([
      {
        operation: 'CONNECT',
        kind: { group: '', version: 'v1', kind },
        resource: { resource: 'pods' },
        subResource: subresource,
        name: 'p',
        namespace: 'default',
        object: { apiVersion: 'v1', kind, ...options },
        oldObject: null,
        options: null,
      },
    ]);
  });

  it('are refused before they open', () => {
    const { hook, connect } = setUp(() => ({ allowed: false }));
    hook('Validating', ['*/*'], ['CONNECT']);
    expect(() => connect('exec', { command: ['sh'] })).toThrow('admission webhook "h.x.dev" denied the request without explanation');
  });

  it('options have no labels that a selector could match', () => {
    const { hook, connect, seen } = setUp();
    hook('Validating', ['*/*'], ['CONNECT'], { objectSelector: { matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] } });
    connect('exec', { command: ['sh'] });
    expect(seen).toEqual([]);
  });

  it('run what a webhook made of the command', () => {
    const patch = encodeBase64(JSON.stringify([{ op: 'replace', path: '/command', value: ['true'] }]));
    const { hook, connect } = setUp(() => ({ allowed: true, patchType: 'JSONPatch', patch }));
    hook('Mutating', ['pods/exec'], ['CONNECT']);
    expect(connect('exec', { command: ['sh'] })).toMatchObject({ command: ['true'] });
  });
});

describe('policies', () => {
  const bind = ({ send }: World, resources: string[], operations: string[], expression: string) => {
    send('create admissionregistration.k8s.io/v1/validatingadmissionpolicies', {
      metadata: { name: 'x' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations, resources }] },
        validations: [{ expression, message: 'no', reason: 'Forbidden' }],
      },
    });
    send('create admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', {
      metadata: { name: 'y' },
      spec: { policyName: 'x', validationActions: ['Deny'] },
    });
  };

  it('hold for scales', () => {
    const world = setUp();
    bind(world, ['deployments/scale'], ['UPDATE'], 'object.spec.replicas <= oldObject.spec.replicas && request.kind.kind == "Scale"');
    expect(world.attempt(...(WRITES['scale'] as [string, object]))).toBe(
      "403 deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'x' with binding 'y' denied request: no",
    );
  });

  it('hold for exec', () => {
    const world = setUp();
    bind(world, ['pods/exec'], ['CONNECT'], '!(object.command[0] in ["sh", "bash"])');
    expect(world.connect('exec', { command: ['ls'] })).toMatchObject({ command: ['ls'] });
    expect(() => world.connect('exec', { command: ['sh'] })).toThrow(
      "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'x' with binding 'y' denied request: no",
    );
  });
});

describe("the apiserver's own plugins", () => {
  it('hold ephemeral containers to the standard of the namespace', () => {
    const { send, attempt } = setUp();
    send(
      'patch /v1/namespaces/default',
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } },
      { patchType: 'merge' },
    );
    const [line, , more] = WRITES['ephemeralcontainers'] as [string, object, Partial<ApiRequest>];
    const privileged = [{ name: 'e', image: 'busybox', securityContext: { privileged: true } }];
    expect(attempt(line, { spec: { ephemeralContainers: privileged } }, more)).toContain(
      '403 pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged',
    );
  });

  it('charge a resize to the quota', () => {
    const { send, attempt } = setUp();
    const quota = { metadata: { name: 'q' }, spec: { hard: { 'requests.cpu': '150m' } } };
    send('create /v1/resourcequotas', quota);
    send('update /v1/resourcequotas/q/status', {
      ...quota,
      metadata: { name: 'q', namespace: 'default' },
      status: { hard: quota.spec.hard, used: { 'requests.cpu': '100m' } },
    });
    expect(attempt(...(WRITES['resize'] as [string, object]))).toBe(
      '403 pods "p" is forbidden: exceeded quota: q, requested: requests.cpu=100m, used: requests.cpu=100m, limited: requests.cpu=150m',
    );
  });

  it('let kubelets have tokens for their own pods only', () => {
    const { send, attempt } = setUp();
    send(...(WRITES['binding'] as [string, object]));
    const uid = (send('get /v1/pods/p').object as KubernetesObject).metadata.uid;
    const ask = (node: string, boundObjectRef?: object) =>
      attempt(
        'create /v1/serviceaccounts/default/token',
        { spec: { boundObjectRef } },
        {
          user: { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] },
          external: false,
        },
      );
    const bound = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid };
    expect(ask('n', bound)).toBe('TokenRequest');
    expect(ask('n')).toBe('403 serviceaccounts "default" is forbidden: node requested token not bound to a pod');
    expect(ask('m', bound)).toBe(
      '403 serviceaccounts "default" is forbidden: node requested token bound to a pod scheduled on a different node',
    );
  });
});
