import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { encodeBase64 } from '../apimachinery/base64.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { ApiResponse } from '../api/request.ts';
import type { WebhookAnswer, WebhookCaller, WebhookTarget } from '../apiserver/policy/webhook-caller.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { newApiServer } from './api-server.ts';

const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

interface Review {
  request: { uid: string; operation: string; object: KubernetesObject & { spec?: unknown } };
}
type Hook = (review: Review) => object | undefined;

function setUp(hooks: Record<string, Hook> = {}) {
  const sim = new Simulation({ seed: 7 });
  const etcd = new Etcd<KubernetesObject>();
  const calls: string[] = [];
  const webhookCaller: WebhookCaller = {
    post({ service }: WebhookTarget, body: object): WebhookAnswer {
      const name = service?.name ?? '';
      calls.push(name);
      const review = body as Review;
      const response = hooks[name]?.(review);
      if (response === undefined)
        return { error: `Post "https://${name}.default.svc:443/?timeout=10s": no endpoints available for service "${name}"` };
      return { body: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: review.request.uid, ...response } } };
    },
  };
  const server = newApiServer({ sim, etcd, webhookCaller });
  const send = (verb: 'create' | 'update' | 'delete', path: string, body?: object, dryRun = false): ApiResponse => {
    const [group = '', version = '', resource = '', namespace, name] = path.split('|');
    const request = {
      verb,
      group,
      version,
      resource,
      user: ADMIN,
      userAgent: 'test',
      external: true,
      body,
      ...(dryRun && { options: { dryRun } }),
    };
    const response = server.request({
      ...request,
      ...(namespace && { namespace }),
      name: name ?? (body as KubernetesObject | undefined)?.metadata.name,
    });
    sim.runUntilIdle(1000);
    return response;
  };
  const attempt = (...args: Parameters<typeof send>): string => {
    try {
      const { object, warnings } = send(...args);
      return warnings.length > 0 ? `Warning: ${warnings.join('; ')}` : (object as KubernetesObject).kind;
    } catch (error) {
      if (error instanceof StatusError) return `${error.code} ${error.message}`;
      throw error;
    }
  };
  send('create', '|v1|namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default', labels: { env: 'test' } } });
  return { sim, server, send, attempt, calls };
}

const CRDS = 'apiextensions.k8s.io|v1|customresourcedefinitions';
const POLICIES = 'admissionregistration.k8s.io|v1|validatingadmissionpolicies';
const BINDINGS = 'admissionregistration.k8s.io|v1|validatingadmissionpolicybindings';
const MUTATING = 'admissionregistration.k8s.io|v1|mutatingwebhookconfigurations';
const VALIDATING = 'admissionregistration.k8s.io|v1|validatingwebhookconfigurations';
const MAPS = '|v1|configmaps|default';

function crd(spec: object, more: object = {}): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crons.x.dev' },
    spec: {
      group: 'x.dev',
      scope: 'Namespaced',
      names: { plural: 'crons', kind: 'Cron' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
      ...more,
    },
  };
}

const SPEC = {
  type: 'object',
  properties: { min: { type: 'integer' }, max: { type: 'integer' }, name: { type: 'string' }, 'a-b': { type: 'number' } },
  'x-kubernetes-validations': [
    { rule: 'self.min <= self.max', message: 'min must not be above max', fieldPath: '.min', reason: 'FieldValueForbidden' },
    { rule: '!has(self.name) || self.name == oldSelf.name', messageExpression: '"name stays " + oldSelf.name' },
    { rule: 'self.?a__dash__b.orValue(1.0) < 5.0' },
  ],
};
const cron = (spec: object): object => ({ apiVersion: 'x.dev/v1', kind: 'Cron', metadata: { name: 'c', namespace: 'default' }, spec });

describe('rules of custom resources', () => {
  it('hold on create and update, with old values', () => {
    const { send, attempt } = setUp();
    send('create', CRDS, crd(SPEC));
    expect(attempt('create', 'x.dev|v1|crons|default', cron({ min: 2, max: 1 }))).toBe(
      '422 Cron.x.dev "c" is invalid: spec.min: Forbidden: min must not be above max',
    );
    expect(attempt('create', 'x.dev|v1|crons|default', cron({ min: 1, max: 1, 'a-b': 5 }))).toBe(
      '422 Cron.x.dev "c" is invalid: spec: Invalid value: "object": failed rule: self.?a__dash__b.orValue(1.0) < 5.0',
    );
    expect(attempt('create', 'x.dev|v1|crons|default', cron({ min: 1, max: 2, name: 'a' }))).toBe('Cron');
    expect(attempt('update', 'x.dev|v1|crons|default', cron({ min: 1, max: 2, name: 'b' }))).toBe(
      '422 Cron.x.dev "c" is invalid: spec: Invalid value: "object": name stays a',
    );
    expect(attempt('create', 'x.dev|v1|crons|default', cron({ min: 'x' }))).toContain('some validation rules were not checked');
  });

  it('are compiled when the definition is written', () => {
    const { attempt } = setUp();
    const refused = attempt('create', CRDS, crd({ ...SPEC, 'x-kubernetes-validations': [{ rule: 'self.foo > 1' }, { rule: 'self.min' }] }));
    expect(refused).toContain(
      'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:"self.foo > 1"',
    );
    expect(refused).toContain("compilation failed: ERROR: <input>:1:5: undefined field 'foo'\n | self.foo > 1\n | ....^");
    expect(refused).toContain('cel expression must evaluate to a bool');
  });

  it('read other versions as those versions have them', () => {
    const { send, server } = setUp();
    const schema = (properties: object) => ({ openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties } } } });
    const versions = [
      { name: 'v1', served: true, storage: true, schema: schema({ a: { type: 'string' }, old: { type: 'string' } }) },
      { name: 'v2', served: true, storage: false, schema: schema({ a: { type: 'string' }, b: { type: 'string', default: 'x' } }) },
    ];
    send('create', CRDS, crd({}, { versions }));
    send('create', 'x.dev|v1|crons|default', cron({ a: '1', old: '2' }));
    const read = server.request({
      verb: 'get',
      group: 'x.dev',
      version: 'v2',
      resource: 'crons',
      namespace: 'default',
      name: 'c',
      user: ADMIN,
      userAgent: 't',
    });
    expect(read.object).toMatchObject({ apiVersion: 'x.dev/v2', spec: { a: '1', b: 'x' } });
    expect(read.object).not.toHaveProperty('spec.old');
  });

  it('ask a conversion webhook, and say when it does not answer', () => {
    const { send, attempt, server } = setUp();
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
    const versions = [
      { name: 'v1', served: true, storage: true, schema },
      { name: 'v2', served: true, storage: false, schema },
    ];
    const webhook = { clientConfig: { service: { namespace: 'default', name: 'conv' } }, conversionReviewVersions: ['v1'] };
    send('create', CRDS, crd({}, { versions, conversion: { strategy: 'Webhook', webhook } }));
    send('create', 'x.dev|v1|crons|default', cron({}));
    const get = () =>
      server.request({
        verb: 'get',
        group: 'x.dev',
        version: 'v2',
        resource: 'crons',
        namespace: 'default',
        name: 'c',
        user: ADMIN,
        userAgent: 't',
      });
    expect(get).toThrow(
      'conversion webhook for x.dev/v1, Kind=Cron failed: Post "https://conv.default.svc:443/?timeout=10s": no endpoints available',
    );
    expect(attempt('create', CRDS, { ...crd({}, { conversion: { strategy: 'Webhook' } }), metadata: { name: 'crons.x.dev' } })).toContain(
      'spec.conversion.webhook.clientConfig: Required value',
    );
  });
});

function policy(spec: object): object {
  const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }];
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'p' },
    spec: { matchConstraints: { resourceRules }, ...spec },
  };
}
const binding = (spec: object = {}): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  metadata: { name: 'b' },
  spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
});
const map = (data: Record<string, string>, name = 'm', labels?: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(labels && { labels }) },
  data,
});
const DENIED = "422 configmaps \"m\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ";

describe('ValidatingAdmissionPolicy', () => {
  it.each<[string, object, object, object, string]>([
    [
      'refuses',
      { validations: [{ expression: 'object.data.k == "v"' }] },
      {},
      map({ k: 'x' }),
      `${DENIED}failed expression: object.data.k == "v"`,
    ],
    ['lets pass', { validations: [{ expression: 'object.data.k == "v"' }] }, {}, map({ k: 'v' }), 'ConfigMap'],
    ['says its message', { validations: [{ expression: 'false', message: 'no' }] }, {}, map({}), `${DENIED}no`],
    [
      'makes its message, from variables',
      {
        variables: [{ name: 'n', expression: 'size(object.data)' }],
        validations: [{ expression: 'variables.n < 1', messageExpression: '"has " + string(variables.n)' }],
      },
      {},
      map({ k: 'v' }),
      `${DENIED}has 1`,
    ],
    [
      'has a reason',
      { validations: [{ expression: 'false', reason: 'Forbidden', message: 'no' }] },
      {},
      map({}),
      `403${DENIED.slice(3)}no`,
    ],
    [
      'fails closed',
      { validations: [{ expression: 'object.data.k == "v"' }] },
      {},
      map({}),
      `${DENIED}expression 'object.data.k == "v"' resulted in error: no such key: k`,
    ],
    ['fails open', { failurePolicy: 'Ignore', validations: [{ expression: 'object.data.k == "v"' }] }, {}, map({}), 'ConfigMap'],
    [
      'looks at its conditions first',
      { matchConditions: [{ name: 'c', expression: 'request.userInfo.username != "admin"' }], validations: [{ expression: 'false' }] },
      {},
      map({}),
      'ConfigMap',
    ],
    [
      'knows the namespace',
      { validations: [{ expression: 'namespaceObject.metadata.labels.env != "test"', message: 'test' }] },
      {},
      map({}),
      `${DENIED}test`,
    ],
    [
      'asks the authorizer',
      {
        validations: [{ expression: '!authorizer.group("").resource("pods").namespace("default").check("get").allowed()', message: 'may' }],
      },
      {},
      map({}),
      `${DENIED}may`,
    ],
    [
      'asks about the request',
      { validations: [{ expression: '!authorizer.requestResource.check("delete").allowed()', message: 'may' }] },
      {},
      map({}),
      `${DENIED}may`,
    ],
    [
      'warns',
      { validations: [{ expression: 'false', message: 'hm' }] },
      { validationActions: ['Warn'] },
      map({}),
      "Warning: Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': hm",
    ],
    [
      'holds where its binding says',
      { validations: [{ expression: 'false' }] },
      { matchResources: { objectSelector: { matchLabels: { a: 'b' } } } },
      map({}),
      'ConfigMap',
    ],
    [
      'wants parameters',
      { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations: [{ expression: 'true' }] },
      { paramRef: { name: 'none', parameterNotFoundAction: 'Deny' } },
      map({}),
      `${DENIED}failed to configure binding: no params found for policy binding with \`Deny\` parameterNotFoundAction`,
    ],
    [
      'stops what costs too much',
      {
        validations: [
          {
            expression:
              '[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, a+b+c+d+e>0)))))',
          },
        ],
      },
      {},
      map({}),
      `${DENIED}expression '[1,2,3,4,5,6,7,8,9,10].all(a, [1,2,3,4,5,6,7,8,9,10].all(b, [1,2,3,4,5,6,7,8,9,10].all(c, [1,2,3,4,5,6,7,8,9,10].all(d, [1,2,3,4,5,6,7,8,9,10].all(e, a+b+c+d+e>0)))))' resulted in error: operation cancelled: actual cost limit exceeded`,
    ],
  ])('%s', (_name, spec, bindingSpec, object, expected) => {
    const { send, attempt } = setUp();
    send('create', POLICIES, policy(spec));
    send('create', BINDINGS, binding(bindingSpec));
    expect(attempt('create', MAPS, object)).toBe(expected);
  });

  it('takes parameters', () => {
    const { send, attempt } = setUp();
    send('create', MAPS, map({ max: '1' }, 'limit'));
    send(
      'create',
      POLICIES,
      policy({
        paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
        validations: [{ expression: 'size(object.data) <= int(params.data.max)' }],
      }),
    );
    send('create', BINDINGS, binding({ paramRef: { name: 'limit', parameterNotFoundAction: 'Deny' } }));
    expect(attempt('create', MAPS, map({ a: '1' }))).toBe('ConfigMap');
    expect(attempt('update', MAPS, map({ a: '1', b: '2' }))).toContain('failed expression: size(object.data) <= int(params.data.max)');
  });

  it('is compiled when it is written, and checked against the kinds it names', () => {
    const { send, attempt, server } = setUp();
    expect(attempt('create', POLICIES, policy({ validations: [{ expression: 'foo' }] }))).toBe(
      '422 ValidatingAdmissionPolicy.admissionregistration.k8s.io "p" is invalid: spec.validations[0].expression: Invalid value: "foo": compilation failed: ERROR: <input>:1:1: undeclared reference to \'foo\' (in container \'\')\n | foo\n | ^',
    );
    expect(attempt('create', POLICIES, policy({ validations: [{ expression: '1' }] }))).toContain('must evaluate to bool');
    send('create', POLICIES, policy({ validations: [{ expression: 'object.dat.k == "v"' }] }));
    const { object } = server.request({
      verb: 'get',
      group: 'admissionregistration.k8s.io',
      version: 'v1',
      resource: 'validatingadmissionpolicies',
      name: 'p',
      user: ADMIN,
      userAgent: 't',
    });
    expect(object).toMatchObject({
      status: {
        observedGeneration: 1,
        typeChecking: {
          expressionWarnings: [
            {
              fieldRef: 'spec.validations[0].expression',
              warning: 'v1, Kind=ConfigMap: ERROR: <input>:1:7: undefined field \'dat\'\n | object.dat.k == "v"\n | ......^',
            },
          ],
        },
      },
    });
  });
});

function hook(name: string, more: object = {}): object {
  return {
    name: `${name}.x.dev`,
    clientConfig: { service: { namespace: 'default', name, path: '/' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  };
}
const hooks = (kind: string, ...webhooks: object[]): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'w' },
  webhooks,
});
const patchOf = (...operations: object[]) => ({ allowed: true, patchType: 'JSONPatch', patch: encodeBase64(JSON.stringify(operations)) });

describe('webhooks', () => {
  const ask = (name: string, answer: Hook, more: object = {}) => {
    const world = setUp({ [name]: answer });
    world.send('create', VALIDATING, hooks('ValidatingWebhookConfiguration', hook(name, more)));
    return world;
  };

  it.each<[string, Hook, object, string]>([
    ['may allow', () => ({ allowed: true, warnings: ['careful'] }), {}, 'Warning: careful'],
    [
      'may refuse',
      () => ({ allowed: false, status: { message: 'no', code: 403 } }),
      {},
      '403 admission webhook "v.x.dev" denied the request: no',
    ],
    ['may refuse without a word', () => ({ allowed: false }), {}, '400 admission webhook "v.x.dev" denied the request without explanation'],
    [
      'fail closed',
      () => undefined,
      {},
      '500 Internal error occurred: failed calling webhook "v.x.dev": failed to call webhook: Post "https://v.default.svc:443/?timeout=10s": no endpoints available for service "v"',
    ],
    ['fail open', () => undefined, { failurePolicy: 'Ignore' }, 'ConfigMap'],
    [
      'must answer the question',
      () => ({ allowed: true, uid: 'x' }),
      {},
      '500 Internal error occurred: failed calling webhook "v.x.dev": received invalid webhook response: expected response.uid=',
    ],
    ['are asked about what they match', () => ({ allowed: false }), { objectSelector: { matchLabels: { a: 'b' } } }, 'ConfigMap'],
    [
      'are asked about namespaces they match',
      () => ({ allowed: false }),
      { namespaceSelector: { matchLabels: { env: 'prod' } } },
      'ConfigMap',
    ],
    [
      'are asked when their conditions hold',
      () => ({ allowed: false }),
      { matchConditions: [{ name: 'c', expression: 'request.operation == "DELETE"' }] },
      'ConfigMap',
    ],
  ])('%s', (_name, answer, more, expected) => {
    const { attempt } = ask('v', answer, more);
    expect(attempt('create', MAPS, map({})).slice(0, expected.length)).toBe(expected);
  });

  it('change objects in order, and again when others changed them', () => {
    const seen: string[] = [];
    const label =
      (name: string): Hook =>
      ({ request: { object } }) => {
        seen.push(
          `${name}:${Object.keys(object.metadata.labels ?? {})
            .sort()
            .join(',')}`,
        );
        return object.metadata.labels?.[name] === undefined
          ? patchOf(
              object.metadata.labels === undefined
                ? { op: 'add', path: '/metadata/labels', value: { [name]: '1' } }
                : { op: 'add', path: `/metadata/labels/${name}`, value: '1' },
            )
          : { allowed: true };
      };
    const { send } = setUp({ a: label('a'), b: label('b') });
    send('create', MUTATING, hooks('MutatingWebhookConfiguration', hook('a', { reinvocationPolicy: 'IfNeeded' }), hook('b')));
    const { object } = send('create', MAPS, map({}));
    expect((object as KubernetesObject).metadata.labels).toEqual({ a: '1', b: '1' });
    expect(seen).toEqual(['a:', 'b:a', 'a:a,b']);
  });

  it('are configured as upstream wants it', () => {
    const { attempt } = setUp();
    expect(
      attempt('create', VALIDATING, hooks('ValidatingWebhookConfiguration', { ...hook('v'), name: 'short', sideEffects: 'Some' })),
    ).toBe(
      '422 ValidatingWebhookConfiguration.admissionregistration.k8s.io "w" is invalid: [webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots, webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"]',
    );
  });
});
