/** The kind IngressClass. */
import { mapField, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { required } from '../../apimachinery/status.ts';
import { immutable } from '../validation/common.ts';
import { defineResource } from '../resource.ts';
import type { IngressClass } from '../generated/types.ts';

function parametersText({ spec }: IngressClass): string {
  const parameters = spec?.parameters;
  if (!parameters) return '<none>';
  return `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}`;
}

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
  validate: ({ spec }) => (spec?.controller ? [] : [required('spec.controller')]),
  validateUpdate: (next, old) => immutable('spec.controller', next.spec?.controller, old.spec?.controller),
  generation: true,
  notSimulated: ['spec.parameters'],
  columns: [
    nameColumn,
    { name: 'Controller', value: ({ spec }) => spec?.controller ?? '' },
    { name: 'Parameters', value: parametersText },
    ageColumn,
  ],
});
