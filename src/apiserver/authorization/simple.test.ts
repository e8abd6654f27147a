import { describe, expect, it } from 'vitest';
import { staticUsers } from '../authentication/static-users.ts';
import { unionAuthorizer } from './attributes.ts';
import type { Attributes } from './attributes.ts';
import { abacAuthorizer } from './abac.ts';
import { alwaysAllow, alwaysDeny, privilegedGroup } from './simple.ts';
import { webhookAuthorizer } from './webhook.ts';

const ask = (user: string, verb: string, resource: string, namespace = '', more: Partial<Attributes> = {}): Attributes => ({
  user: { name: user, groups: ['system:authenticated'] },
  verb,
  group: '',
  resource,
  namespace,
  name: '',
  ...more,
});

describe('ABAC', () => {
  const spec = (own: object) => JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec: own });
  const abac = abacAuthorizer([
    '# comment',
    spec({ user: 'alice', namespace: '*', resource: '*', apiGroup: '*' }),
    spec({ user: 'bob', namespace: 'projectCaribou', resource: 'pods', readonly: true }),
    spec({ group: 'system:authenticated', nonResourcePath: '/api*', readonly: true }),
    '{"user":"old","resource":"pods"}',
  ]);
  it.each<[Attributes, boolean]>([
    [ask('alice', 'delete', 'nodes'), true],
    [ask('bob', 'list', 'pods', 'projectCaribou'), true],
    [ask('bob', 'create', 'pods', 'projectCaribou'), false],
    [ask('bob', 'list', 'pods', 'other'), false],
    [ask('carol', 'get', '', '', { path: '/apis' }), true],
    [ask('carol', 'get', '', '', { path: '/metrics' }), false],
    [ask('old', 'delete', 'pods/log', 'x', { group: 'any' }), true],
  ])('%o', (attributes, allowed) => {
    expect(abac.authorize(attributes)).toMatchObject({ allowed, authorizer: 'ABAC', reason: allowed ? '' : 'No policy matched.' });
  });
});

describe('a chain of modes', () => {
  const asked = (...modes: Parameters<typeof unionAuthorizer>[0]) =>
    unionAuthorizer([privilegedGroup, ...modes]).authorize(ask('x', 'get', 'pods'));
  it('ends with the first that allows', () => {
    expect(asked(alwaysDeny, alwaysAllow)).toMatchObject({ allowed: true, authorizer: 'AlwaysAllow' });
    expect(asked(alwaysDeny)).toEqual({ allowed: false, reason: 'Everything is forbidden.' });
  });

  it('asks a server and remembers what it said', () => {
    let now = 0;
    let calls = 0;
    const post = () => {
      calls++;
      return { body: { status: { allowed: false, denied: true, reason: 'not today' } } };
    };
    const authorizer = webhookAuthorizer({ post }, { url: 'https://1.2.3.4/' }, () => now);
    expect(authorizer.authorize(ask('x', 'get', 'pods'))).toMatchObject({ denied: true, reason: 'not today' });
    authorizer.authorize(ask('x', 'get', 'pods'));
    expect(calls).toBe(1);
    now = 31_000;
    authorizer.authorize(ask('x', 'get', 'pods'));
    expect(calls).toBe(2);
  });
});

describe('users from files', () => {
  const users = staticUsers(['t0ken,alice,7,"devs,ops"'], ['secret,bob,8']);
  it('have tokens and passwords', () => {
    expect(users.byToken('t0ken')).toEqual({ name: 'alice', uid: '7', groups: ['devs', 'ops', 'system:authenticated'] });
    expect(users.byToken('other')).toBeUndefined();
    expect(users.byPassword('bob', 'secret')).toMatchObject({ name: 'bob' });
    expect(users.byPassword('bob', 'wrong')).toBeUndefined();
    expect(() => staticUsers(['a,b'])).toThrow('at least 3 columns');
  });
});
