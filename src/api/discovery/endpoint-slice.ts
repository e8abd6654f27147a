/** The kind EndpointSlice. */
import { mapField, mapItems, withDefaults } from '../defaulting.ts';
import { ageColumn, formatList, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { EndpointSlice } from '../generated/types.ts';

/** discovery.k8s.io/v1 EndpointSlice. */
export const EndpointSliceResource = defineResource<EndpointSlice>({
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  plural: 'endpointslices',
  namespaced: true,
  schema: 'discovery.v1.EndpointSlice',
  defaults: (slice) =>
    mapField(slice, 'ports', (ports) =>
      mapItems(ports, (port) => withDefaults(port.name === undefined ? { ...port, name: '' } : port, { protocol: 'TCP' })),
    ),
  columns: [
    nameColumn,
    { name: 'AddressType', value: ({ addressType }) => addressType },
    {
      name: 'Ports',
      value: ({ ports }) =>
        formatList(
          (ports ?? []).map(({ port, name }) => String(port ?? name ?? '*')),
          3,
        ) || '<unset>',
    },
    {
      name: 'Endpoints',
      value: ({ endpoints }) =>
        formatList(
          (endpoints ?? []).flatMap(({ addresses }) => addresses),
          3,
        ) || '<unset>',
    },
    ageColumn,
  ],
});
