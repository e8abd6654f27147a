/** What an authorizer decides about (`k8s.io/apiserver/pkg/authorization/authorizer`), and how a refusal reads. */
import { forbidden, StatusError } from '../../apimachinery/status.ts';
import type { UserInfo, WatchRequest } from '../../api/request.ts';

/** One question: may this user do that? */
export interface Attributes {
  user: UserInfo;
  verb: string;
  group: string;
  /** Plural, with "/status" behind for subresources. */
  resource: string;
  /** "" for cluster-scoped resources and for all namespaces at once. */
  namespace: string;
  /** "" for collections. */
  name: string;
  /** Set for paths such as "/healthz", instead of group and resource. */
  path?: string;
}

/** The answer. */
export interface Decision {
  allowed: boolean;
  /** Which binding allowed it; "" otherwise. */
  reason: string;
}

/** What a request asks for. */
export function attributesOf(
  { user, group, resource, subresource, namespace = '', name = '' }: WatchRequest & { subresource?: string },
  verb: string,
): Attributes {
  return { user, verb, group, resource: subresource ? `${resource}/${subresource}` : resource, namespace, name };
}

/** The refusal of a request, as upstream words it (`responsewriters/errors.go`: forbiddenMessage). */
export function refusal({ user, verb, group, resource, namespace, name, path }: Attributes): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  if (path !== undefined) return new StatusError(403, 'Forbidden', `forbidden: ${who} cannot ${verb} path ${JSON.stringify(path)}`, {});
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const what = `${who} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}`;
  return forbidden({ group, resource: resource.split('/', 1)[0] ?? '' }, name, what);
}
