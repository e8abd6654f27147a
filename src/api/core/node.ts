/** The kind Node. */
import { defineResource } from '../resource.ts';
import type { Node } from '../generated/types.ts';

/** v1 Node. */
export const NodeResource = defineResource<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  schema: 'core.v1.Node',
  subresources: { status: true },
  columns: [],
});
