/** The kind Namespace. */
import { defineResource } from '../resource.ts';
import type { Namespace } from '../generated/types.ts';

/** v1 Namespace. */
export const NamespaceResource = defineResource<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  schema: 'core.v1.Namespace',
  subresources: { status: true },
  columns: [],
});
