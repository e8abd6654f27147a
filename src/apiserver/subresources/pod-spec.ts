/**
 * Parts of a running pod's spec that have a door of their own: ephemeral containers and resources
 * (`k8s.io/kubernetes/pkg/registry/core/pod/storage/storage.go`, `validation.go`: ValidatePodEphemeralContainersUpdate, ValidatePodResize).
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { duplicate, forbiddenField, invalid } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { Container, EphemeralContainer, Pod } from '../../api/generated/types.ts';
import type { ApiResponse } from '../../api/request.ts';
import { checkBody } from '../../api/schema-check.ts';
import { withManagers } from '../field-managers.ts';
import { patchObject } from '../patch.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

/** The pod as the request wants it, or undefined for a verb that does not exist here. */
function wanted({ registry, request }: SubresourceCall, old: Pod): Pod | undefined {
  if (request.verb === 'patch')
    return checkBody(registry.definition, patchObject(registry.definition, old, request), request.options?.fieldValidation).body as Pod;
  return request.verb === 'update' ? (request.body as Pod) : undefined;
}

function stored({ registry, context, request }: SubresourceCall, next: Pod, old: Pod, errors: readonly FieldError[]): ApiResponse {
  if (errors.length > 0) throw invalid('', 'Pod', old.metadata.name, errors);
  const { definition, deps } = registry;
  const defaulted = (definition.defaults?.(next) ?? next) as Pod;
  const problems = definition.validate?.(defaulted) ?? [];
  if (problems.length > 0) throw invalid('', 'Pod', old.metadata.name, problems);
  const counted = {
    ...defaulted,
    metadata: { ...old.metadata, ...(old.metadata.generation !== undefined && { generation: old.metadata.generation + 1 }) },
  };
  const manager = context.manager && { ...context.manager, subresource: request.subresource };
  return { code: 200, object: registry.commit(context, withManagers(definition, old, counted, manager, deps.sim.now), old), warnings: [] };
}

/** GET, PUT and PATCH of …/ephemeralcontainers: containers may be added, never changed or removed. */
export const ephemeralContainersSubresource: Subresource = {
  resource: 'pods',
  name: 'ephemeralcontainers',
  handle(call) {
    const { registry, request } = call;
    const old = registry.get(request.namespace, request.name ?? '') as Pod;
    if (request.verb === 'get') return { code: 200, object: old, warnings: [] };
    const next = wanted(call, old);
    if (next === undefined) return undefined;
    const ephemeralContainers = next.spec?.ephemeralContainers ?? [];
    const withDefaults = registry.definition.defaults?.({ ...old, spec: { ...old.spec, ephemeralContainers } } as Pod) as Pod;
    const errors = ephemeralErrors(withDefaults.spec.ephemeralContainers ?? [], old);
    return stored(call, { ...old, spec: { ...old.spec, ephemeralContainers: withDefaults.spec.ephemeralContainers } }, old, errors);
  },
};

function ephemeralErrors(next: readonly EphemeralContainer[], { spec }: Pod): FieldError[] {
  const path = 'spec.ephemeralContainers';
  const errors: FieldError[] = [];
  const names = new Set([...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name));
  next.forEach(({ name }, index) => {
    if (names.has(name)) errors.push(duplicate(`${path}[${index}].name`, name));
    names.add(name);
  });
  const byName = new Map(next.map((container) => [container.name, container]));
  for (const container of spec.ephemeralContainers ?? []) {
    const kept = byName.get(container.name);
    if (kept === undefined)
      errors.push(forbiddenField(path, `existing ephemeral containers ${JSON.stringify(container.name)} may not be removed\n`));
    else if (!deepEqual(kept, container))
      errors.push(forbiddenField(path, `existing ephemeral containers ${JSON.stringify(container.name)} may not be changed\n`));
  }
  return errors;
}

/**
 * GET, PUT and PATCH of …/resize: requests and limits of the containers.
 * Differs: the new values count for scheduling and quota; a running container's cgroup is not changed.
 */
export const resizeSubresource: Subresource = {
  resource: 'pods',
  name: 'resize',
  handle(call) {
    const { registry, request } = call;
    const old = registry.get(request.namespace, request.name ?? '') as Pod;
    if (request.verb === 'get') return { code: 200, object: old, warnings: [] };
    const next = wanted(call, old);
    if (next === undefined) return undefined;
    const resources = new Map((next.spec?.containers ?? []).map((container) => [container.name, container.resources]));
    const resized = (containers: Container[]) =>
      containers.map((container) => ({ ...container, resources: resources.get(container.name) }));
    const changes = !deepEqual(
      { ...next.spec, containers: resized(old.spec.containers) },
      { ...old.spec, containers: resized(old.spec.containers) },
    );
    const errors = changes ? [forbiddenField('spec', 'only cpu and memory resources are mutable')] : [];
    return stored(call, { ...old, spec: { ...old.spec, containers: resized(old.spec.containers) } }, old, errors);
  },
};
