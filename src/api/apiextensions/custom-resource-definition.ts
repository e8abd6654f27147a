/** The kind CustomResourceDefinition. */
import { createdAtColumn, nameColumn } from '../columns.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import { expressionChecks } from '../expressions.ts';
import type { CustomResourceConversion, CustomResourceDefinition } from '../generated/types.ts';

/** `validateCustomResourceConversion`. */
function conversionErrors(conversion: CustomResourceConversion | undefined): FieldError[] {
  const { strategy, webhook } = conversion ?? { strategy: 'None' };
  if (strategy !== 'None' && strategy !== 'Webhook') return [notSupported('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
  const path = 'spec.conversion.webhook';
  if (strategy === 'None')
    return webhook === undefined ? [] : [forbiddenField(path, 'should not be set when strategy is not set to Webhook')];
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  const errors: FieldError[] = [];
  if (clientConfig === undefined) errors.push(required(`${path}.clientConfig`, 'required when strategy is set to Webhook'));
  else if ((clientConfig.url === undefined) === (clientConfig.service === undefined))
    errors.push(required(`${path}.clientConfig`, 'exactly one of url or service is required'));
  if (conversionReviewVersions.length === 0) errors.push(required(`${path}.conversionReviewVersions`));
  return errors;
}

/** Whether a schema has rules in CEL anywhere. */
function mentionsRules(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, child]) => key === 'x-kubernetes-validations' || mentionsRules(child));
}

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
  defaults(definition) {
    const { names, conversion } = definition.spec ?? {};
    if (!names?.kind || (names.singular && names.listKind && conversion)) return definition;
    const { kind, singular, listKind } = names;
    return {
      ...definition,
      spec: {
        ...definition.spec,
        names: { ...names, singular: singular || kind.toLowerCase(), listKind: listKind || `${kind}List` },
        conversion: conversion ?? { strategy: 'None' },
      },
    };
  },
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
    errors.push(...conversionErrors(spec?.conversion));
    const hasRules = versions.some(({ schema }) => mentionsRules(schema));
    return hasRules ? [...errors, ...expressionChecks().definition({ metadata, spec } as CustomResourceDefinition)] : errors;
  },
  notSimulated: ['spec.conversion.webhook.clientConfig.caBundle'],
  columns: [nameColumn, createdAtColumn],
});
