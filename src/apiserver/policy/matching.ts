/** Whether a policy or webhook is about a request (`k8s.io/apiserver/pkg/admission/plugin/webhook/predicates`, `plugin/policy/matching`). */
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import type { LabelSelector, ObjectMeta } from '../../apimachinery/meta.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import type { MatchResources, NamedRuleWithOperations } from '../../api/generated/types.ts';
import type { AdmissionRequest } from '../admission/admission.ts';

const ADMISSION_GROUP = 'admissionregistration.k8s.io';

/** Nothing decides about what decides: upstream leaves these kinds out. */
export function isExempt({ resource: { group } }: AdmissionRequest): boolean {
  return group === ADMISSION_GROUP;
}

/** One rule. Differs: any version of the resource matches, as with matchPolicy Equivalent; the object is the stored version's. */
export function ruleMatches(
  rule: NamedRuleWithOperations,
  { operation, resource, subresource, namespace, name }: AdmissionRequest,
  exact = false,
): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope = '*', resourceNames = [] } = rule;
  const has = (list: readonly string[], wanted: string) => list.includes('*') || list.includes(wanted);
  if (!has(operations, operation) || !has(apiGroups, resource.group)) return false;
  if (exact && !has(apiVersions, resource.version)) return false;
  if (scope !== '*' && (scope === 'Namespaced') !== (resource.namespaced && namespace !== undefined)) return false;
  if (resourceNames.length > 0 && !resourceNames.includes(name)) return false;
  return resources.some((wanted) => {
    const [plural = '', sub = ''] = wanted.split('/', 2);
    if (plural !== '*' && plural !== resource.plural) return false;
    return wanted.includes('/') ? sub === '*' || sub === subresource : subresource === '';
  });
}

/** Whether the labels of the request's namespace fit; cluster-scoped objects always do, a Namespace has its own labels. */
export function namespaceMatches(selector: LabelSelector | undefined, request: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true;
  const { resource, namespace, object, old, reader } = request;
  const isNamespace = resource.kind === 'Namespace' && resource.group === '';
  if (!isNamespace && (!resource.namespaced || namespace === undefined)) return true;
  const labels = isNamespace
    ? (object ?? old)?.metadata.labels
    : reader.get(NamespaceResource, undefined, namespace ?? '')?.metadata.labels;
  return labelSelectorAsSelector(selector).matches(labels);
}

/** Whether the labels of the new or the old object fit; what has no metadata (the options of exec) fits nothing. */
export function objectMatches(selector: LabelSelector | undefined, { object, old }: AdmissionRequest): boolean {
  if (isEmpty(selector)) return true;
  const wanted = labelSelectorAsSelector(selector);
  return [object, old].some(
    (candidate) => (candidate as { metadata?: ObjectMeta } | undefined)?.metadata && wanted.matches(candidate?.metadata.labels),
  );
}

function isEmpty(selector: LabelSelector | undefined): selector is undefined {
  return selector === undefined || (!selector.matchExpressions?.length && Object.keys(selector.matchLabels ?? {}).length === 0);
}

/** `Matcher.Matches` for policies; without resource rules, every resource. */
export function resourcesMatch(match: MatchResources, request: AdmissionRequest): boolean {
  const { namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [], matchPolicy } = match;
  const exact = matchPolicy === 'Exact';
  if (!namespaceMatches(namespaceSelector, request) || !objectMatches(objectSelector, request)) return false;
  if (excludeResourceRules.some((rule) => ruleMatches(rule, request, exact))) return false;
  return resourceRules.length === 0 || resourceRules.some((rule) => ruleMatches(rule, request, exact));
}
