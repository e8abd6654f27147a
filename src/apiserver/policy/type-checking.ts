/**
 * The type check of a policy's expressions against the kinds that it names (`plugin/policy/validating/typechecking.go`). At run time objects
 * have any type; this finds misspelt fields beforehand.
 */
import { BOOL, BYTES, DOUBLE, DYN, INT, STRING, TIMESTAMP, listOf, mapOf } from '../../apimachinery/cel/types.ts';
import type { Type } from '../../apimachinery/cel/types.ts';
import { FIELD_TYPES } from '../../api/field-table.ts';
import type { FieldFact } from '../../api/generated/field-facts.ts';
import type { ExpressionWarning, NamedRuleWithOperations, TypeChecking, ValidatingAdmissionPolicy } from '../../api/generated/types.ts';
import { apiVersionOf } from '../../api/resource.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { escapedName, typeOfSchema } from '../custom-resources/schema-type.ts';
import type { CustomSchema } from '../custom-resources/schema.ts';
import { compilePolicy } from './compiled-policies.ts';

/** At most so many kinds are checked (`maxTypesToCheck`). */
const MAX_KINDS = 10;
const PREFIX = 'compilation failed: ';

/** Warnings by expression; empty when all is well. */
export function typeChecking({ spec = {} }: ValidatingAdmissionPolicy, resources: readonly ResourceDefinition[]): TypeChecking {
  const { validations = [], paramKind } = spec;
  const kinds = namedKinds(spec.matchConstraints?.resourceRules ?? [], resources).slice(0, MAX_KINDS);
  const paramsKind = resources.find((kind) => kind.kind === paramKind?.kind && apiVersionOf(kind) === paramKind.apiVersion);
  const params = paramsKind === undefined ? DYN : typeOfKind(paramsKind);
  const texts = new Map<string, string[]>();
  const add = (fieldRef: string, kind: ResourceDefinition, error: string | undefined) => {
    // Only what the types say: other findings would have stopped the policy from being written.
    if (error?.startsWith(PREFIX))
      texts.set(fieldRef, [...(texts.get(fieldRef) ?? []), `${apiVersionOf(kind)}, Kind=${kind.kind}: ${error.slice(PREFIX.length)}`]);
  };
  for (const kind of kinds) {
    const compiled = compilePolicy(spec, typeOfKind(kind), params);
    validations.forEach((_validation, index) => {
      add(`spec.validations[${index}].expression`, kind, compiled.validations[index]?.error);
      add(`spec.validations[${index}].messageExpression`, kind, compiled.messages[index]?.error);
    });
  }
  const expressionWarnings = [...texts].map(([fieldRef, list]): ExpressionWarning => ({ fieldRef, warning: list.join('\n') }));
  return expressionWarnings.length === 0 ? {} : { expressionWarnings };
}

/** Kinds that rules name without wildcards, in the order of their text. */
function namedKinds(rules: readonly NamedRuleWithOperations[], resources: readonly ResourceDefinition[]): ResourceDefinition[] {
  const found = new Set<ResourceDefinition>();
  for (const { apiGroups = [], apiVersions = [], resources: plurals = [] } of rules) {
    for (const kind of resources)
      if (apiGroups.includes(kind.group) && apiVersions.includes(kind.version) && plurals.includes(kind.plural)) found.add(kind);
  }
  return [...found].sort((a, b) => (`${apiVersionOf(a)} ${a.kind}` < `${apiVersionOf(b)} ${b.kind}` ? -1 : 1));
}

function typeOfKind(kind: ResourceDefinition): Type {
  if (kind.openApiSchema !== undefined) return customType(kind.openApiSchema as unknown as CustomSchema);
  return FIELD_TYPES[kind.schema] === undefined ? DYN : typeOfFacts(kind.schema);
}

function customType(schema: CustomSchema): Type {
  const properties = { ...schema.properties, apiVersion: { type: 'string' }, kind: { type: 'string' } };
  const type = typeOfSchema({ ...schema, type: 'object', properties });
  if (type?.k !== 'object') return DYN;
  return { ...type, field: (name) => (name === 'metadata' ? typeOfFacts('meta.v1.ObjectMeta') : type.field(name)) };
}

function typeOfFacts(name: string): Type {
  const facts = FIELD_TYPES[name] ?? {};
  const byName = new Map(Object.keys(facts).map((field) => [escapedName(field), field]));
  return {
    k: 'object',
    name,
    jsonName: (field) => byName.get(field) ?? field,
    field(field) {
      const fact = facts[byName.get(field) ?? ''];
      return fact && typeOfFact(fact);
    },
  };
}

function typeOfFact({ type, ref, items }: FieldFact): Type {
  switch (type) {
    case 'string':
    case 'quantity':
      return STRING;
    case 'integer':
      return INT;
    case 'number':
      return DOUBLE;
    case 'boolean':
      return BOOL;
    case 'bytes':
      return BYTES;
    case 'time':
    case 'microTime':
      return TIMESTAMP;
    case 'array':
      return listOf(items ? typeOfFact(items) : DYN);
    case 'map':
      return mapOf(STRING, items ? typeOfFact(items) : DYN);
    case 'object':
      return ref === undefined ? DYN : typeOfFacts(ref);
    default:
      return DYN;
  }
}
