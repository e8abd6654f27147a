/**
 * What one rule of a role allows, and whether a set of rules holds everything that another one gives
 * (`k8s.io/component-helpers/auth/rbac/validation/policy_comparator.go`, `pkg/apis/rbac/v1/evaluation_helpers.go`).
 */
import type { PolicyRule } from '../../api/generated/types.ts';

/** The part of a request that rules look at. */
export interface RuleAttributes {
  verb: string;
  group: string;
  /** Plural, with "/status" behind for subresources. */
  resource: string;
  /** "" for collections. */
  name: string;
  /** Set for paths such as "/healthz", instead of group and resource. */
  path?: string;
}

/** `RuleAllows`: whether the rule allows the request. */
export function ruleAllows(rule: PolicyRule, { verb, group, resource, name, path }: RuleAttributes): boolean {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if (!includes(verbs, verb)) return false;
  if (path !== undefined) return nonResourceURLs.some((url) => coversPath(url, path));
  if (!includes(apiGroups, group)) return false;
  return coversResource(resources, resource) && (resourceNames.length === 0 || resourceNames.includes(name));
}

/**
 * The single rights of `wanted` (one verb on one resource, name or path each) that none of the `held` rules gives
 * (`Covers`). Empty when all are held.
 */
export function uncoveredRights(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(singleRights).filter((right) => !held.some((rule) => holds(rule, right)));
}

/** `BreakdownRule`. */
function singleRights({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): PolicyRule[] {
  const rights: PolicyRule[] = [];
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of verbs) {
        const right: PolicyRule = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (resourceNames.length === 0) rights.push(right);
        else for (const name of resourceNames) rights.push({ ...right, resourceNames: [name] });
      }
    }
  }
  for (const url of nonResourceURLs) for (const verb of verbs) rights.push({ nonResourceURLs: [url], verbs: [verb] });
  return rights;
}

/** Whether a rule gives a single right. */
function holds(
  { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule,
  right: PolicyRule,
): boolean {
  const [verb = ''] = right.verbs;
  if (!includes(verbs, verb)) return false;
  const url = right.nonResourceURLs?.[0];
  if (url !== undefined) return nonResourceURLs.some((own) => coversPath(own, url));
  const [group = ''] = right.apiGroups ?? [];
  const [resource = ''] = right.resources ?? [];
  const name = right.resourceNames?.[0];
  if (!includes(apiGroups, group) || !coversResource(resources, resource)) return false;
  return resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name));
}

/** Rights on one whole resource are put together, verb by verb (`CompactRules`). */
export function compactRights(rights: readonly PolicyRule[]): PolicyRule[] {
  const others: PolicyRule[] = [];
  const byResource = new Map<string, PolicyRule>();
  for (const right of rights) {
    if (right.resourceNames !== undefined || right.nonResourceURLs !== undefined) {
      others.push(right);
      continue;
    }
    const key = `${right.apiGroups?.[0] ?? ''}/${right.resources?.[0] ?? ''}`;
    const known = byResource.get(key);
    byResource.set(key, known === undefined ? right : { ...known, verbs: [...known.verbs, ...right.verbs] });
  }
  return [...others, ...byResource.values()];
}

/** A rule as upstream prints it: {APIGroups:[""], Resources:["pods"], Verbs:["get"]} (`CompactString`). */
export function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const part = (name: string, list: readonly string[] | undefined) =>
    list?.length ? [`${name}:[${list.map((item) => JSON.stringify(item)).join(' ')}]`] : [];
  const parts = [
    ...part('APIGroups', apiGroups),
    ...part('Resources', resources),
    ...part('NonResourceURLs', nonResourceURLs),
    ...part('ResourceNames', resourceNames),
    ...part('Verbs', verbs),
  ];
  return `{${parts.join(', ')}}`;
}

/** "pods/log" is in ["*"], ["pods/log"] and in one that holds "*" + "/log"; a "*" alone means all subresources too. */
function coversResource(resources: readonly string[], resource: string): boolean {
  if (includes(resources, resource)) return true;
  const slash = resource.indexOf('/');
  return slash > 0 && resources.includes(`*${resource.slice(slash)}`);
}

/** A path, "*" for all, or a prefix that ends with "*". */
const coversPath = (own: string, path: string): boolean =>
  own === '*' || own === path || (own.endsWith('*') && path.startsWith(own.slice(0, -1)));

const includes = (list: readonly string[], wanted: string): boolean => list.includes('*') || list.includes(wanted);
