/** The kind Secret. */
import { defineResource } from '../resource.ts';
import type { Secret } from '../generated/types.ts';

/** v1 Secret. */
export const SecretResource = defineResource<Secret>({
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
  schema: 'core.v1.Secret',
  columns: [],
});
