/** What kubelets may do through subresources: evict pods of their node, and get tokens for them (`plugin/pkg/admission/noderestriction`). */
import { notFound } from '../../apimachinery/status.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Pod, TokenRequest } from '../../api/generated/types.ts';
import type { AdmissionRequest } from './admission.ts';

/** Why a node may not evict a pod or ask for a token; undefined when it may. Throws 404 for a pod that is not there. */
export function nodeSubresourceProblem(node: string, request: AdmissionRequest): string | undefined {
  if (request.subresource === 'token') return token(node, request);
  return podOf(request, request.name).spec.nodeName === node
    ? undefined
    : `node ${node} can only evict pods with spec.nodeName set to itself`;
}

function podOf({ reader, namespace }: AdmissionRequest, name: string): Pod {
  const found = reader.get(PodResource, namespace, name);
  if (found === undefined) throw notFound({ group: '', resource: 'pods' }, name);
  return found;
}

/** Tokens are for the pods that run on the node. */
function token(node: string, request: AdmissionRequest): string | undefined {
  const bound = (request.object as Partial<TokenRequest>).spec?.boundObjectRef;
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name) return 'node requested token not bound to a pod';
  if (!bound.uid) return 'node requested token with a pod binding without a uid';
  const found = podOf(request, bound.name);
  if (found.metadata.uid !== bound.uid)
    return `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  return found.spec.nodeName === node ? undefined : 'node requested token bound to a pod scheduled on a different node';
}
