/**
 * Admission of what is written through a subresource (`k8s.io/apiserver/pkg/endpoints/handlers/{create,update}.go`, which do for
 * subresources what they do for objects): the parent's resource with the subresource's name, and the kind of what was sent.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { AdmissionRequest, BodyKind } from '../admission/admission.ts';
import type { SubresourceCall } from './subresource.ts';

/** What is written, and to what. */
interface SubresourceWrite {
  readonly operation: AdmissionRequest['operation'];
  readonly old?: KubernetesObject;
  readonly bodyKind?: BodyKind;
}

/** The request as admission sees it. */
export function subresourceRequest(
  { registry, context, request }: SubresourceCall,
  write: SubresourceWrite,
  object: KubernetesObject,
): AdmissionRequest {
  const { definition, deps } = registry;
  const { subresource = '', namespace, name = '' } = request;
  return {
    resource: definition,
    subresource,
    namespace,
    name,
    object,
    old: undefined,
    ...write,
    ...context,
    reader: deps.reader,
    now: deps.sim.now,
  };
}

/** Both halves of admission, for what is not checked in between. Returns what the mutating half made of the body; throws the refusal. */
export function admitBody<T>(call: SubresourceCall, bodyKind: BodyKind, body: T, operation: AdmissionRequest['operation'] = 'CREATE'): T {
  const { group, version, kind } = bodyKind;
  const object = { apiVersion: group ? `${group}/${version}` : version, kind, ...body } as unknown as KubernetesObject;
  const request = subresourceRequest(call, { operation, bodyKind }, object);
  const { admission } = call.registry.deps;
  const admitted = admission.mutate(request, object);
  admission.validate({ ...request, object: admitted });
  return admitted as unknown as T;
}
