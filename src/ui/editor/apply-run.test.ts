import { describe, expect, it } from 'vitest';
import type { ApiResponse } from '../../api/request.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { alreadyExists, conflict, invalid, notFound, required, StatusError } from '../../apimachinery/status.ts';
import { readManifests } from '../../scenario/manifests.ts';
import type { ApiCall } from '../../worker/protocol.ts';
import { applyManifests, faultsOfStatus, fieldOfWarning, undoRun } from './apply-run.ts';
import type { Send } from './apply-run.ts';

/** A store that knows just enough of the API: get, create, patch by replacing data, update, delete. */
function fakeCluster(hooks: { before?(call: ApiCall): void } = {}) {
  const objects = new Map<string, KubernetesObject>();
  const calls: string[] = [];
  let revision = 100;
  const keyOf = (call: ApiCall, name = call.name) => `${call.resource}/${call.namespace ?? ''}/${name ?? ''}`;
  const store = (key: string, object: object): KubernetesObject => {
    const stored = object as KubernetesObject;
    const next = { ...stored, metadata: { ...stored.metadata, resourceVersion: String(++revision) } };
    objects.set(key, next);
    return next;
  };
  const perform = (call: ApiCall): ApiResponse => {
    calls.push(
      `${call.verb} ${keyOf(call, call.name ?? (call.body as KubernetesObject | undefined)?.metadata.name)}${call.options?.dryRun ? ' dry' : ''}`,
    );
    hooks.before?.(call);
    const live = objects.get(keyOf(call));
    if (call.verb === 'create') {
      const body = call.body as KubernetesObject;
      if (objects.has(keyOf(call, body.metadata.name))) throw alreadyExists({ group: '', resource: call.resource }, body.metadata.name);
      if (call.options?.dryRun) return { code: 201, object: body, warnings: [] };
      return { code: 201, object: store(keyOf(call, body.metadata.name), body), warnings: ['a warning'] };
    }
    if (!live) throw notFound({ group: '', resource: call.resource }, call.name ?? '');
    if (call.verb === 'get') return { code: 200, object: live, warnings: [] };
    if (call.verb === 'delete') objects.delete(keyOf(call));
    if (call.verb === 'delete') return { code: 200, object: live, warnings: [] };
    const body =
      call.verb === 'patch'
        ? { ...live, data: { ...(live as unknown as { data: object }).data, ...(call.body as { data?: object }).data } }
        : (call.body as object);
    return { code: 200, object: call.options?.dryRun ? (body as KubernetesObject) : store(keyOf(call), body), warnings: [] };
  };
  const send: Send = (call) => {
    try {
      return Promise.resolve(perform(call));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  };
  return { send, objects, calls };
}

const map = (name: string, value: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {key: ${value}}\n`;
const manifests = (...texts: string[]) => readManifests(texts.join('---\n')).manifests;
const options = { namespace: 'default' };

describe('applyManifests', () => {
  it('creates, changes and leaves alone', async () => {
    const { send } = fakeCluster();
    const first = await applyManifests(send, manifests(map('a', 'x'), map('b', 'x')), options);
    expect(first.results.map(({ name, outcome, warnings }) => ({ name, outcome, warnings }))).toEqual([
      { name: 'configmap/a', outcome: 'created', warnings: ['a warning'] },
      { name: 'configmap/b', outcome: 'created', warnings: ['a warning'] },
    ]);
    expect(first.revision).toBe('102');
    const second = await applyManifests(send, manifests(map('a', 'x'), map('b', 'z')), options);
    expect(second.results.map(({ outcome }) => outcome)).toEqual(['unchanged', 'configured']);
    expect(second.results[1]?.before).toMatchObject({ data: { key: 'x' } });
  });

  it('goes on after a failure, as kubectl does', async () => {
    const fail = (call: ApiCall) => {
      if (call.verb === 'create' && (call.body as KubernetesObject).metadata.name === 'b')
        throw invalid('', 'ConfigMap', 'b', [required('data', 'why')]);
    };
    const { send, objects } = fakeCluster({ before: fail });
    const run = await applyManifests(send, manifests(map('a', 'x'), map('b', 'x'), map('c', 'x')), options);
    expect(run.results.map(({ outcome, source }) => [outcome, source.document])).toEqual([
      ['created', 0],
      ['failed', 1],
      ['created', 2],
    ]);
    expect(run.results[1]?.status?.message).toBe('ConfigMap "b" is invalid: data: Required value: why');
    expect([...objects.keys()]).toEqual(['configmaps/default/a', 'configmaps/default/c']);
  });

  it("refuses kinds that nobody serves, in kubectl's words", async () => {
    const run = await applyManifests(fakeCluster().send, manifests('apiVersion: a/v1\nkind: B\nmetadata: {name: c}\n'), options);
    expect(run.results[0]?.status?.message).toContain('no matches for kind "B" in version "a/v1"');
  });

  it('refuses unknown fields of creates and of changes', async () => {
    const { send } = fakeCluster();
    const pod = (more: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: b}]\n${more}`;
    const [created] = (await applyManifests(send, manifests(pod('  foo: 1\n')), options)).results;
    expect(created?.status?.message).toContain('unknown field "spec.foo"');
    await applyManifests(send, manifests(pod('')), options);
    const [changed] = (await applyManifests(send, manifests(pod('  foo: 1\n')), options)).results;
    expect(changed?.status?.message).toContain('unknown field "spec.foo"');
  });

  it('tries again after a conflict', async () => {
    let conflicts = 2;
    const cluster = fakeCluster({
      before: ({ verb }) => {
        if (verb === 'patch' && conflicts-- > 0) throw conflict({ group: '', resource: 'configmaps' }, 'a', 'changed');
      },
    });
    await applyManifests(cluster.send, manifests(map('a', 'x')), options);
    const run = await applyManifests(cluster.send, manifests(map('a', 'z')), options);
    expect(run.results[0]?.outcome).toBe('configured');
    expect(cluster.calls.filter((call) => call.startsWith('patch'))).toHaveLength(3);
  });

  it('changes nothing in a dry run', async () => {
    const { send, objects, calls } = fakeCluster();
    const run = await applyManifests(send, manifests(map('a', 'x')), { ...options, dryRun: true });
    expect([run.results[0]?.outcome, run.revision, objects.size]).toEqual(['created', undefined, 0]);
    expect(calls).toEqual(['get configmaps/default/a', 'create configmaps/default/a dry']);
  });

  it('passes on what is not an answer of the API', async () => {
    await expect(applyManifests(() => Promise.reject(new Error('bug')), manifests(map('a', 'x')), options)).rejects.toThrow('bug');
  });
});

describe('undoRun', () => {
  it('deletes what was created and restores what was changed, last first', async () => {
    const { send, objects, calls } = fakeCluster();
    await applyManifests(send, manifests(map('a', 'x')), options);
    const run = await applyManifests(send, manifests(map('a', 'z'), map('b', 'z')), options);
    calls.length = 0;
    const undone = await undoRun(send, run, 'default');
    expect(undone).toEqual([
      { name: 'configmap/b', outcome: 'deleted' },
      { name: 'configmap/a', outcome: 'restored' },
    ]);
    expect([...objects.values()]).toMatchObject([{ metadata: { name: 'a' }, data: { key: 'x' } }]);
    expect(calls).toEqual(['delete configmaps/default/b', 'update configmaps/default/a']);
  });

  it('does not mind what somebody deleted meanwhile, and reports what fails', async () => {
    const { send, objects } = fakeCluster();
    await applyManifests(send, manifests(map('a', 'x')), options);
    const run = await applyManifests(send, manifests(map('a', 'z'), map('b', 'z')), options);
    objects.clear();
    expect((await undoRun(send, run, 'default')).map(({ outcome }) => outcome)).toEqual(['deleted', 'failed']);
  });
});

describe('faultsOfStatus', () => {
  it.each<[string, StatusError, string[]]>([
    [
      'the causes of an Invalid',
      invalid('', 'Pod', 'a', [required('spec.containers[0].image'), required('spec.x')]),
      ['spec.containers[0].image', 'spec.x'],
    ],
    [
      'strict decoding',
      new StatusError(400, 'BadRequest', 'strict decoding error: unknown field "spec.foo", duplicate field "spec.a.b"'),
      ['spec.foo', 'spec.a.b'],
    ],
    [
      'a wrong type',
      new StatusError(400, 'BadRequest', 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'),
      ['spec.replicas'],
    ],
    ['no field', new StatusError(403, 'Forbidden', 'no'), ['']],
  ])('reads %s', (_, { status }, fields) => {
    expect(faultsOfStatus(status).map(({ field }) => field)).toEqual(fields);
  });
});

describe('fieldOfWarning', () => {
  it.each([
    ['spec.containers[0].tty is stored but not simulated', 'spec.containers[0].tty'],
    ['unknown field "spec.foo"', 'spec.foo'],
    ['spec.template.metadata.annotations[a.b/c]: deprecated since v1.27', 'spec.template.metadata.annotations[a.b/c]'],
    ['autoscaling/v2beta2 is deprecated', ''],
  ])('%s', (warning, field) => {
    expect(fieldOfWarning(warning)).toBe(field);
  });
});
