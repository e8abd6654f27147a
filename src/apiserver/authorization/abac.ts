/** ABAC: the policy file of the years before RBAC (`k8s.io/kubernetes/pkg/auth/authorizer/abac`). */
import type { UserInfo } from '../../api/request.ts';
import type { Attributes, Authorizer } from './attributes.ts';

/** One line of a policy file (`abac.PolicySpec`). */
interface AbacPolicy {
  user?: string;
  group?: string;
  readonly?: boolean;
  apiGroup?: string;
  resource?: string;
  namespace?: string;
  nonResourcePath?: string;
}

const READ_VERBS = new Set(['get', 'list', 'watch']);

/** Reads the lines of a policy file: one JSON object each, `#` begins a comment. Throws an Error for a line that is none. */
export function abacAuthorizer(lines: readonly string[]): Authorizer {
  const policies = lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(policyOf);
  return {
    authorize(attributes) {
      const found = policies.some((policy) => matches(policy, attributes));
      return found
        ? { allowed: true, reason: '', authorizer: 'ABAC' }
        : { allowed: false, reason: 'No policy matched.', authorizer: 'ABAC' };
    },
  };
}

/** The form with a kind, or the older one without (`v0`), in which no group means everything. */
function policyOf(line: string): AbacPolicy {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new Error(`error reading policy file line: ${line}: invalid JSON`);
  }
  const { kind, spec, ...old } = parsed as { kind?: string; spec?: AbacPolicy } & AbacPolicy;
  if (kind === 'Policy') return spec ?? {};
  const { user, group, resource = '*', namespace = '*', readonly } = old;
  return {
    ...(user || group ? { user, group } : { user: '*' }),
    readonly,
    resource: resource || '*',
    namespace: namespace || '*',
    apiGroup: '*',
    nonResourcePath: '*',
  };
}

function matches(policy: AbacPolicy, attributes: Attributes): boolean {
  if (!subjectMatches(policy, attributes.user) || (policy.readonly && !READ_VERBS.has(attributes.verb))) return false;
  if (attributes.path !== undefined) return pathMatches(policy.nonResourcePath, attributes.path);
  const is = (wanted: string | undefined, value: string) => wanted === '*' || (wanted ?? '') === value;
  const [plural = ''] = attributes.resource.split('/', 1);
  return is(policy.namespace, attributes.namespace) && is(policy.resource, plural) && is(policy.apiGroup, attributes.group);
}

/** At least one of user and group is named, and each that is named fits. */
function subjectMatches({ user = '', group = '' }: AbacPolicy, { name, groups }: UserInfo): boolean {
  if (user === '' && group === '') return false;
  const fits = (wanted: string, own: (name: string) => boolean) => wanted === '' || wanted === '*' || own(wanted);
  return fits(user, (wanted) => wanted === name) && fits(group, (wanted) => groups.includes(wanted));
}

function pathMatches(wanted: string | undefined, path: string): boolean {
  if (wanted === '*') return true;
  return wanted !== undefined && (wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : wanted === path);
}
