/** PUT namespaces/{name}/finalize: how the namespace controller takes its finalizer away (`pkg/registry/core/namespace`). */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { subresourceRequest } from './admission.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

type Namespace = KubernetesObject & { spec?: { finalizers?: string[] } };

export const finalizeSubresource: Subresource = {
  resource: 'namespaces',
  name: 'finalize',
  handle(call: SubresourceCall) {
    const { registry, context, request } = call;
    if (request.verb !== 'update') return undefined;
    const old = registry.get(undefined, request.name ?? '') as Namespace;
    const { admission } = registry.deps;
    const attributes = subresourceRequest(call, { operation: 'UPDATE', old }, request.body as Namespace);
    const finalizers = (admission.mutate(attributes, request.body as Namespace) as Namespace).spec?.finalizers ?? [];
    const next: Namespace = { ...old, spec: { ...old.spec, finalizers } };
    admission.validate({ ...attributes, object: next });
    const done = finalizers.length === 0 && old.metadata.deletionTimestamp !== undefined && !old.metadata.finalizers?.length;
    return { code: 200, object: done ? registry.remove(next) : registry.commit(context, next, old), warnings: [] };
  },
};
