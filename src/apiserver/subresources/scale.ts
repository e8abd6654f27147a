/** The scale subresource of every kind that has replicas (`autoscaling/v1.Scale`). */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { badRequest, conflict, invalid, invalidValue, OPTIMISTIC_LOCK_ERROR } from '../../apimachinery/status.ts';
import type { ApiResponse } from '../../api/request.ts';
import { userRequests } from '../user-requests.ts';
import type { Registry } from '../registry/registry.ts';
import { subresourceRequest } from './admission.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

interface Scale extends KubernetesObject {
  spec: { replicas?: number };
  status: { replicas: number; selector: string };
}

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale', schema: 'autoscaling.v1.Scale' };

/** GET, PUT and PATCH of …/scale. */
export const scaleSubresource: Subresource = {
  resource: '*',
  name: 'scale',
  handle(call: SubresourceCall): ApiResponse | undefined {
    const { registry, context, request } = call;
    if (registry.definition.subresources.scale === undefined) return undefined;
    const old = registry.get(request.namespace, request.name ?? '');
    const current = scaleOf(registry, old);
    if (request.verb === 'get') return { code: 200, object: current, warnings: [] };
    if (request.verb !== 'update' && request.verb !== 'patch') return undefined;
    const asked = (request.verb === 'patch' ? patched(call, current) : request.body) as Scale;
    const { admission } = registry.deps;
    const attributes = subresourceRequest(call, { operation: 'UPDATE', old: current, bodyKind: SCALE }, asked);
    const sent = admission.mutate(attributes, asked) as Scale;
    const { name, resourceVersion } = sent.metadata ?? {};
    if (name && name !== old.metadata.name)
      throw badRequest(`the name of the object (${name}) does not match the name on the URL (${old.metadata.name})`);
    if (resourceVersion && resourceVersion !== old.metadata.resourceVersion)
      throw conflict(registry.groupResource, old.metadata.name, OPTIMISTIC_LOCK_ERROR);
    const replicas = sent.spec?.replicas ?? 0;
    if (replicas < 0)
      throw invalid('autoscaling', 'Scale', old.metadata.name, [
        invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
      ]);
    const next = registry.definition.subresources.scale.withReplicas(old, replicas);
    admission.validate({ ...attributes, object: scaleOf(registry, next) });
    return { code: 200, object: scaleOf(registry, registry.update({ ...context, admitted: true }, next)), warnings: [] };
  },
};

/** The Scale with the patch applied: it has a schema of its own, but the name and namespace of its parent. */
function patched({ registry, request }: SubresourceCall, current: Scale): unknown {
  return userRequests
    .get()
    .checkBody(
      SCALE,
      userRequests.get().patchObject({ ...registry.definition, ...SCALE }, current, request),
      request.options?.fieldValidation,
    ).body;
}

function scaleOf(registry: Registry, object: KubernetesObject): Scale {
  const paths = registry.definition.subresources.scale;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: paths?.specReplicas(object) ?? 0 },
    status: { replicas: paths?.statusReplicas(object) ?? 0, selector: paths?.selector(object) ?? '' },
  };
}
