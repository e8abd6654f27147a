/** What an authorizer decides about (`k8s.io/apiserver/pkg/authorization/authorizer`), and how a refusal reads. */
import { forbidden, StatusError } from '../../apimachinery/status.ts';
import type { PolicyRule } from '../../api/generated/types.ts';
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
  /** Of list, watch and deletecollection: how the request narrows itself down. */
  fieldSelector?: string;
  /** Set for paths such as "/healthz", instead of group and resource. */
  path?: string;
}

/** The answer. */
export interface Decision {
  allowed: boolean;
  /** Refused for good: no further authorizer of a chain is asked. */
  denied?: boolean;
  /** Which binding allowed it, or why it is refused; may be "". Goes into the audit record and, when refused, into the message. */
  reason: string;
  /** The rule that allowed it, where there is one. */
  rule?: PolicyRule;
  /** The mode that decided: "RBAC", "Node"; absent where nobody has to be asked. */
  authorizer?: string;
}

/** One of the ways to decide: RBAC, Node, ABAC, Webhook, AlwaysAllow. Must not throw. */
export interface Authorizer {
  authorize(attributes: Attributes): Decision;
}

/** Asks one after the other until one allows or denies (`authorization/union`). */
export function unionAuthorizer(authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(attributes);
        if (decision.allowed || decision.denied) return decision;
        if (decision.reason !== '') reasons.push(decision.reason);
      }
      return { allowed: false, reason: reasons.join('\n') };
    },
  };
}

const COLLECTION_VERBS = new Set(['list', 'watch', 'deletecollection']);

/** "pods/status" by its parts, made once: the same text again and again is found faster than an equal one. */
const withSubresource = new Map<string, Map<string, string>>();
const MAX_RESOURCES = 4096;

function resourceText(resource: string, subresource: string): string {
  let bySubresource = withSubresource.get(resource);
  if (bySubresource === undefined) {
    if (withSubresource.size >= MAX_RESOURCES) withSubresource.clear();
    withSubresource.set(resource, (bySubresource = new Map<string, string>()));
  }
  let text = bySubresource.get(subresource);
  if (text === undefined) {
    text = `${resource}/${subresource}`;
    if (bySubresource.size < MAX_RESOURCES) bySubresource.set(subresource, text);
  }
  return text;
}

/** What a request asks for. */
export function attributesOf(
  { user, group, resource, subresource, namespace = '', name = '', options }: WatchRequest & { subresource?: string },
  verb: string,
): Attributes {
  if (options?.fieldSelector && COLLECTION_VERBS.has(verb)) {
    // A request for one object by its name counts as one for that object (`RequestInfoFactory.NewRequestInfo`).
    const { fieldSelector } = options;
    const one = name || (/^metadata\.name==?([^,]+)$/.exec(fieldSelector)?.[1] ?? '');
    return {
      user,
      verb,
      group,
      resource: subresource ? resourceText(resource, subresource) : resource,
      namespace,
      name: one,
      fieldSelector,
    };
  }
  return { user, verb, group, resource: subresource ? resourceText(resource, subresource) : resource, namespace, name };
}

/** The refusal of a request, as upstream words it (`responsewriters/errors.go`: forbiddenMessage). `reason` is the authorizers'. */
export function refusal({ user, verb, group, resource, namespace, name, path }: Attributes, reason = ''): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  const why = reason && `: ${reason}`;
  if (path !== undefined)
    return new StatusError(403, 'Forbidden', `forbidden: ${who} cannot ${verb} path ${JSON.stringify(path)}${why}`, {});
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const what = `${who} cannot ${verb} resource ${JSON.stringify(resource)} in API group ${JSON.stringify(group)} ${where}${why}`;
  return forbidden({ group, resource: resource.split('/', 1)[0] ?? '' }, name, what);
}
