/** The kind CustomResourceDefinition. */
import { createdAtColumn, nameColumn } from '../columns.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { CustomResourceDefinition } from '../generated/types.ts';

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export const CustomResourceDefinitionResource = defineResource<CustomResourceDefinition>({
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'apiextensions.v1.CustomResourceDefinition',
  subresources: { status: true },
  validate({ metadata, spec }) {
    const { group, names } = spec ?? {};
    if (!group) return [required('spec.group')];
    if (!names?.plural) return [required('spec.names.plural')];
    const wanted = `${names.plural}.${group}`;
    return metadata.name === wanted ? [] : [invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')];
  },
  notSimulated: ['spec.conversion', 'spec.versions[*].selectableFields'],
  columns: [nameColumn, createdAtColumn],
});
