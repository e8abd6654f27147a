/** What is known about the fields of every kind served, kubarium.dev included. */
import { KUBARIUM_TYPES } from './kubarium/schemas.ts';
import { TYPES } from './generated/field-facts.ts';
import type { FieldFact, TypeFacts } from './generated/field-facts.ts';

/** Values in base 64: the published types do not tell them from plain texts. */
const BYTES: FieldFact = { type: 'map', items: { type: 'bytes' } };

/** Fields by type; the key of a kind is its `schema`. */
export const FIELD_TYPES: Readonly<Record<string, TypeFacts>> = {
  ...TYPES,
  'core.v1.ConfigMap': { ...TYPES['core.v1.ConfigMap'], binaryData: BYTES },
  'core.v1.Secret': { ...TYPES['core.v1.Secret'], data: BYTES },
  ...KUBARIUM_TYPES,
};
