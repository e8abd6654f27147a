/** The kind IngressClass. */
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
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
  defaults: (ingressClass) =>
    mapField(withSpec(ingressClass), 'spec', (spec) =>
      mapField(spec, 'parameters', (parameters) => withDefaults(parameters, { scope: 'Cluster' })),
    ),
  columns: [],
});
