/**
 * The resources that answer questions about rights and identity, and store nothing
 * (`k8s.io/kubernetes/pkg/registry/{authorization,authentication}`).
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { badRequest, forbidden, invalid, invalidValue } from '../../apimachinery/status.ts';
import type { PolicyRule } from '../../api/generated/types.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../../api/request.ts';
import { defineResource } from '../../api/resource.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { VirtualResource } from '../server.ts';
import type { Attributes, Authorizer } from './attributes.ts';
import type { RbacAuthorizer } from './rbac.ts';

type Review = KubernetesObject & { spec?: ReviewSpec };

interface ReviewSpec {
  user?: string;
  groups?: string[];
  uid?: string;
  namespace?: string;
  token?: string;
  resourceAttributes?: { namespace?: string; verb?: string; group?: string; resource?: string; subresource?: string; name?: string };
  nonResourceAttributes?: { path?: string; verb?: string };
}

const reviewKind = (group: string, kind: string, plural: string, namespaced = false): ResourceDefinition =>
  defineResource<KubernetesObject>({
    group,
    version: 'v1',
    kind,
    plural,
    namespaced,
    schema: `${group.split('.', 1)[0] ?? ''}.v1.${kind}`,
    verbs: ['create'],
    columns: [],
  });

const AUTHORIZATION = 'authorization.k8s.io';
const AUTHENTICATION = 'authentication.k8s.io';

/** All reviews. `rules` lists what RBAC gives to a user; `userOfToken` answers who bears a token. */
export function reviewResources(
  authorizer: () => Authorizer,
  rules: () => RbacAuthorizer,
  userOfToken: (token: string) => UserInfo | undefined,
): VirtualResource[] {
  const answering = (definition: ResourceDefinition, status: (spec: ReviewSpec, request: ApiRequest) => object): VirtualResource => ({
    definition,
    handle: (request) => answer(request, status),
  });
  return [
    answering(reviewKind(AUTHORIZATION, 'SelfSubjectAccessReview', 'selfsubjectaccessreviews'), (spec, { user }) =>
      access(authorizer(), spec, user),
    ),
    answering(reviewKind(AUTHORIZATION, 'SubjectAccessReview', 'subjectaccessreviews'), (spec) =>
      access(authorizer(), spec, subjectOf(spec)),
    ),
    answering(reviewKind(AUTHORIZATION, 'LocalSubjectAccessReview', 'localsubjectaccessreviews', true), (spec, { namespace }) => {
      if (spec.resourceAttributes?.namespace !== namespace)
        throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace ?? ''}`);
      return access(authorizer(), spec, subjectOf(spec));
    }),
    answering(reviewKind(AUTHORIZATION, 'SelfSubjectRulesReview', 'selfsubjectrulesreviews'), ({ namespace = '' }, { user }) => {
      if (namespace === '') throw badRequest('no namespace on request');
      return rulesStatus(rules().rulesFor(user, namespace));
    }),
    answering(reviewKind(AUTHENTICATION, 'SelfSubjectReview', 'selfsubjectreviews'), (_spec, { user }) => ({ userInfo: userInfo(user) })),
    answering(reviewKind(AUTHENTICATION, 'TokenReview', 'tokenreviews'), ({ token = '' }) => {
      if (token === '') throw badRequest('token is required for TokenReview in authentication');
      const user = userOfToken(token);
      return user === undefined ? { user: {}, error: 'invalid bearer token' } : { authenticated: true, user: userInfo(user) };
    }),
  ];
}

function answer(request: ApiRequest, status: (spec: ReviewSpec, request: ApiRequest) => object): ApiResponse {
  const review = request.body as Review;
  const object = { ...review, metadata: { ...review.metadata, creationTimestamp: null }, status: status(review.spec ?? {}, request) };
  return { code: 201, object: object as unknown as KubernetesObject, warnings: [] };
}

function userInfo({ name, groups, uid, extra }: UserInfo): object {
  return { username: name, groups, ...(uid && { uid }), ...(extra && { extra }) };
}

function subjectOf({ user = '', groups = [], uid }: ReviewSpec): UserInfo {
  if (user === '' && groups.length === 0)
    throw invalid(AUTHORIZATION, 'SubjectAccessReview', '', [
      invalidValue('spec.user', user, 'at least one of user or group must be specified'),
    ]);
  return { name: user, groups, uid };
}

function access(authorizer: Authorizer, { resourceAttributes: resource, nonResourceAttributes: path }: ReviewSpec, user: UserInfo): object {
  if ((resource === undefined) === (path === undefined)) {
    const detail =
      resource === undefined
        ? 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
        : 'cannot be specified in combination with resourceAttributes';
    throw invalid(AUTHORIZATION, 'SubjectAccessReview', '', [
      invalidValue(resource === undefined ? 'spec.resourceAttributes' : 'spec.nonResourceAttributes', null, detail),
    ]);
  }
  const attributes: Attributes = {
    user,
    verb: resource?.verb ?? path?.verb ?? '',
    group: resource?.group ?? '',
    resource: resource?.subresource ? `${resource.resource ?? ''}/${resource.subresource}` : (resource?.resource ?? ''),
    namespace: resource?.namespace ?? '',
    name: resource?.name ?? '',
    ...(path && { path: path.path ?? '' }),
  };
  const { allowed, denied, reason } = authorizer.authorize(attributes);
  return { allowed, ...(denied && { denied }), ...(reason && { reason }) };
}

function rulesStatus(rules: readonly PolicyRule[]): object {
  const resourceRules = rules.filter(({ nonResourceURLs }) => !nonResourceURLs?.length).map(({ nonResourceURLs: _urls, ...rule }) => rule);
  const nonResourceRules = rules.flatMap(({ nonResourceURLs, verbs }) => (nonResourceURLs?.length ? [{ nonResourceURLs, verbs }] : []));
  return { resourceRules, nonResourceRules, incomplete: false };
}

/** Refuses `caller` acting as `user` unless a rule lets them impersonate each part of the identity (`filters/impersonation.go`). */
export function checkImpersonation(authorizer: Authorizer, caller: UserInfo, user: UserInfo): void {
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user.name);
  const parts: [resource: string, name: string, namespace: string][] = [
    account === null ? ['users', user.name, ''] : ['serviceaccounts', account[2] ?? '', account[1] ?? ''],
    ...user.groups
      .filter((name) => name !== 'system:authenticated' && !(account && name.startsWith('system:serviceaccounts')))
      .map((name): [string, string, string] => ['groups', name, '']),
  ];
  for (const [resource, name, namespace] of parts) {
    if (authorizer.authorize({ user: caller, verb: 'impersonate', group: '', resource, namespace, name }).allowed) continue;
    const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
    throw forbidden(
      { group: '', resource },
      name,
      `User ${JSON.stringify(caller.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group "" ${where}`,
    );
  }
}
