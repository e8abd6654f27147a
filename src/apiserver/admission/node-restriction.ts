/** What kubelets may write: their own node, its lease, and the pods bound to it (`k8s.io/kubernetes/plugin/pkg/admission/noderestriction`). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { forbidden } from '../../apimachinery/status.ts';
import type { StatusError } from '../../apimachinery/status.ts';
import { NodeResource } from '../../api/core/node.ts';
import type { Container, Node, Pod, PodSpec } from '../../api/generated/types.ts';
import { nodeOf } from '../authorization/node.ts';
import { userRequests } from '../user-requests.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const RESTRICTED = 'node-restriction.kubernetes.io';
/** Labels of Kubernetes that a kubelet may set (`kubeletapis.IsKubeletLabel`). */
const KUBELET_LABELS = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/arch',
  'kubernetes.io/os',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const KUBELET_NAMESPACES = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

function refused({ resource, name, object }: AdmissionRequest, why: string): StatusError {
  return forbidden({ group: resource.group, resource: resource.plural }, name || (object?.metadata.generateName ?? ''), why);
}

/** The plugin. Its checks are on objects, which authorization does not see. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  seesSubresources: true,
  validate(request) {
    const node = nodeOf(request.user);
    if (node === undefined || request.operation === 'CONNECT') return;
    if (node === '') throw refused(request, `could not determine node from user ${JSON.stringify(request.user.name)}`);
    const why = problem(node, request);
    if (why !== undefined) throw refused(request, why);
  },
};

function problem(node: string, request: AdmissionRequest): string | undefined {
  const { resource, subresource } = request;
  switch (`${resource.group}/${resource.plural}`) {
    case '/pods':
      if (subresource === 'status') return podStatus(node, request);
      if (subresource === 'eviction') return userRequests.get().nodeSubresourceProblem(node, request);
      return subresource === ''
        ? pod(node, request)
        : `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`;
    case '/serviceaccounts':
      return subresource === 'token' ? userRequests.get().nodeSubresourceProblem(node, request) : undefined;
    case '/nodes':
      return ownNode(node, request);
    case '/persistentvolumeclaims':
      return subresource === 'status' ? undefined : 'may only update PVC status';
    case 'coordination.k8s.io/leases':
      if (request.namespace !== 'kube-node-lease') return `can only access leases in the "kube-node-lease" system namespace`;
      return request.name === node ? undefined : 'can only access node lease with the same name as the requesting node';
    case 'storage.k8s.io/csinodes':
      return request.name === node ? undefined : 'can only access CSINode with the same name as the requesting node';
    default:
      return undefined;
  }
}

function pod(node: string, { operation, object, old, reader }: AdmissionRequest): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  if (operation === 'DELETE')
    return (old as Pod).spec.nodeName === node ? undefined : `${who} can only delete pods with spec.nodeName set to itself`;
  if (operation !== 'CREATE') return `unexpected operation ${JSON.stringify(operation)}, ${who} can only create and delete mirror pods`;
  const { metadata, spec } = object as Pod;
  if (metadata.annotations?.[MIRROR] === undefined)
    return `pod does not have ${JSON.stringify(MIRROR)} annotation, ${who} can only create mirror pods`;
  if (spec.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  const [owner, ...more] = metadata.ownerReferences ?? [];
  if (more.length > 0) return `${who} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node)
    return `${who} can only create pods with an owner reference set to itself`;
  if (!owner.controller) return `${who} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `${who} must not set blockOwnerDeletion on an owner reference`;
  const uid = reader.get(NodeResource, undefined, node)?.metadata.uid ?? '';
  if (owner.uid !== uid) return `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
  const what = referenced(spec);
  return what && `${who} can not create pods that reference ${what}`;
}

/** What a mirror pod must not name. */
function referenced(spec: PodSpec): string | undefined {
  const containers: readonly Container[] = [...(spec.initContainers ?? []), ...spec.containers];
  const env = containers.flatMap((container) => [...(container.env ?? []).map(({ valueFrom }) => valueFrom), ...(container.envFrom ?? [])]);
  const volumes = spec.volumes ?? [];
  const projected = volumes.flatMap(({ projected: part }) => part?.sources ?? []);
  if (spec.serviceAccountName) return 'a service account';
  const uses = (...fields: string[]) =>
    [...env, ...volumes, ...projected].some((part) => fields.some((field) => part !== undefined && field in part));
  if (uses('secret', 'secretRef', 'secretKeyRef') || spec.imagePullSecrets?.length) return 'secrets';
  if (uses('configMap', 'configMapRef', 'configMapKeyRef')) return 'configmaps';
  return uses('persistentVolumeClaim') ? 'persistentvolumeclaims' : undefined;
}

function podStatus(node: string, { operation, object, old }: AdmissionRequest): string | undefined {
  if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`;
  const who = `node ${JSON.stringify(node)}`;
  if ((old as Pod).spec.nodeName !== node) return `${who} can only update pod status for pods with spec.nodeName set to itself`;
  return object?.metadata.labels === old?.metadata.labels || deepEqual(object?.metadata.labels, old?.metadata.labels)
    ? undefined
    : `${who} cannot update labels through pod status`;
}

function ownNode(node: string, { operation, object, old, name }: AdmissionRequest): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name)}`;
  if (operation === 'CREATE') {
    const labels = forbiddenLabels(object, undefined);
    return labels.length === 0 ? undefined : `${who} is not allowed to set the following labels: ${labels.join(', ')}`;
  }
  if (operation !== 'UPDATE') return undefined;
  if (!deepEqual((object as Node).spec?.taints, (old as Node).spec?.taints)) return `${who} is not allowed to modify taints`;
  const labels = forbiddenLabels(object, old);
  return labels.length === 0 ? undefined : `is not allowed to modify labels: ${labels.join(', ')}`;
}

function forbiddenLabels(next: KubernetesObject | undefined, old: KubernetesObject | undefined): string[] {
  const [after = {}, before = {}] = [next?.metadata.labels, old?.metadata.labels];
  if (after === before) return [];
  const changed = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((key) => after[key] !== before[key]);
  return changed.filter(isForbiddenToKubelets).sort();
}

/** Whether only others than kubelets may set this label of a node (`getForbiddenLabels`). */
export function isForbiddenToKubelets(key: string): boolean {
  const namespace = key.includes('/') ? (key.split('/', 1)[0] ?? '') : '';
  const within = (parent: string) => namespace === parent || namespace.endsWith(`.${parent}`);
  if (within(RESTRICTED)) return true;
  const ofKubernetes = within('kubernetes.io') || within('k8s.io');
  return ofKubernetes && !KUBELET_LABELS.has(key) && !KUBELET_NAMESPACES.some(within);
}
