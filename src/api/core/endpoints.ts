/** The kind Endpoints. */
import { mapField, mapItems, withDefaults } from '../defaulting.ts';
import { ageColumn, formatList, nameColumn } from '../columns.ts';
import { broken, validateIP } from '../validation/common.ts';
import { isPortNumber } from '../../apimachinery/names.ts';
import { defineResource } from '../resource.ts';
import type { EndpointSubset, Endpoints } from '../generated/types.ts';

/** "10.244.1.5:80" for each address and port; addresses alone where there are no ports (`formatEndpoints`). */
function addressTexts(subsets: readonly EndpointSubset[]): string[] {
  const hostPort = (ip: string, port: number) => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
  return subsets.flatMap(({ addresses = [], ports = [] }) =>
    ports.length === 0 ? addresses.map(({ ip }) => ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => hostPort(ip, port))),
  );
}

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
  validate: ({ subsets = [] }) =>
    subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => [
      ...addresses.flatMap(({ ip }, place) => validateIP(`subsets[${index}].addresses[${place}].ip`, ip)),
      ...notReadyAddresses.flatMap(({ ip }, place) => validateIP(`subsets[${index}].notReadyAddresses[${place}].ip`, ip)),
      ...ports.flatMap(({ port }, place) => broken(`subsets[${index}].ports[${place}].port`, port, isPortNumber(port))),
    ]),
  deprecated: 'v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  columns: [
    nameColumn,
    { name: 'Endpoints', value: ({ subsets }) => (subsets?.length ? formatList(addressTexts(subsets), 3) : '<none>') },
    ageColumn,
  ],
});
