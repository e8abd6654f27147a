/** What is known about the fields of every kind served, kubarium.dev included. */
import { KUBARIUM_TYPES } from './kubarium/schemas.ts';
import { lazyRecord } from './packed-facts.ts';
import { TYPES } from './generated/field-facts.ts';
import type { FieldFact, TypeFacts } from './generated/field-facts.ts';

/** Values in base 64: the published types do not tell them from plain texts. */
const BYTES: FieldFact = { type: 'map', items: { type: 'bytes' } };

const DECLARED: Readonly<Record<string, (published: TypeFacts) => TypeFacts>> = {
  'core.v1.ConfigMap': (published) => ({ ...published, binaryData: BYTES }),
  'core.v1.Secret': (published) => ({ ...published, data: BYTES }),
};

/** Fields by type; the key of a kind is its `schema`. */
export const FIELD_TYPES: Readonly<Record<string, TypeFacts>> = lazyRecord(
  [...Object.keys(TYPES), ...Object.keys(KUBARIUM_TYPES)],
  (name) => {
    const published = TYPES[name] ?? KUBARIUM_TYPES[name] ?? {};
    return DECLARED[name]?.(published) ?? published;
  },
);
