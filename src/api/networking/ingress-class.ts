/** The kind IngressClass. */
import { defineResource } from '../resource.ts';
import type { IngressClass } from '../generated/types.ts';

/** networking.k8s.io/v1 IngressClass. */
export const IngressClassResource = defineResource<IngressClass>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
  schema: 'networking.v1.IngressClass',
  columns: [],
});
