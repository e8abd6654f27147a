/** What a pod asks of the scheduler: affinity, tolerations, spreading (`validateAffinity`, `ValidateTolerations`, `validateTopologySpreadConstraints`). */
import { broken, oneOf, TAINT_EFFECTS, validateLabelSelector } from './common.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { isDNS1123Label, isLabelValue, isQualifiedName } from '../../apimachinery/names.ts';
import type {
  Affinity,
  NodeAffinity,
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Toleration,
  TopologySpreadConstraint,
} from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateExpression({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      errors.push(forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === 'Gt' || operator === 'Lt') {
    if (values.length !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalidValue(`${path}.operator`, operator, 'not a valid selector operator'));
  return [...errors, ...broken(`${path}.key`, key, isQualifiedName(key))];
}

function validateFieldExpression({ key, operator, values = [] }: NodeSelectorRequirement, path: string): FieldError[] {
  if (operator !== 'In' && operator !== 'NotIn') return [invalidValue(`${path}.operator`, operator, 'not a valid selector operator')];
  const errors =
    values.length === 1
      ? []
      : [required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector")];
  return key === 'metadata.name' ? errors : [...errors, invalidValue(`${path}.key`, key, 'not a valid field selector key')];
}

function validateTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, path: string): FieldError[] {
  return [
    ...matchExpressions.flatMap((expression, index) => validateExpression(expression, `${path}.matchExpressions[${index}]`)),
    ...matchFields.flatMap((expression, index) => validateFieldExpression(expression, `${path}.matchFields[${index}]`)),
  ];
}

/** `ValidateNodeSelector`; also the node affinity of volumes. */
export function validateNodeSelector({ nodeSelectorTerms = [] }: Partial<NodeSelector>, path: string): FieldError[] {
  if (nodeSelectorTerms.length === 0) return [required(`${path}.nodeSelectorTerms`, 'must have at least one node selector term')];
  return nodeSelectorTerms.flatMap((term, index) => validateTerm(term, `${path}.nodeSelectorTerms[${index}]`));
}

function validateWeight(weight: number, path: string): FieldError[] {
  return weight <= 0 || weight > 100 ? [invalidValue(`${path}.weight`, weight, 'must be in the range 1-100')] : [];
}

function validateNodeAffinity(affinity: NodeAffinity, path: string): FieldError[] {
  const must = affinity[REQUIRED];
  return [
    ...(must ? validateNodeSelector(must, `${path}.${REQUIRED}`) : []),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, preference }, index) => [
      ...validateWeight(weight, `${path}.${PREFERRED}[${index}]`),
      ...validateTerm(preference ?? {}, `${path}.${PREFERRED}[${index}].preference`),
    ]),
  ];
}

/** `validateLabelKeys`, `validateMatchLabelKeysAndMismatchLabelKeys`. */
function validateLabelKeys({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm, path: string): FieldError[] {
  const check = (keys: readonly string[], at: string): FieldError[] => {
    if (keys.length > 0 && labelSelector == null) return [forbiddenField(at, 'must not be specified when labelSelector is not set')];
    return keys.flatMap((key, index) => broken(`${at}[${index}]`, key, isQualifiedName(key)));
  };
  const both = matchLabelKeys.flatMap((key, index) =>
    mismatchLabelKeys.includes(key)
      ? [invalidValue(`${path}.matchLabelKeys[${index}]`, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
      : [],
  );
  return [...check(matchLabelKeys, `${path}.matchLabelKeys`), ...check(mismatchLabelKeys, `${path}.mismatchLabelKeys`), ...both];
}

function validateAffinityTerm(term: PodAffinityTerm, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term;
  return [
    ...validateLabelSelector(labelSelector, `${path}.labelSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...namespaces.flatMap((name) => broken(`${path}.namespace`, name, isDNS1123Label(name))),
    ...validateLabelKeys(term, path),
    ...(topologyKey ? [] : [required(`${path}.topologyKey`, 'can not be empty')]),
    ...broken(`${path}.topologyKey`, topologyKey ?? '', isQualifiedName(topologyKey ?? '')),
  ];
}

function validatePodAffinity(affinity: PodAffinity, path: string): FieldError[] {
  return [
    ...(affinity[REQUIRED] ?? []).flatMap((term, index) => validateAffinityTerm(term, `${path}.${REQUIRED}[${index}]`)),
    ...(affinity[PREFERRED] ?? []).flatMap(({ weight, podAffinityTerm }, index) => [
      ...validateWeight(weight, `${path}.${PREFERRED}[${index}]`),
      ...validateAffinityTerm(podAffinityTerm, `${path}.${PREFERRED}[${index}].podAffinityTerm`),
    ]),
  ];
}

/** `validateAffinity`. */
export function validateAffinity(affinity: Affinity | undefined, path: string): FieldError[] {
  if (!affinity) return [];
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity;
  return [
    ...(nodeAffinity ? validateNodeAffinity(nodeAffinity, `${path}.nodeAffinity`) : []),
    ...(podAffinity ? validatePodAffinity(podAffinity, `${path}.podAffinity`) : []),
    ...(podAntiAffinity ? validatePodAffinity(podAntiAffinity, `${path}.podAntiAffinity`) : []),
  ];
}

function validateToleration({ key, operator, value, effect, tolerationSeconds }: Toleration, path: string): FieldError[] {
  const errors = key ? broken(`${path}.key`, key, isQualifiedName(key)) : [];
  if (!key && operator !== 'Exists') {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidValue(`${path}.operator`, operator ?? '', why));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalidValue(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (!operator || operator === 'Equal') {
    const messages = isLabelValue(value ?? '');
    if (messages.length > 0) errors.push(invalidValue(`${path}.operator`, value, messages.join(';')));
  } else if (operator === 'Exists') {
    if (value)
      errors.push(invalidValue(`${path}.operator`, { key, operator, value, effect }, "value must be empty when `operator` is 'Exists'"));
  } else errors.push(notSupported(`${path}.operator`, operator, ['Equal', 'Exists']));
  return [...errors, ...oneOf(`${path}.effect`, effect, TAINT_EFFECTS)];
}

/** `ValidateTolerations`. */
export function validateTolerations(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  return (tolerations ?? []).flatMap((toleration, index) => validateToleration(toleration, `${path}[${index}]`));
}

function validateSpread(constraint: TopologySpreadConstraint, path: string): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, nodeAffinityPolicy, nodeTaintsPolicy, labelSelector } = constraint;
  const errors = maxSkew > 0 ? [] : [invalidValue(`${path}.maxSkew`, maxSkew ?? 0, 'must be greater than zero')];
  if (!topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  else errors.push(...broken(`${path}.topologyKey`, topologyKey, isQualifiedName(topologyKey)));
  if (whenUnsatisfiable !== 'DoNotSchedule' && whenUnsatisfiable !== 'ScheduleAnyway') {
    errors.push(notSupported(`${path}.whenUnsatisfiable`, whenUnsatisfiable ?? '', ['DoNotSchedule', 'ScheduleAnyway']));
  }
  if (minDomains !== undefined) {
    if (minDomains <= 0) errors.push(invalidValue(`${path}.minDomains`, minDomains, 'must be greater than zero'));
    if (whenUnsatisfiable !== 'DoNotSchedule') {
      const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`;
      errors.push(invalidValue(`${path}.minDomains`, minDomains, why));
    }
  }
  errors.push(...oneOf(`${path}.nodeAffinityPolicy`, nodeAffinityPolicy, ['Honor', 'Ignore']));
  errors.push(...oneOf(`${path}.nodeTaintsPolicy`, nodeTaintsPolicy, ['Honor', 'Ignore']));
  return [...errors, ...validateLabelSelector(labelSelector, `${path}.labelSelector`)];
}

/** `validateTopologySpreadConstraints`. */
export function validateSpreadConstraints(constraints: readonly TopologySpreadConstraint[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return (constraints ?? []).flatMap((constraint, index) => {
    const at = `${path}[${index}]`;
    const errors = validateSpread(constraint, at);
    const key = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`;
    if (seen.has(key)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, key));
    seen.add(key);
    return errors;
  });
}
