/** The kind Endpoints. */
import { mapField, mapItems, withDefaults } from '../defaulting.ts';
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
  defaults: (endpoints) =>
    mapField(endpoints, 'subsets', (subsets) =>
      mapItems(subsets, (subset) =>
        mapField(subset, 'ports', (ports) => mapItems(ports, (port) => withDefaults(port, { protocol: 'TCP' }))),
      ),
    ),
  columns: [],
});
