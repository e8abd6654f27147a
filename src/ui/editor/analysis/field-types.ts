/** The field tables of every kind: those of Kubernetes and those of kubarium.dev. */
import { TYPES } from '../../../api/generated/field-facts.ts';
import type { FieldFact, TypeFacts } from '../../../api/generated/field-facts.ts';
import { KUBARIUM_TYPES } from '../../../api/kubarium/schemas.ts';

/** The fields of a type, by its short name ("core.v1.PodSpec"). */
export function fieldsOf(type: string | undefined): TypeFacts | undefined {
  return type === undefined ? undefined : (TYPES[type] ?? KUBARIUM_TYPES[type]);
}

/** The type of the objects that a field holds, directly or as items of a list. */
export function objectTypeOf(fact: FieldFact | undefined): string | undefined {
  if (fact?.type === 'object') return fact.ref;
  return fact?.type === 'array' ? objectTypeOf(fact.items) : undefined;
}
