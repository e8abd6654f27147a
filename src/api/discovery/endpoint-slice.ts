/** The kind EndpointSlice. */
import { mapField, mapItems, withDefaults } from '../defaulting.ts';
import { ageColumn, formatList, nameColumn } from '../columns.ts';
import { immutable, oneOf } from '../validation/common.ts';
import { required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { EndpointSlice } from '../generated/types.ts';

const MAX_ENDPOINTS = 1000;

/** `ValidateEndpointSlice`; addresses are the controller's and are not parsed again. */
function validateSlice({ addressType, endpoints = [] }: EndpointSlice): FieldError[] {
  const errors = oneOf('addressType', addressType, ['FQDN', 'IPv4', 'IPv6'], true);
  if (endpoints.length > MAX_ENDPOINTS) {
    const detail = `Too many: ${endpoints.length}: must have at most ${MAX_ENDPOINTS} items`;
    errors.push({ type: 'FieldValueTooMany', field: 'endpoints', detail });
  }
  endpoints.forEach(({ addresses }, index) => {
    if (!addresses?.length) errors.push(required(`endpoints[${index}].addresses`, 'must contain at least 1 address'));
  });
  return errors;
}

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
  validate: validateSlice,
  validateUpdate: (next, old) => immutable('addressType', next.addressType, old.addressType),
  generation: true,
  notSimulated: ['endpoints[*].deprecatedTopology'],
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
