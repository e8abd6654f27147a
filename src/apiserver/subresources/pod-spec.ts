/**
 * Parts of a running pod's spec that have a door of their own: ephemeral containers and resources
 * (`k8s.io/kubernetes/pkg/registry/core/pod/storage/storage.go`, `validation.go`: ValidatePodEphemeralContainersUpdate, ValidatePodResize).
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import { duplicate, forbiddenField, invalid } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { EphemeralContainer, Pod } from '../../api/generated/types.ts';
import type { ApiResponse } from '../../api/request.ts';
import type { AdmissionRequest } from '../admission/admission.ts';
import { withManagers } from '../field-managers.ts';
import { userRequests } from '../user-requests.ts';
import { subresourceRequest } from './admission.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

function stored({ registry, context, request }: SubresourceCall, { next, errors }: Change, old: Pod, asked: AdmissionRequest): ApiResponse {
  if (errors.length > 0) throw invalid('', 'Pod', old.metadata.name, errors);
  const { definition, deps } = registry;
  const defaulted = (definition.defaults?.(next) ?? next) as Pod;
  const problems = definition.validate?.(defaulted) ?? [];
  if (problems.length > 0) throw invalid('', 'Pod', old.metadata.name, problems);
  const counted = {
    ...defaulted,
    metadata: { ...old.metadata, ...(old.metadata.generation !== undefined && { generation: old.metadata.generation + 1 }) },
  };
  deps.admission.validate({ ...asked, object: counted });
  const manager = context.manager && { ...context.manager, subresource: request.subresource };
  return { code: 200, object: registry.commit(context, withManagers(definition, old, counted, manager, deps.sim.now), old), warnings: [] };
}

/** What a change of a part of the spec comes to, and what is wrong with it. */
interface Change {
  readonly next: Pod;
  readonly errors: readonly FieldError[];
}

/** A subresource that reads the whole pod and writes only what `change` takes over from the pod that the request wants. */
function partOfSpec(name: string, change: (wanted: Pod, old: Pod, call: SubresourceCall) => Change): Subresource {
  return {
    resource: 'pods',
    name,
    handle(call) {
      const { registry, request } = call;
      const { definition } = registry;
      const old = registry.get(request.namespace, request.name ?? '') as Pod;
      if (request.verb === 'get') return { code: 200, object: old, warnings: [] };
      if (request.verb !== 'patch' && request.verb !== 'update') return undefined;
      const wanted =
        request.verb === 'patch'
          ? userRequests
              .get()
              .checkBody(definition, userRequests.get().patchObject(definition, old, request), request.options?.fieldValidation).body
          : request.body;
      const asked = subresourceRequest(call, { operation: 'UPDATE', old }, wanted as Pod);
      const admitted = registry.deps.admission.mutate(asked, wanted as Pod) as Pod;
      return stored(call, change(admitted, old, call), old, asked);
    },
  };
}

/** GET, PUT and PATCH of …/ephemeralcontainers: containers may be added, never changed or removed. */
export const ephemeralContainersSubresource = partOfSpec('ephemeralcontainers', (wanted, old, { registry }) => {
  const asked = { ...old, spec: { ...old.spec, ephemeralContainers: wanted.spec?.ephemeralContainers ?? [] } };
  const next = {
    ...old,
    spec: { ...old.spec, ephemeralContainers: (registry.definition.defaults?.(asked) as Pod).spec.ephemeralContainers },
  };
  return { next, errors: ephemeralErrors(next.spec.ephemeralContainers ?? [], old) };
});

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
export const resizeSubresource = partOfSpec('resize', (wanted, old) => {
  const resources = new Map((wanted.spec?.containers ?? []).map((container) => [container.name, container.resources]));
  const containers = old.spec.containers.map((container) => ({ ...container, resources: resources.get(container.name) }));
  const changesMore = !deepEqual({ ...wanted.spec, containers }, { ...old.spec, containers });
  return {
    next: { ...old, spec: { ...old.spec, containers } },
    errors: changesMore ? [forbiddenField('spec', 'only cpu and memory resources are mutable')] : [],
  };
});
