/** What is known about the fields of every kind served, kubarium.dev included. */
import { KUBARIUM_TYPES } from './kubarium/schemas.ts';
import { TYPES } from './generated/field-facts.ts';
import type { TypeFacts } from './generated/field-facts.ts';

/** Fields by type; the key of a kind is its `schema`. */
export const FIELD_TYPES: Readonly<Record<string, TypeFacts>> = { ...TYPES, ...KUBARIUM_TYPES };
