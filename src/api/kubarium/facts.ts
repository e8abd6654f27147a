/**
 * Short forms for the field tables of the kubarium.dev kinds. Each kind declares its table beside its TypeScript type;
 * `schemas.ts` gathers them for decoding, for patches and for the editor.
 */
import type { FieldFact } from '../generated/field-facts.ts';

/** A field with the sentence the editor shows. */
export interface DescribedFact extends FieldFact {
  readonly description?: string;
  readonly items?: DescribedFact;
}

/** Fields by name. */
export type DescribedFacts = Readonly<Record<string, DescribedFact>>;

/** Types by full name: "kubarium.v1alpha1.FaultSpec". */
export type DescribedTypes = Readonly<Record<string, DescribedFacts>>;

/** A text, one of `values` if given. */
export const text = (description: string, values?: readonly string[]): DescribedFact => ({
  type: 'string',
  description,
  ...(values && { enum: values }),
});
/** A whole number. */
export const integer = (description: string): DescribedFact => ({ type: 'integer', format: 'int64', description });
/** A number. */
export const decimal = (description: string): DescribedFact => ({ type: 'number', format: 'double', description });
/** True or false. */
export const flag = (description: string): DescribedFact => ({ type: 'boolean', description });
/** A point in time, RFC 3339. */
export const time = (description: string): DescribedFact => ({ type: 'time', description });
/** A number or a percentage. */
export const intOrString = (description: string): DescribedFact => ({ type: 'intOrString', description });
/** A resource quantity. */
export const quantity = (description: string): DescribedFact => ({ type: 'quantity', description });
/** Any JSON. */
export const anything = (description: string): DescribedFact => ({ type: 'any', description });
/** An object of the type `ref`. */
export const object = (ref: string, description: string): DescribedFact => ({
  type: 'object',
  ref: `kubarium.v1alpha1.${ref}`,
  description,
});
/** A list. */
export const list = (items: DescribedFact, description: string): DescribedFact => ({ type: 'array', items, list: 'atomic', description });
/** A map by names. */
export const map = (items: DescribedFact, description: string): DescribedFact => ({ type: 'map', items, description });
/** The fact of a field that has to be there. */
export const must = (fact: DescribedFact): DescribedFact => ({ ...fact, required: true });

/** The fields of a kind: what every object has, and its spec and status where it has them. */
export function kindFacts(kind: string, parts: { spec?: boolean; status?: boolean }): DescribedFacts {
  return {
    apiVersion: text('kubarium.dev/v1alpha1'),
    kind: text(kind),
    metadata: { type: 'object', ref: 'meta.v1.ObjectMeta' },
    ...(parts.spec && { spec: object(`${kind}Spec`, 'What is wanted.') }),
    ...(parts.status && { status: object(`${kind}Status`, 'What is so.') }),
  };
}
