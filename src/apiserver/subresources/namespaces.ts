/** PUT namespaces/{name}/finalize: how the namespace controller takes its finalizer away (`pkg/registry/core/namespace`). */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

type Namespace = KubernetesObject & { spec?: { finalizers?: string[] } };

export const finalizeSubresource: Subresource = {
  resource: 'namespaces',
  name: 'finalize',
  handle({ registry, context, request }: SubresourceCall) {
    if (request.verb !== 'update') return undefined;
    const old = registry.get(undefined, request.name ?? '') as Namespace;
    const finalizers = (request.body as Namespace).spec?.finalizers ?? [];
    const next: Namespace = { ...old, spec: { ...old.spec, finalizers } };
    const done = finalizers.length === 0 && old.metadata.deletionTimestamp !== undefined && !old.metadata.finalizers?.length;
    return { code: 200, object: done ? registry.remove(next) : registry.commit(context, next, old), warnings: [] };
  },
};
