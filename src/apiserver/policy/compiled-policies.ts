/** Policies and match conditions with their expressions compiled; kept as long as the object that they come from. */
import type { Compiled } from '../../apimachinery/cel/environment.ts';
import { BOOL, DYN, NULL, STRING } from '../../apimachinery/cel/types.ts';
import type { Type } from '../../apimachinery/cel/types.ts';
import type { MatchCondition, ValidatingAdmissionPolicySpec } from '../../api/generated/types.ts';
import { admissionEnvironment } from './admission-expressions.ts';
import type { NamedProgram } from './admission-expressions.ts';

/** A policy's expressions, in the order of the object's lists. */
export interface CompiledPolicy {
  readonly matchConditions: readonly Compiled[];
  readonly variables: readonly NamedProgram[];
  readonly validations: readonly Compiled[];
  /** Undefined where a validation has no message expression. */
  readonly messages: readonly (Compiled | undefined)[];
  readonly auditAnnotations: readonly Compiled[];
}

const policies = new WeakMap<ValidatingAdmissionPolicySpec, CompiledPolicy>();
const conditions = new WeakMap<readonly MatchCondition[], readonly Compiled[]>();

/** The compiled form of a stored policy. */
export function compiledPolicy(spec: ValidatingAdmissionPolicySpec): CompiledPolicy {
  let known = policies.get(spec);
  if (known === undefined) policies.set(spec, (known = compilePolicy(spec)));
  return known;
}

/** Compiles; with types of the object and the parameters for the type check of a policy's status. */
export function compilePolicy(spec: ValidatingAdmissionPolicySpec, object: Type = DYN, paramsType: Type = DYN): CompiledPolicy {
  const { matchConditions = [], variables = [], validations = [], auditAnnotations = [], paramKind } = spec;
  const params = paramKind !== undefined;
  const types: Record<string, Type> = {};
  const common = { params, namespaceObject: true, variables: types, object, paramsType };
  const composed = variables.map(({ name, expression }): NamedProgram => {
    const compiled = admissionEnvironment({ ...common, authorizer: true, variables: { ...types } }).compile(expression);
    types[name] = compiled.program?.type ?? DYN;
    return { name, compiled };
  });
  const whole = admissionEnvironment({ ...common, authorizer: true });
  // What is shown to people must not ask the authorizers.
  const message = admissionEnvironment(common);
  return {
    matchConditions: matchConditions.map(({ expression }) =>
      admissionEnvironment({ params, authorizer: true, namespaceObject: true, object, paramsType }).compile(expression, [BOOL]),
    ),
    variables: composed,
    validations: validations.map(({ expression }) => whole.compile(expression, [BOOL])),
    messages: validations.map(({ messageExpression }) => (messageExpression ? message.compile(messageExpression, [STRING]) : undefined)),
    auditAnnotations: auditAnnotations.map(({ valueExpression }) => whole.compile(valueExpression, [STRING, NULL])),
  };
}

/** The compiled match conditions of a webhook. */
export function compiledConditions(list: readonly MatchCondition[]): readonly Compiled[] {
  let known = conditions.get(list);
  if (known === undefined) {
    const environment = admissionEnvironment({ authorizer: true });
    conditions.set(list, (known = list.map(({ expression }) => environment.compile(expression, [BOOL]))));
  }
  return known;
}
