/** The kind Service. */
import { defineResource } from '../resource.ts';
import type { Service } from '../generated/types.ts';

/** v1 Service. */
export const ServiceResource = defineResource<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: 'core.v1.Service',
  subresources: { status: true },
  columns: [],
});
