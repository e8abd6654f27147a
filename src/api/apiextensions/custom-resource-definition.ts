/** The kind CustomResourceDefinition. */
import { createdAtColumn, nameColumn } from '../columns.ts';
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
  columns: [nameColumn, createdAtColumn],
});
