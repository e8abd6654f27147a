import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../cluster/cluster.ts';
import { serve } from './server.ts';
import { ProtobufWriter } from './protobuf/writer.ts';

const cluster = new Cluster({ seed: 7, layout: { workers: 1 } });
let base = '';
let close: () => void = () => undefined;

beforeAll(async () => {
  cluster.boot(600_000);
  const served = await serve(cluster, 0, () => void cluster.sim.runUntil(cluster.sim.now + 1000));
  base = `http://127.0.0.1:${served.port}`;
  close = served.close;
});
afterAll(() => close());

const MAPS = '/api/v1/namespaces/default/configmaps';

interface Sent {
  body?: unknown;
  type?: string;
  headers?: Record<string, string>;
}

/** One request; the answer with its body as text and, where it is JSON, as value. */
async function call(method: string, path: string, { body, type = 'application/json', headers = {} }: Sent = {}) {
  const text = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  const response = await fetch(base + path, {
    method,
    body: text as BodyInit,
    headers: { Accept: 'application/json', ...(body !== undefined && { 'Content-Type': type }), ...headers },
  });
  const answer = await response.text();
  let json: Record<string, unknown> = {};
  if (answer !== '' && response.headers.get('content-type')?.startsWith('application/json'))
    json = JSON.parse(answer) as Record<string, unknown>;
  return { status: response.status, text: answer, json, headers: response.headers };
}

const configMap = (name: string, data: Record<string, string> = { a: '1' }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

describe('what is served beside resources', () => {
  it.each([
    ['/healthz', 'ok'],
    ['/livez', 'ok'],
    ['/readyz', 'ok'],
    ['/readyz/ping?verbose', 'ok'],
    [
      '/readyz?verbose',
      '[+]ping ok\n[+]etcd ok\n[+]poststarthook/rbac/bootstrap-roles ok\n[+]poststarthook/scheduling/bootstrap-system-priority-classes ok\nreadyz check passed\n',
    ],
  ])('%s answers %s', async (path, text) => {
    expect(await call('GET', path)).toMatchObject({ status: 200, text });
  });

  it('warns whoever reads a deprecated version', async () => {
    const { headers } = await call('GET', '/api/v1/namespaces/default/endpoints');
    expect(headers.get('warning')).toBe('299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"');
  });

  it('names its version', async () => {
    expect((await call('GET', '/version')).json).toMatchObject({ major: '1', minor: '33' });
  });

  it.each([
    ['/api', 'APIVersions'],
    ['/apis', 'APIGroupList'],
    ['/apis/apps', 'APIGroup'],
    ['/apis/apps/v1', 'APIResourceList'],
    ['/api/v1', 'APIResourceList'],
  ])('discovery: %s is a %s', async (path, kind) => {
    expect((await call('GET', path)).json).toMatchObject({ kind });
  });

  it.each(['v2', 'v2beta1'])('aggregated discovery %s comes under its own content type, and 304 when nothing changed', async (version) => {
    const headers = { Accept: `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList,application/json` };
    const first = await call('GET', '/apis', { headers });
    expect(first.headers.get('content-type')).toBe(`application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`);
    expect(first.json).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}` });
    expect((await call('GET', '/apis', { headers: { ...headers, 'If-None-Match': first.headers.get('etag') ?? '' } })).status).toBe(304);
  });

  it('prefers autoscaling/v2 and serves v1 of the same object', async () => {
    expect((await call('GET', '/apis/autoscaling')).json).toMatchObject({ preferredVersion: { groupVersion: 'autoscaling/v2' } });
    const body = {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: {
        maxReplicas: 3,
        targetCPUUtilizationPercentage: 70,
        scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' },
      },
    };
    expect((await call('POST', '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers', { body })).json).toMatchObject({
      apiVersion: 'autoscaling/v1',
      spec: { targetCPUUtilizationPercentage: 70 },
    });
    const stored = await call('GET', '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/h');
    expect(stored.json).toMatchObject({
      spec: { metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageUtilization: 70 } } }] },
    });
  });

  it('OpenAPI v3: documents by group and version, with the keys that kubectl looks for', async () => {
    const { paths } = (await call('GET', '/openapi/v3')).json as { paths: Record<string, { serverRelativeURL: string }> };
    const text = (await call('GET', paths['apis/apps/v1']?.serverRelativeURL ?? '')).text;
    const { paths: operations, components } = JSON.parse(text) as {
      paths: Record<string, Record<string, { parameters: { name: string }[]; requestBody: { content: object } }>>;
      components: { schemas: Record<string, { properties: Record<string, object> }> };
    };
    const patch = operations['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'];
    expect(patch?.parameters.map(({ name }) => name)).toContain('fieldValidation');
    expect(Object.keys(patch?.requestBody.content ?? {})).toContain('application/strategic-merge-patch+json');
    expect(components.schemas['io.k8s.api.core.v1.PodSpec']?.properties['containers']).toMatchObject({
      'x-kubernetes-patch-merge-key': 'name',
    });
  });

  it('OpenAPI v2: JSON, or protobuf under a content type without @', async () => {
    expect(JSON.parse((await call('GET', '/openapi/v2')).text)).toMatchObject({ swagger: '2.0' });
    const response = await fetch(`${base}/openapi/v2`, {
      headers: { Accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
    });
    expect(response.headers.get('content-type')).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf');
    expect(new Uint8Array(await response.arrayBuffer()).subarray(0, 5)).toEqual(new Uint8Array([0x0a, 3, 0x32, 0x2e, 0x30]));
  });
});

describe('requests for resources', () => {
  it.each<[string, string, string, Sent, number, string]>([
    ['an unknown path', 'GET', '/nowhere', {}, 404, 'NotFound'],
    ['an unknown resource', 'GET', '/apis/apps/v9/deployments', {}, 404, 'NotFound'],
    ['a missing object', 'GET', `${MAPS}/nosuch`, {}, 404, 'NotFound'],
    ['a body that is no JSON', 'POST', MAPS, { body: '{"kind":' }, 400, 'BadRequest'],
    ['another kind in the body', 'POST', MAPS, { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } } }, 400, 'BadRequest'],
    ['a body in another format', 'POST', MAPS, { body: 'hello', type: 'text/plain' }, 415, 'UnsupportedMediaType'],
    [
      'a patch in another format',
      'PATCH',
      '/api/v1/namespaces/default',
      { body: {}, type: 'application/json' },
      415,
      'UnsupportedMediaType',
    ],
    ['an answer that cannot be given', 'GET', MAPS, { headers: { Accept: 'text/csv' } }, 406, 'NotAcceptable'],
    ['a body over 3 MiB', 'POST', MAPS, { body: 'x'.repeat(3 * 1024 * 1024 + 1) }, 413, 'RequestEntityTooLarge'],
    ['a continue token that is not one', 'GET', `${MAPS}?continue=zzz`, {}, 400, 'BadRequest'],
    ['a field that cannot be selected by', 'GET', `${MAPS}?fieldSelector=data.x%3D1`, {}, 400, 'BadRequest'],
    [
      'a resourceVersion on create',
      'POST',
      MAPS,
      { body: { ...configMap('x'), metadata: { name: 'x', resourceVersion: '5' } } },
      400,
      'BadRequest',
    ],
    ['apply without a manager', 'PATCH', `${MAPS}/x`, { body: configMap('x'), type: 'application/apply-patch+yaml' }, 422, 'Invalid'],
    [
      'unknown fields under Strict',
      'POST',
      `${MAPS}?fieldValidation=Strict`,
      { body: { ...configMap('x'), dataa: {} } },
      400,
      'BadRequest',
    ],
    ['a path that is no text', 'GET', '/api/v1/namespaces/%E0%A4%A/pods', {}, 400, 'BadRequest'],
  ])('refuses %s', async (_name, method, path, sent, status, reason) => {
    const answer = await call(method, path, sent);
    expect(answer.json).toMatchObject({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, reason });
    expect(answer.status).toBe(status);
  });

  it('writes, warns about unknown fields, patches, and deletes', async () => {
    const made = await call('POST', MAPS, { body: { ...configMap('m'), dataa: {} } });
    expect(made).toMatchObject({ status: 201, json: { metadata: { name: 'm', namespace: 'default' } } });
    expect(made.headers.get('warning')).toBe('299 - "unknown field \\"dataa\\""');
    const patched = await call('PATCH', `${MAPS}/m`, { body: { data: { a: null, b: '2' } }, type: 'application/merge-patch+json' });
    expect(patched.json['data']).toEqual({ b: '2' });
    expect((await call('DELETE', `${MAPS}/m`, { body: { propagationPolicy: 'Background' } })).json).toMatchObject({
      kind: 'Status',
      status: 'Success',
    });
    expect((await call('GET', `${MAPS}/m`)).status).toBe(404);
  });

  it('reads and writes YAML', async () => {
    const made = await call('POST', MAPS, {
      body: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  k: "v"\n',
      type: 'application/yaml',
    });
    expect(made.json['data']).toEqual({ k: 'v' });
    const read = await call('GET', `${MAPS}/y`, { headers: { Accept: 'application/yaml' } });
    expect(read.text).toContain('kind: ConfigMap\n');
    expect(read.headers.get('content-type')).toBe('application/yaml');
  });

  it('decodes protobuf bodies', async () => {
    const object = new ProtobufWriter();
    object.message(1, (metadata) => metadata.text(1, 'p'));
    object.message(2, (entry) => {
      entry.text(1, 'key');
      entry.text(2, 'value');
    });
    const envelope = new ProtobufWriter();
    envelope.message(1, (type) => {
      type.text(1, 'v1');
      type.text(2, 'ConfigMap');
    });
    envelope.chunk(2, object.bytes());
    const body = Buffer.concat([Buffer.from('k8s\0', 'latin1'), envelope.bytes()]);
    const made = await call('POST', MAPS, { body, type: 'application/vnd.kubernetes.protobuf' });
    expect(made).toMatchObject({ status: 201, json: { metadata: { name: 'p' }, data: { key: 'value' } } });
  });

  it('gives pages that belong together', async () => {
    for (const name of ['q1', 'q2', 'q3'])
      await call('POST', MAPS, { body: { ...configMap(name), metadata: { name, labels: { page: 'y' } } } });
    const first = (await call('GET', `${MAPS}?limit=2&labelSelector=page%3Dy`)).json as {
      items: unknown[];
      metadata: { continue: string; resourceVersion: string };
    };
    const second = (await call('GET', `${MAPS}?limit=2&labelSelector=page%3Dy&continue=${encodeURIComponent(first.metadata.continue)}`))
      .json as typeof first;
    expect([first.items.length, second.items.length]).toEqual([2, 1]);
    expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
  });

  it('makes tables and lists of metadata', async () => {
    const table = await call('GET', '/api/v1/nodes', {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    });
    expect(table.json).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
    const partial = await call('GET', '/api/v1/nodes', {
      headers: { Accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
    });
    expect(partial.json['kind']).toBe('PartialObjectMetadataList');
    expect((partial.json['items'] as object[])[0]).not.toHaveProperty('spec');
  });

  it('records managers, and tells appliers of conflicts', async () => {
    const apply = (manager: string, body: object, force = false) =>
      call('PATCH', `${MAPS}/s?fieldManager=${manager}&force=${String(force)}`, { body, type: 'application/apply-patch+yaml' });
    expect((await apply('one', configMap('s', { x: '1' }))).status).toBe(201);
    const conflict = await apply('two', configMap('s', { x: '2' }));
    expect(conflict).toMatchObject({ status: 409, json: { details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.x' }] } } });
    expect((await apply('two', configMap('s', { x: '2' }), true)).json['data']).toEqual({ x: '2' });
    expect((await apply('one', configMap('s', { y: '3' }))).json['data']).toEqual({ x: '2', y: '3' });
  });

  it('asks RBAC about impersonated users', async () => {
    const as = { 'Impersonate-User': 'jane' };
    const refused = await call('GET', '/api/v1/namespaces/default/pods', { headers: as });
    expect(refused.json).toMatchObject({
      code: 403,
      reason: 'Forbidden',
      message: 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"',
    });
    const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
    const subjects = [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }];
    await call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', {
      body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: 'jane' }, roleRef: role, subjects },
    });
    expect((await call('GET', '/api/v1/namespaces/default/pods', { headers: as })).status).toBe(200);
    expect((await call('GET', '/api/v1/namespaces/default/secrets', { headers: as })).status).toBe(403);
  });

  it('knows the bearers of tokens it issued, and no others', async () => {
    const issued = await call('POST', '/api/v1/namespaces/default/serviceaccounts/default/token', { body: { spec: {} } });
    const { token } = issued.json['status'] as { token: string };
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    const whoami = await call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {
      body: review,
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(whoami.json['status']).toMatchObject({ userInfo: { username: 'system:serviceaccount:default:default' } });
    expect((await call('GET', MAPS, { headers: { Authorization: `Bearer ${token}x` } })).status).toBe(401);
  });
});

describe('custom resources', () => {
  it('are served, pruned, defaulted, validated and withdrawn', async () => {
    const schema = {
      type: 'object',
      properties: {
        spec: { type: 'object', properties: { size: { type: 'integer', minimum: 1 }, mode: { type: 'string', default: 'fast' } } },
      },
    };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        scope: 'Namespaced',
        names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    const widgets = '/apis/example.com/v1/namespaces/default/widgets';
    await call('POST', definitions, { body: definition });
    const widget = (size: unknown) => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { size, colour: 'red' },
    });
    expect((await call('POST', widgets, { body: widget(0) })).json).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'spec.size' }] },
    });
    const made = await call('POST', widgets, { body: widget(2) });
    expect(made.json['spec']).toEqual({ size: 2, mode: 'fast' });
    expect(made.headers.get('warning')).toContain('unknown field \\"spec.colour\\"');
    await call('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'short' } } });
    await call('POST', widgets.replace('default', 'short'), { body: widget(1) });
    await call('DELETE', '/api/v1/namespaces/short');
    cluster.sim.runUntil(cluster.sim.now + 30_000);
    expect((await call('GET', '/apis/example.com/v1/widgets')).json['items']).toHaveLength(1);
    await call('DELETE', `${definitions}/widgets.example.com`);
    cluster.sim.runUntil(cluster.sim.now + 5000);
    expect((await call('GET', widgets)).status).toBe(404);
  });
});

describe('streams', () => {
  /** The first `count` lines of a watch. */
  const lines = (
    path: string,
    count: number,
    meanwhile: () => Promise<unknown>,
  ): Promise<{ type: string; object: Record<string, unknown> }[]> =>
    new Promise((resolve, reject) => {
      let text = '';
      const request = httpRequest(base + path, { headers: { Accept: 'application/json' } }, (response) => {
        meanwhile().catch(reject);
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString('utf8');
          const complete = text.split('\n').slice(0, -1);
          if (complete.length < count) return;
          request.destroy();
          resolve(complete.map((line) => JSON.parse(line) as { type: string; object: Record<string, unknown> }));
        });
      });
      request.on('error', (error) => (text.split('\n').length > count ? undefined : reject(error)));
      request.end();
    });

  it('a watch begins with what is there and goes on with what changes', async () => {
    await call('POST', MAPS, { body: configMap('w1') });
    const events = await lines(`${MAPS}?watch=true&fieldSelector=metadata.name%3Dw1`, 2, () => call('DELETE', `${MAPS}/w1`));
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
  });

  it('a watch from before the history says so in an ERROR event', async () => {
    cluster.sim.runUntil(cluster.sim.now + 900_000);
    const [event] = await lines(`${MAPS}?watch=true&resourceVersion=1`, 1, () => Promise.resolve());
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
  });
});
