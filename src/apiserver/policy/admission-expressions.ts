/** Expressions about requests: their variables and how they are run (`k8s.io/apiserver/pkg/admission/plugin/cel/{compile,composition,condition}.go`). */
import { ownEntry } from '../../apimachinery/own-entry.ts';
import { Environment } from '../../apimachinery/cel/environment.ts';
import type { Compiled, Program } from '../../apimachinery/cel/environment.ts';
import { BOOL, DYN, STRING, listOf, mapOf } from '../../apimachinery/cel/types.ts';
import type { ObjectType, Type } from '../../apimachinery/cel/types.ts';
import { CelError, CelObject, adapt } from '../../apimachinery/cel/values.ts';
import type { Value } from '../../apimachinery/cel/values.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from '../authorization/attributes.ts';
import { AUTHORIZER_TYPE, RESOURCE_CHECK_TYPE, authorizerLibrary, authorizerValue, resourceCheckValue } from './authorizer-library.ts';

/** An object type from its fields. */
export function objectTypeOf(name: string, fields: Readonly<Record<string, Type>>): ObjectType {
  return { k: 'object', name, jsonName: (field) => field, field: (field) => ownEntry(fields, field) };
}

const STRINGS = mapOf(STRING, STRING);
const kindType = objectTypeOf('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const resourceType = objectTypeOf('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const userType = objectTypeOf('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});
const REQUEST = objectTypeOf('kubernetes.AdmissionRequest', {
  kind: kindType,
  resource: resourceType,
  subResource: STRING,
  requestKind: kindType,
  requestResource: resourceType,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: userType,
  dryRun: BOOL,
  options: DYN,
});
const NAMESPACE = objectTypeOf('kubernetes.Namespace', {
  metadata: objectTypeOf('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: STRINGS,
    annotations: STRINGS,
    UID: STRING,
    creationTimestamp: { k: 'timestamp' },
    deletionGracePeriodSeconds: { k: 'int' },
    deletionTimestamp: { k: 'timestamp' },
    generation: { k: 'int' },
    resourceVersion: STRING,
    finalizers: listOf(STRING),
  }),
  spec: objectTypeOf('kubernetes.NamespaceSpec', { finalizers: listOf(STRING) }),
  status: objectTypeOf('kubernetes.NamespaceStatus', { phase: STRING }),
});

/** What an expression may name beyond object, oldObject and request. */
export interface VariableChoice {
  readonly params?: boolean;
  readonly authorizer?: boolean;
  readonly namespaceObject?: boolean;
  /** Types of the policy's own variables, as far as they are declared. */
  readonly variables?: Readonly<Record<string, Type>>;
  /** The type of object and oldObject; default dyn. */
  readonly object?: Type;
  readonly paramsType?: Type;
}

/** The environment of an expression. */
export function admissionEnvironment({
  params,
  authorizer,
  namespaceObject,
  variables,
  object = DYN,
  paramsType = DYN,
}: VariableChoice): Environment {
  const declared = new Map<string, Type>([
    ['object', object],
    ['oldObject', object],
    ['request', REQUEST],
  ]);
  if (params) declared.set('params', paramsType);
  if (namespaceObject) declared.set('namespaceObject', NAMESPACE);
  if (authorizer) declared.set('authorizer', AUTHORIZER_TYPE).set('authorizer.requestResource', RESOURCE_CHECK_TYPE);
  if (variables) declared.set('variables', objectTypeOf('kubernetes.variables', variables));
  return new Environment(declared, authorizer ? [authorizerLibrary] : []);
}

/** What is left to spend on one object. */
export interface Budget {
  left: number;
}

/** A composed variable: computed when first asked for. */
export interface NamedProgram {
  readonly name: string;
  readonly compiled: Compiled;
}

/** The values of one request. */
export class AdmissionVariables {
  readonly #request: AdmissionRequest;
  readonly #params: KubernetesObject | undefined;
  readonly #authorizer: Authorizer | undefined;
  readonly #composed: readonly NamedProgram[];
  readonly #known = new Map<string, Value>();
  readonly #budget: Budget;

  constructor(
    request: AdmissionRequest,
    budget: Budget,
    {
      params,
      authorizer,
      composed = [],
    }: { params?: KubernetesObject | undefined; authorizer?: Authorizer; composed?: readonly NamedProgram[] } = {},
  ) {
    this.#request = request;
    this.#params = params;
    this.#authorizer = authorizer;
    this.#composed = composed;
    this.#budget = budget;
  }

  readonly get = (name: string): Value | undefined => {
    let value = this.#known.get(name);
    if (value === undefined && (value = this.#value(name)) !== undefined) this.#known.set(name, value);
    return value;
  };

  #value(name: string): Value | undefined {
    const { object, old, user, resource, subresource, namespace = '' } = this.#request;
    switch (name) {
      case 'object':
        return adapt(object ?? null);
      case 'oldObject':
        return adapt(old ?? null);
      case 'request':
        return adapt(requestObject(this.#request), REQUEST);
      case 'params':
        return adapt(this.#params ?? null);
      case 'namespaceObject':
        return this.#namespace();
      case 'variables':
        return new ComposedVariables(this.#composed, this.get, this.#budget);
      case 'authorizer':
        return this.#authorizer && authorizerValue(this.#authorizer, user);
      case 'authorizer.requestResource':
        return (
          this.#authorizer &&
          resourceCheckValue({
            authorizer: this.#authorizer,
            user,
            group: resource.group,
            resource: resource.plural,
            subresource,
            namespace,
            name: this.#request.name,
          })
        );
      default:
        return undefined;
    }
  }

  #namespace(): Value {
    const { resource, namespace, reader } = this.#request;
    if (!resource.namespaced || namespace === undefined) return null;
    return adapt(reader.get(NamespaceResource, undefined, namespace) ?? null, NAMESPACE);
  }
}

/** `variables`: each field is run when it is read, once. */
class ComposedVariables extends CelObject {
  readonly #programs: readonly NamedProgram[];
  readonly #outer: (name: string) => Value | undefined;
  readonly #values = new Map<string, Value | CelError>();
  readonly #budget: Budget;

  constructor(programs: readonly NamedProgram[], outer: (name: string) => Value | undefined, budget: Budget) {
    super({}, objectTypeOf('kubernetes.variables', {}));
    this.#programs = programs;
    this.#outer = outer;
    this.#budget = budget;
  }

  override get(field: string): Value | undefined {
    let value = this.#values.get(field);
    if (value === undefined) {
      const program = this.#programs.find(({ name }) => name === field)?.compiled.program;
      if (program === undefined) return undefined;
      value = this.#run(field, program);
      this.#values.set(field, value);
    }
    if (value instanceof CelError) throw value;
    return value;
  }

  #run(field: string, program: Program): Value | CelError {
    try {
      return program.run(this.#outer, (cost) => (this.#budget.left -= cost));
    } catch (error) {
      if (error instanceof CelError)
        return new CelError(`composited variable ${JSON.stringify(field)} fails to evaluate: ${error.message}`);
      throw error;
    }
  }
}

/** The AdmissionRequest without its objects, as expressions see it. */
export function requestObject({
  operation,
  resource,
  subresource,
  bodyKind,
  namespace = '',
  name,
  user,
  options,
}: AdmissionRequest): Record<string, unknown> {
  const { group, version, plural } = resource;
  const sent = bodyKind ?? resource;
  const gvk = { group: sent.group, version: sent.version, kind: sent.kind };
  const gvr = { group, version, resource: plural };
  const { uid, groups, extra } = user;
  return {
    kind: gvk,
    resource: gvr,
    subResource: subresource,
    requestKind: gvk,
    requestResource: gvr,
    requestSubResource: subresource,
    name,
    namespace,
    operation,
    userInfo: { username: user.name, ...(uid && { uid }), groups: [...groups], ...(extra && { extra }) },
    dryRun: options.dryRun === true,
    options: operation === 'CONNECT' ? null : {},
  };
}

/** The outcome of one expression: its value, or an error text. */
export type Outcome = { readonly value: Value; readonly error?: undefined } | { readonly value?: undefined; readonly error: string };

/** Runs an expression within the budget (`condition.ForInput`). */
export function evaluate(expression: string, { program, error }: Compiled, variables: AdmissionVariables, budget: Budget): Outcome {
  if (program === undefined) return { error: `compilation error: ${error}` };
  if (budget.left < 0) return { error: 'validation failed due to running out of cost budget, no further validation rules will be run' };
  try {
    const value = program.run(variables.get, (cost) => (budget.left -= cost));
    if (budget.left < 0) return { error: 'validation failed due to running out of cost budget, no further validation rules will be run' };
    return { value };
  } catch (failure) {
    if (!(failure instanceof CelError)) throw failure;
    return { error: `expression '${expression}' resulted in error: ${failure.message}` };
  }
}
