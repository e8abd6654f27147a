/** The kind CustomResourceDefinition. */
import { createdAtColumn, nameColumn } from '../columns.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
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
    const { group, names, scope, versions = [] } = spec ?? {};
    const errors: FieldError[] = [];
    if (!group) errors.push(required('spec.group'));
    if (!scope) errors.push(required('spec.scope'));
    else if (scope !== 'Namespaced' && scope !== 'Cluster') errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']));
    if (!names?.plural) errors.push(required('spec.names.plural'));
    if (!names?.kind) errors.push(required('spec.names.kind'));
    if (versions.filter(({ storage }) => storage).length !== 1)
      errors.push(invalidValue('spec.versions', versions, 'must have exactly one version marked as storage version'));
    versions.forEach((version, index) => {
      if (!version.schema?.openAPIV3Schema) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`, 'schemas are required'));
    });
    const wanted = `${names?.plural}.${group}`;
    if (group && names?.plural && metadata.name !== wanted)
      errors.push(invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
    return errors;
  },
  // Differs: versions are converted by their name only, rules in CEL are not evaluated, and objects can be selected by name and namespace only.
  notSimulated: ['spec.conversion.webhook', 'spec.versions[*].selectableFields', 'spec.versions[*].deprecated'],
  columns: [nameColumn, createdAtColumn],
});
