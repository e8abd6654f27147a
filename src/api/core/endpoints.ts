/** The kind Endpoints. */
import { defineResource } from '../resource.ts';
import type { Endpoints } from '../generated/types.ts';

/** v1 Endpoints. */
export const EndpointsResource = defineResource<Endpoints>({
  group: '',
  version: 'v1',
  kind: 'Endpoints',
  plural: 'endpoints',
  shortNames: ['ep'],
  namespaced: true,
  schema: 'core.v1.Endpoints',
  columns: [],
});
