/** ValidatingAdmissionPolicies at work (`k8s.io/apiserver/pkg/admission/plugin/policy/{generic,validating}`). */
import { RUNTIME_BUDGET } from '../../apimachinery/cel/environment.ts';
import { typeNameOf } from '../../apimachinery/cel/values.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { StatusError, forbidden } from '../../apimachinery/status.ts';
import { ValidatingAdmissionPolicyBindingResource } from '../../api/admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingAdmissionPolicyResource } from '../../api/admissionregistration/validating-admission-policy.ts';
import type { MatchCondition, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../api/generated/types.ts';
import { apiVersionOf } from '../../api/resource.ts';
import type { AdmissionNote, AdmissionRequest } from '../admission/admission.ts';
import { AdmissionVariables, evaluate } from './admission-expressions.ts';
import type { Budget } from './admission-expressions.ts';
import type { Compiled } from '../../apimachinery/cel/environment.ts';
import { compiledPolicy } from './compiled-policies.ts';
import type { PolicyDependencies } from './engine.ts';
import { isExempt, resourcesMatch } from './matching.ts';

const MAX_MESSAGE = 5 * 1024;
const MAX_ANNOTATION = 10 * 1024;
const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413, Invalid: 422 };

/** One failure of one validation. */
interface Failure {
  readonly message: string;
  readonly reason: string;
  readonly index: number;
}

/** A refusal in the making. */
interface Denial {
  readonly policy: string;
  readonly binding: string | undefined;
  readonly failure: Failure;
}

/** Runs all policies that are bound; throws the first refusal. Returns audit annotations, if there are any. */
export function validateByPolicies(request: AdmissionRequest, deps: PolicyDependencies): AdmissionNote | undefined {
  if (isExempt(request)) return undefined;
  const { reader } = request;
  const bindings = reader.list(ValidatingAdmissionPolicyBindingResource);
  if (bindings.length === 0) return undefined;
  const denials: Denial[] = [];
  const annotations: Record<string, string> = {};
  for (const policy of reader.list(ValidatingAdmissionPolicyResource)) {
    const own = bindings.filter(({ spec }) => spec?.policyName === policy.metadata.name);
    if (own.length === 0 || !resourcesMatch(policy.spec?.matchConstraints ?? {}, request)) continue;
    for (const binding of own) {
      if (binding.spec?.matchResources !== undefined && !resourcesMatch(binding.spec.matchResources, request)) continue;
      runBinding(request, deps, policy, binding, denials, annotations);
    }
  }
  const [first] = denials;
  if (first !== undefined) throw refusalOf(request, first);
  return Object.keys(annotations).length > 0 ? { annotations } : undefined;
}

function runBinding(
  request: AdmissionRequest,
  deps: PolicyDependencies,
  policy: ValidatingAdmissionPolicy,
  binding: ValidatingAdmissionPolicyBinding,
  denials: Denial[],
  annotations: Record<string, string>,
): void {
  const policyName = policy.metadata.name;
  const bindingName = binding.metadata.name;
  const fails = policy.spec?.failurePolicy !== 'Ignore';
  const params = paramsOf(request, deps, policy, binding);
  if ('error' in params) {
    const { error, inPolicy } = params;
    const message = `failed to configure ${inPolicy ? 'policy' : 'binding'}: ${error}`;
    if (fails)
      denials.push({ policy: policyName, binding: inPolicy ? undefined : bindingName, failure: { message, reason: 'Invalid', index: 0 } });
    return;
  }
  for (const param of params.found) {
    const run = new PolicyRun(request, deps, policy, param);
    for (const failure of run.failures()) {
      for (const action of binding.spec?.validationActions ?? []) {
        if (action === 'Deny') denials.push({ policy: policyName, binding: bindingName, failure });
        else if (action === 'Warn')
          request.warn?.(
            `Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding '${bindingName}': ${failure.message}`,
          );
        else annotations['validation.policy.admission.k8s.io/validation_failure'] = failureAnnotation(binding, failure);
      }
    }
    for (const [key, value] of run.annotations(denials, bindingName)) {
      const name = `${policyName}/${key}`;
      const known = annotations[name];
      annotations[name] = known === undefined || known.split(', ').includes(value) ? (known ?? value) : `${known}, ${value}`;
    }
  }
}

function failureAnnotation({ metadata, spec }: ValidatingAdmissionPolicyBinding, { message, index }: Failure): string {
  const { policyName, validationActions } = spec ?? {};
  return JSON.stringify([{ message, policy: policyName, binding: metadata.name, expressionIndex: index, validationActions }]);
}

/** One policy on one request with one parameter object. */
class PolicyRun {
  readonly #policy: ValidatingAdmissionPolicy;
  readonly #budget: Budget = { left: RUNTIME_BUDGET };
  readonly #variables: AdmissionVariables;
  readonly #fails: boolean;
  #matches = true;

  constructor(
    request: AdmissionRequest,
    { authorizer }: PolicyDependencies,
    policy: ValidatingAdmissionPolicy,
    params: KubernetesObject | undefined,
  ) {
    this.#policy = policy;
    this.#fails = policy.spec?.failurePolicy !== 'Ignore';
    const composed = compiledPolicy(policy.spec ?? {}).variables;
    this.#variables = new AdmissionVariables(request, this.#budget, { params, authorizer, composed });
  }

  failures(): Failure[] {
    const { spec = {} } = this.#policy;
    const compiled = compiledPolicy(spec);
    const matched = conditionsHold(spec.matchConditions ?? [], compiled.matchConditions, this.#variables, this.#budget);
    this.#matches = matched === true;
    if (typeof matched === 'string') return this.#fails ? [{ message: matched, reason: 'Invalid', index: 0 }] : [];
    if (!matched) return [];
    return (spec.validations ?? []).flatMap((validation, index): Failure[] => {
      const outcome = evaluate(validation.expression, compiled.validations[index] as Compiled, this.#variables, this.#budget);
      if (outcome.error !== undefined) return this.#fails ? [{ message: outcome.error, reason: 'Invalid', index }] : [];
      if (outcome.value === true) return [];
      const message = this.#message(index) || validation.message?.trim() || `failed expression: ${validation.expression.trim()}`;
      return [{ message, reason: validation.reason ?? 'Invalid', index }];
    });
  }

  /** What the message expression says; "" when there is none or it says nothing that can be shown. */
  #message(index: number): string {
    const compiled = compiledPolicy(this.#policy.spec ?? {}).messages[index];
    if (compiled === undefined) return '';
    const { value } = evaluate('', compiled, this.#variables, this.#budget);
    const text = typeof value === 'string' ? value.trim() : '';
    return text.length > MAX_MESSAGE || text.includes('\n') ? '' : text;
  }

  /** Key and text of each annotation that has something to say. */
  annotations(denials: Denial[], binding: string): [string, string][] {
    const { spec = {}, metadata } = this.#policy;
    if (!this.#matches) return [];
    return (spec.auditAnnotations ?? []).flatMap(({ key, valueExpression }, index): [string, string][] => {
      const outcome = evaluate(valueExpression, compiledPolicy(spec).auditAnnotations[index] as Compiled, this.#variables, this.#budget);
      const { value } = outcome;
      if (typeof value === 'string') return value.trim() === '' ? [] : [[key, value.trim().slice(0, MAX_ANNOTATION)]];
      if (value === null) return [];
      const message =
        outcome.error ??
        `valueExpression '${valueExpression}' resulted in unsupported return type: ${typeNameOf(outcome.value)}. Return type must be either string or null.`;
      if (this.#fails) denials.push({ policy: metadata.name, binding, failure: { message, reason: 'Invalid', index } });
      return [];
    });
  }
}

/** Whether all conditions hold; the first that is false wins over errors. An error text when one cannot be told. */
export function conditionsHold(
  conditions: readonly MatchCondition[],
  compiled: readonly Compiled[],
  variables: AdmissionVariables,
  budget: Budget,
): boolean | string {
  const errors: string[] = [];
  for (const [index, { expression }] of conditions.entries()) {
    const outcome = evaluate(expression, compiled[index] as Compiled, variables, budget);
    if (outcome.error !== undefined) errors.push(outcome.error);
    else if (outcome.value === false) return false;
  }
  if (errors.length === 0) return true;
  return errors.length === 1 ? (errors[0] as string) : `[${errors.join(', ')}]`;
}

type Params = { readonly found: readonly (KubernetesObject | undefined)[] } | { readonly error: string; readonly inPolicy?: boolean };

/** The parameter objects of a binding (`generic.CollectParams`); one `undefined` for a policy without parameters. */
function paramsOf(
  { namespace, reader, resource }: AdmissionRequest,
  { resources }: PolicyDependencies,
  policy: ValidatingAdmissionPolicy,
  { spec }: ValidatingAdmissionPolicyBinding,
): Params {
  const kind = policy.spec?.paramKind;
  const ref = spec?.paramRef;
  if (kind === undefined || ref === undefined) return { found: [undefined] };
  const definition = resources().find((candidate) => candidate.kind === kind.kind && apiVersionOf(candidate) === kind.apiVersion);
  if (definition === undefined)
    return {
      error: `failed to find resource referenced by paramKind: '${kind.apiVersion ?? ''}, Kind=${kind.kind ?? ''}'`,
      inPolicy: true,
    };
  let where: string | undefined;
  if (definition.namespaced) {
    where = ref.namespace ?? (resource.namespaced ? namespace : undefined);
    if (!where) return { error: 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources' };
  } else if (ref.namespace) return { error: 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`' };
  const found: KubernetesObject[] = [];
  if (ref.name) {
    const object = reader.get(definition, where, ref.name);
    if (object !== undefined) found.push(object);
  } else if (ref.selector !== undefined) {
    const selector = labelSelectorAsSelector(ref.selector);
    found.push(...reader.list(definition, where).filter(({ metadata }) => selector.matches(metadata.labels)));
  }
  if (found.length > 0 || ref.parameterNotFoundAction === 'Allow') return { found };
  return { error: 'no params found for policy binding with `Deny` parameterNotFoundAction' };
}

function refusalOf({ resource, name, object }: AdmissionRequest, { policy, binding, failure }: Denial): StatusError {
  const who =
    binding === undefined ? `ValidatingAdmissionPolicy '${policy}'` : `ValidatingAdmissionPolicy '${policy}' with binding '${binding}'`;
  const message = `${who} denied request: ${failure.message}`;
  const { status } = forbidden(
    { group: resource.group, resource: resource.plural },
    name || (object?.metadata.generateName ?? ''),
    message,
  );
  return new StatusError(CODES[failure.reason] ?? 422, failure.reason, status.message ?? '', { ...status.details, causes: [{ message }] });
}
