/**
 * Refuses objects in namespaces that do not exist or are going, and keeps the three system namespaces
 * (`k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle`).
 */
import { NamespaceResource } from '../../api/core/namespace.ts';
import { forbidden, notFound, StatusError } from '../../apimachinery/status.ts';
import type { AdmissionPlugin } from './admission.ts';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  seesSubresources: true,
  admit(request, object) {
    const { operation, resource, namespace, name, reader } = request;
    if (operation !== 'CREATE' || !resource.namespaced || namespace === undefined) return object;
    const found = reader.get(NamespaceResource, undefined, namespace);
    if (found === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace);
    if (found.metadata.deletionTimestamp === undefined) return object;
    const refusal = forbidden(
      { group: resource.group, resource: resource.plural },
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
    const causes = [{ reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' }];
    throw new StatusError(403, 'Forbidden', refusal.message, { ...refusal.status.details, causes });
  },
  validate({ operation, resource, name }) {
    if (operation === 'DELETE' && resource.kind === 'Namespace' && IMMORTAL.has(name))
      throw forbidden({ group: '', resource: 'namespaces' }, name, 'this namespace may not be deleted');
  },
};
