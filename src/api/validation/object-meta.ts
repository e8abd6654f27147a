/**
 * Metadata of all kinds (`k8s.io/apimachinery/pkg/api/validation/objectmeta.go`, with the rule on finalizer names of
 * `pkg/apis/core/validation/validation.go`). The registry runs these before a kind's own validation.
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { isDNS1123Label, isDNS1123Subdomain, isLabelValue, isQualifiedName, ofPrefix } from '../../apimachinery/names.ts';
import { forbiddenField, invalidValue, required, tooLong } from '../../apimachinery/status.ts';
import { utf8Length } from '../../apimachinery/utf8.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { KubernetesObject, ObjectMeta, OwnerReference } from '../../apimachinery/meta.ts';

/** All annotations of an object together, in bytes (`TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = new Set(['kubernetes', 'orphan', 'foregroundDeletion', 'customresourcecleanup.apiextensions.k8s.io']);
const NONE: readonly FieldError[] = [];

/** What is wrong with an object's metadata, in upstream's order. */
export function validateObjectMeta(
  object: KubernetesObject,
  definition: { namespaced: boolean; validateName?(name: string): readonly string[] },
): FieldError[] {
  const { metadata } = object;
  const rule = (name: string) => definition.validateName?.(name) ?? isDNS1123Subdomain(name);
  const errors: FieldError[] = [];
  if (metadata.generateName) {
    for (const message of ofPrefix(rule, metadata.generateName))
      errors.push(invalidValue('metadata.generateName', metadata.generateName, message));
  }
  if (!metadata.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const message of rule(metadata.name)) errors.push(invalidValue('metadata.name', metadata.name, message));
  errors.push(...validateNamespace(metadata, definition.namespaced));
  if ((metadata.generation ?? 0) < 0) {
    errors.push(invalidValue('metadata.generation', metadata.generation, 'must be greater than or equal to 0'));
  }
  errors.push(...validateLabels(metadata.labels, 'metadata.labels'));
  errors.push(...validateAnnotations(metadata.annotations, 'metadata.annotations'));
  errors.push(...validateOwnerReferences(metadata.ownerReferences, 'metadata.ownerReferences'));
  errors.push(...validateFinalizers(metadata.finalizers, 'metadata.finalizers'));
  return errors;
}

function validateNamespace({ namespace }: ObjectMeta, namespaced: boolean): readonly FieldError[] {
  if (!namespaced) return namespace ? [forbiddenField('metadata.namespace', 'not allowed on this type')] : NONE;
  if (!namespace) return [required('metadata.namespace')];
  return isDNS1123Label(namespace).map((message) => invalidValue('metadata.namespace', namespace, message));
}

/** Label keys and values (`ValidateLabels`). Objects of one owner share their labels, so valid ones are remembered. */
export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): readonly FieldError[] {
  if (labels === undefined || knownLabels.has(labels)) return NONE;
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels)) {
    for (const message of isQualifiedName(key)) errors.push(invalidValue(path, key, message));
    for (const message of isLabelValue(value)) errors.push(invalidValue(path, value, message));
  }
  if (errors.length === 0 && Object.isFrozen(labels)) knownLabels.add(labels);
  return errors;
}

const knownLabels = new WeakSet<object>();

/** Annotation keys and their total size (`ValidateAnnotations`). */
export function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): readonly FieldError[] {
  if (annotations === undefined) return NONE;
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    for (const message of isQualifiedName(key.toLowerCase())) errors.push(invalidValue(path, key, message));
    size += utf8Length(key) + utf8Length(value);
  }
  if (size > ANNOTATIONS_LIMIT_BYTES) errors.push(tooLong(path, ANNOTATIONS_LIMIT_BYTES));
  return errors;
}

function validateOwnerReference({ apiVersion, kind, name, uid }: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const version = apiVersion?.slice(apiVersion.indexOf('/') + 1);
  if (!version) errors.push(invalidValue(`${path}.apiVersion`, apiVersion ?? '', 'version must not be empty'));
  if (!kind) errors.push(invalidValue(`${path}.kind`, kind ?? '', 'must not be empty'));
  if (!name) errors.push(invalidValue(`${path}.name`, name ?? '', 'must not be empty'));
  if (!uid) errors.push(invalidValue(`${path}.uid`, uid ?? '', 'must not be empty'));
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalidValue(path, { apiVersion, kind, name, uid }, '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

function validateOwnerReferences(references: readonly OwnerReference[] | undefined, path: string): readonly FieldError[] {
  if (references === undefined) return NONE;
  const errors: FieldError[] = [];
  let first: OwnerReference | undefined;
  for (const reference of references) {
    errors.push(...validateOwnerReference(reference, path));
    if (!reference.controller) continue;
    if (first) {
      const names = `${first.kind}/${first.name} and ${reference.kind}/${reference.name}`;
      errors.push(
        invalidValue(path, references, `Only one reference can have Controller set to true. Found "true" in references for ${names}`),
      );
    }
    first ??= reference;
  }
  return errors;
}

function validateFinalizers(finalizers: readonly string[] | undefined, path: string): readonly FieldError[] {
  if (finalizers === undefined) return NONE;
  const errors: FieldError[] = [];
  for (const finalizer of finalizers) {
    for (const message of isQualifiedName(finalizer)) errors.push(invalidValue(path, finalizer, message));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    errors.push(invalidValue(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  finalizers.forEach((finalizer, index) => errors.push(...validateKubeFinalizer(finalizer, `${path}[${index}]`)));
  return errors;
}

/** A finalizer is Kubernetes' own, or has a domain (`validateKubeFinalizerName`). */
export function validateKubeFinalizer(finalizer: string, path: string): FieldError[] {
  if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return [];
  return [invalidValue(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}

/** What may not change in metadata (`ValidateObjectMetaUpdate`). The registry has already restored what the server owns. */
export function validateObjectMetaUpdate(next: KubernetesObject, old: KubernetesObject): FieldError[] {
  const errors: FieldError[] = [];
  const added = old.metadata.deletionTimestamp
    ? (next.metadata.finalizers ?? []).filter((finalizer) => !old.metadata.finalizers?.includes(finalizer)).sort()
    : [];
  if (added.length > 0) {
    const shown = `[]string{${added.map((finalizer) => JSON.stringify(finalizer)).join(', ')}}`;
    errors.push(
      forbiddenField('metadata.finalizers', `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`),
    );
  }
  if (!next.metadata.resourceVersion) errors.push(invalidValue('metadata.resourceVersion', '', 'must be specified for an update'));
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (!deepEqual(next.metadata[field], old.metadata[field])) {
      errors.push(invalidValue(`metadata.${field}`, next.metadata[field] ?? '', 'field is immutable'));
    }
  }
  return errors;
}
