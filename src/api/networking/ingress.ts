/** The kind Ingress. */
import { defineResource } from '../resource.ts';
import type { Ingress } from '../generated/types.ts';

/** networking.k8s.io/v1 Ingress. */
export const IngressResource = defineResource<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  namespaced: true,
  schema: 'networking.v1.Ingress',
  subresources: { status: true },
  columns: [],
});
