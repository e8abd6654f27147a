/**
 * Who sends a request (`k8s.io/apiserver/pkg/authentication`, `…/endpoints/filters/impersonation.go`): the owner of a client certificate, the
 * bearer of a token, else nobody known; over plain HTTP, which no apiserver has, the cluster's administrator, as behind `kubectl proxy`.
 * And whom they ask to be taken for.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '../apimachinery/status.ts';
import type { UserInfo } from '../api/request.ts';
import { CLUSTER_ADMIN } from '../cluster/admin.ts';
import type { ConnectionIdentity } from './tls.ts';

const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** A request's user before and after impersonation. */
export interface Identity {
  user: UserInfo;
  /** Set when somebody impersonates: who really asks. */
  impersonator?: UserInfo;
}

/** What knows users; both answer undefined for what is not valid. */
export interface Credentials {
  userOfToken(token: string): UserInfo | undefined;
  userOfPassword?(name: string, password: string): UserInfo | undefined;
}

/** Reads the headers. `connection` is undefined over plain HTTP. Throws 401. */
export function identityOf(
  { headers, rawHeaders }: { headers: IncomingHttpHeaders; rawHeaders: readonly string[] },
  credentials: Credentials,
  connection?: ConnectionIdentity,
): Identity {
  const user = connection?.certified ?? userByHeaders(headers, credentials, connection);
  const name = headers['impersonate-user'];
  const groups = valuesOf(rawHeaders, 'impersonate-group');
  if (typeof name !== 'string') {
    if (groups.length > 0) throw new StatusError(400, 'BadRequest', 'requested [{Group  %!s(MISSING)}] without impersonating a user');
    return { user };
  }
  return { user: impersonated(name, groups, headers, rawHeaders), impersonator: user };
}

function userByHeaders(
  headers: IncomingHttpHeaders,
  { userOfToken, userOfPassword }: Credentials,
  connection: ConnectionIdentity | undefined,
): UserInfo {
  const [scheme = '', token = ''] = (headers.authorization ?? '').split(' ');
  let user: UserInfo | undefined;
  if (scheme.toLowerCase() === 'bearer') user = userOfToken(token);
  else if (scheme.toLowerCase() === 'basic') {
    const [, own = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(token, 'base64').toString('utf8')) ?? [];
    user = userOfPassword?.(own, password);
  } else user = connection === undefined ? CLUSTER_ADMIN : connection.otherwise();
  if (user === undefined) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
  return user;
}

function impersonated(name: string, groups: readonly string[], headers: IncomingHttpHeaders, rawHeaders: readonly string[]): UserInfo {
  const account = SERVICE_ACCOUNT.exec(name);
  const own = groups.length === 0 && account !== null ? ['system:serviceaccounts', `system:serviceaccounts:${account[1] ?? ''}`] : groups;
  const standing = name === 'system:anonymous' ? UNAUTHENTICATED : AUTHENTICATED;
  const uid = headers['impersonate-uid'];
  const extra: Record<string, string[]> = {};
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const key = /^impersonate-extra-(.+)$/i.exec(rawHeaders[index] ?? '')?.[1]?.toLowerCase();
    if (key !== undefined) (extra[decodeURIComponent(key)] ??= []).push(rawHeaders[index + 1] ?? '');
  }
  return {
    name,
    groups: own.includes(standing) ? own : [...own, standing],
    ...(typeof uid === 'string' && { uid }),
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}

/** A header that may come more than once: Node would join its values. */
function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  return values;
}
