/**
 * What a kind is made of. One file a kind holds one `ResourceDefinition`; REST, discovery, tables, validation, the
 * editor and the panels all read it (`k8s.io/kubernetes/pkg/registry/<group>/<kind>/strategy.go` and
 * `pkg/printers/internalversion/printers.go` in one).
 *
 * All functions are pure: frozen objects in, new objects out that share what did not change; the same reference comes
 * back when there was nothing to do, which keeps the write path cheap. They are declared as methods, so that a definition
 * of any kind is a `ResourceDefinition`.
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { FieldError } from '../apimachinery/status.ts';
import type { FieldSchema } from '../apimachinery/patch/schema.ts';

/** One column of the table that `kubectl get` prints (`metav1.TableColumnDefinition`). */
export interface Column<T extends KubernetesObject> {
  name: string;
  /** Default "string". */
  type?: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description?: string;
  /** 0: always shown; 1: only with `-o wide`. Default 0. */
  priority?: number;
  /** The cell. `now` is virtual time in ms, for ages. */
  value(object: T, now: number): string | number | boolean;
}

/** Where the scale subresource finds its numbers. */
export interface ScalePaths<T extends KubernetesObject> {
  specReplicas(object: T): number;
  statusReplicas(object: T): number;
  /** The selector in its text form. */
  selector(object: T): string;
  withReplicas(object: T, replicas: number): T;
}

/** A kind of the API. `T` is the stored object's type. */
export interface ResourceDefinition<T extends KubernetesObject = KubernetesObject> {
  /** "" for the core group. */
  group: string;
  version: string;
  kind: string;
  /** The resource name in URLs: "pods". */
  plural: string;
  /** "pod" */
  singular: string;
  shortNames: readonly string[];
  /** "all" where `kubectl get all` shows the kind. */
  categories: readonly string[];
  namespaced: boolean;
  /** Name of the type in the field tables, e.g. "core.v1.Pod" (`TYPES` in generated/field-facts.ts, or kubarium/schemas.ts). */
  schema: string;
  subresources: { status?: boolean; scale?: ScalePaths<T> };
  /** Verbs besides the usual ones are not served when absent; default: all of create, delete, deletecollection, get, list, patch, update, watch. */
  verbs?: readonly string[];

  /** Fills in defaults (`SetDefaults_…`, `SetObjectDefaults_…`); idempotent. Runs on create and on every update. */
  defaults?(object: T): T;
  /** Before create: clears what users may not set, sets what the server owns besides metadata. */
  prepareForCreate?(object: T): T;
  /** Before update of the main resource: restores what users may not change. The registry has already restored status and counts generation. */
  prepareForUpdate?(next: T, old: T): T;
  /** Findings on the whole object, in upstream's order. Never throws, never mutates. */
  validate?(object: T): FieldError[];
  /** Findings on a new object beyond `validate(object)`. */
  validateCreate?(object: T): FieldError[];
  /** Findings on the change from `old` to `next` beyond `validate(next)`: immutable fields. */
  validateUpdate?(next: T, old: T): FieldError[];
  /** Findings on an update of the status subresource. */
  validateStatusUpdate?(next: T, old: T): FieldError[];
  /** Name rule: an error text per violation; default DNS-1123 subdomain. */
  validateName?(name: string): readonly string[];
  /** Since when this version is deprecated, and what to use instead: "v1.33+; use discovery.k8s.io/v1 EndpointSlice". Warned of with every request. */
  deprecated?: string;
  /** Kubernetes' own `Warning` header texts for this object (deprecations, dubious settings). */
  warnings?(object: T, old?: T): string[];
  /** Fields that `fieldSelector` may name, besides metadata.name and metadata.namespace. */
  selectableFields?(object: T): Record<string, string>;
  columns: readonly Column<T>[];
  /**
   * Fields that are stored only, with no effect in the simulation: "spec.containers[*].securityContext.seccompProfile".
   * `[*]` stands for list items and map values; a path covers all below it. The apiserver warns about them, the editor underlines
   * them, and docs/fidelity.md lists them.
   */
  notSimulated: readonly string[];
  /** Whether what is created may bring its status: a Node, which a kubelet registers with it. Elsewhere a create begins without one. */
  statusAtCreation?: boolean;
  /** Whether spec changes count `metadata.generation` (most workload kinds do). Default: true when there is a status subresource. */
  generation?: boolean;
  /** Of a custom resource: its OpenAPI schema, as far as the CustomResourceDefinition tells. */
  openApiSchema?: Readonly<Record<string, unknown>>;
  /** Decodes a body in place of the field table: custom resources. */
  decode?(body: object, fieldValidation: 'Ignore' | 'Warn' | 'Strict'): { body: object; warnings: readonly string[] };
  /** The schema that server-side apply merges by, in place of the field table's. */
  applySchema?: FieldSchema;
  /** Graceful deletion: seconds of grace for this object, or 0 for at once. Only Pods have it. */
  gracePeriodSeconds?(object: T, requested: number | undefined): number;
}

/** "apps/v1", or "v1" for the core group. */
export function apiVersionOf({ group, version }: { group: string; version: string }): string {
  return group ? `${group}/${version}` : version;
}

/** The `Warning` of a deprecated version (`k8s.io/apiserver/pkg/endpoints/deprecation`); none for others. */
export function deprecationWarnings(definition: ResourceDefinition): readonly string[] {
  const { kind, deprecated } = definition;
  return deprecated === undefined ? [] : [`${apiVersionOf(definition)} ${kind} is deprecated in ${deprecated}`];
}

/** Declares a kind: fills in what most kinds share. */
export function defineResource<T extends KubernetesObject>(
  definition: Omit<ResourceDefinition<T>, 'singular' | 'shortNames' | 'categories' | 'subresources' | 'notSimulated'> &
    Partial<Pick<ResourceDefinition<T>, 'singular' | 'shortNames' | 'categories' | 'subresources' | 'notSimulated'>>,
): ResourceDefinition<T> {
  return {
    singular: definition.kind.toLowerCase(),
    shortNames: [],
    categories: [],
    subresources: {},
    notSimulated: [],
    ...definition,
  };
}
