/** The kind Secret. */
import { encodeBase64 } from '../../apimachinery/base64.ts';
import { withDefaults } from '../defaulting.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { Secret } from '../generated/types.ts';

/** `stringData` is written into `data` and never stored (`Convert_v1_Secret_To_core_Secret`). */
function withPlainData(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  if (stringData === undefined) return secret;
  const encoded = Object.entries(stringData).map(([key, value]) => [key, encodeBase64(value)] as const);
  return { ...rest, data: { ...rest.data, ...Object.fromEntries(encoded) } };
}

/** v1 Secret. */
export const SecretResource = defineResource<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  schema: 'core.v1.Secret',
  defaults: (secret) => withDefaults(withPlainData(secret), { type: 'Opaque' }),
  validate: (...given) => checks.get().validateSecret(...given),
  validateUpdate: (...given) => checks.get().validateSecretUpdate(...given),
  selectableFields: ({ type }) => ({ type: type ?? '' }),
  columns: [
    nameColumn,
    { name: 'Type', value: ({ type }) => type ?? '' },
    { name: 'Data', value: ({ data }) => Object.keys(data ?? {}).length },
    ageColumn,
  ],
});
