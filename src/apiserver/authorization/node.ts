/** The Node authorizer: what a kubelet may do (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/node/node_authorizer.go`). */
import type { PolicyRule } from '../../api/generated/types.ts';
import type { UserInfo } from '../../api/request.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import type { NodeGraph, ReferenceKind } from './node-graph.ts';
import { ruleAllows } from './rules.ts';

const PREFIX = 'system:node:';
const LEASES = 'kube-node-lease';
const READ = ['get', 'list', 'watch'];
const OWN = ['get', 'create', 'update', 'patch', 'delete'];

/** The node whose kubelet the user is; undefined for others, "" for one without a name (`nodeidentifier`). */
export function nodeOf({ name, groups }: UserInfo): string | undefined {
  if (!name.startsWith(PREFIX) || !groups.includes('system:nodes')) return undefined;
  return name.slice(PREFIX.length);
}

/** Decides about kubelets, and has no opinion about others. */
export class NodeAuthorizer implements Authorizer {
  readonly #graph: NodeGraph;
  readonly #rules: () => readonly PolicyRule[];
  #known: readonly PolicyRule[] | undefined;

  /** `rules` are those of the role system:node. */
  constructor(graph: NodeGraph, rules: () => readonly PolicyRule[]) {
    this.#graph = graph;
    this.#rules = rules;
  }

  authorize(attributes: Attributes): Decision {
    const node = nodeOf(attributes.user);
    if (node === undefined) return NO_OPINION;
    if (node === '') return no(`unknown node for user ${JSON.stringify(attributes.user.name)}`);
    const answer = attributes.path === undefined ? this.#subdivided(node, attributes) : undefined;
    if (answer !== undefined) return answer === true ? YES : no(answer);
    this.#known ??= this.#rules();
    return this.#known.some((rule) => ruleAllows(rule, attributes)) ? YES : NO_OPINION;
  }

  /** True, or why not; undefined for what the rules decide. */
  #subdivided(node: string, attributes: Attributes): true | string | undefined {
    const [resource, subresource] = attributes.resource.split('/', 2);
    switch (`${attributes.group}/${resource ?? ''}`) {
      case '/secrets':
        return this.#read(node, 'secret', attributes, subresource);
      case '/configmaps':
        return this.#read(node, 'configmap', attributes, subresource);
      case '/persistentvolumeclaims':
        return this.#claim(node, attributes, subresource);
      case '/persistentvolumes':
        return getOnly(attributes, subresource) ?? this.#related(node, this.#graph.usesVolume(node, attributes.name), attributes);
      case 'storage.k8s.io/volumeattachments':
        return getOnly(attributes, subresource) ?? unrelated(node);
      case '/serviceaccounts':
        return this.#token(node, attributes, subresource);
      case 'coordination.k8s.io/leases':
        return ownLease(node, attributes);
      case 'storage.k8s.io/csinodes':
        return ownCsiNode(node, attributes, subresource);
      case '/nodes':
        return ownNode(node, attributes, subresource);
      case '/pods':
        return ownPods(node, attributes, subresource);
      default:
        return undefined;
    }
  }

  #read(node: string, kind: ReferenceKind, attributes: Attributes, subresource: string | undefined): true | string {
    if (!READ.includes(attributes.verb)) return 'can only read resources of this type';
    if (subresource !== undefined) return 'cannot read subresource';
    if (attributes.namespace === '') return 'can only read namespaced object of this type';
    return this.#referred(node, kind, attributes);
  }

  #claim(node: string, attributes: Attributes, subresource: string | undefined): true | string {
    if (subresource === 'status') {
      if (attributes.verb !== 'update' && attributes.verb !== 'patch') return 'can only get/update/patch this type';
      return this.#referred(node, 'persistentvolumeclaim', attributes);
    }
    return getOnly(attributes, subresource) ?? this.#referred(node, 'persistentvolumeclaim', attributes);
  }

  #token(node: string, attributes: Attributes, subresource: string | undefined): true | string {
    if (attributes.verb !== 'create' || attributes.name === '') return 'can only create tokens for individual service accounts';
    if (subresource !== 'token') return 'can only create token subresource of serviceaccount';
    return this.#referred(node, 'serviceaccount', attributes);
  }

  #referred(node: string, kind: ReferenceKind, attributes: Attributes): true | string {
    return this.#related(node, this.#graph.refers(node, kind, attributes.namespace, attributes.name), attributes);
  }

  #related(node: string, related: boolean, { name }: Attributes): true | string {
    if (name === '') return 'No Object name found';
    return related || unrelated(node);
  }
}

const NO_OPINION: Decision = { allowed: false, reason: '', authorizer: 'Node' };
const YES: Decision = { allowed: true, reason: '', authorizer: 'Node' };
const no = (reason: string): Decision => ({ allowed: false, reason, authorizer: 'Node' });
const unrelated = (node: string): string => `no relationship found between node '${node}' and this object`;

function getOnly({ verb }: Attributes, subresource: string | undefined): string | undefined {
  if (verb !== 'get') return 'can only get individual resources of this type';
  return subresource === undefined ? undefined : 'cannot get subresource';
}

function ownLease(node: string, { verb, namespace, name }: Attributes): true | string {
  if (!OWN.includes(verb)) return 'can only get, create, update, patch, or delete a node lease';
  if (namespace !== LEASES) return `can only access leases in the ${JSON.stringify(LEASES)} system namespace`;
  return verb === 'create' || name === node || 'can only access node lease with the same name as the requesting node';
}

function ownCsiNode(node: string, { verb, name }: Attributes, subresource: string | undefined): true | string {
  if (!OWN.includes(verb)) return 'can only get, create, update, patch, or delete a CSINode';
  if (subresource !== undefined) return 'cannot authorize CSINode subresources';
  return verb === 'create' || name === node || 'can only access CSINode with the same name as the requesting node';
}

/** `authorizeNode`: admission (NodeRestriction) looks at what is written. */
function ownNode(node: string, { verb, name }: Attributes, subresource: string | undefined): true | string | undefined {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? true : undefined;
  if (subresource !== undefined) return undefined;
  if (verb === 'create' || verb === 'update' || verb === 'patch') return true;
  if (!READ.includes(verb)) return undefined;
  return name === node || `node '${node}' cannot read '${name}', only its own Node object`;
}

/** `authorizePod`. */
function ownPods(node: string, { verb, name, fieldSelector }: Attributes, subresource: string | undefined): true | string | undefined {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? true : undefined;
  if (subresource === 'eviction') return verb === 'create' ? true : undefined;
  if (subresource !== undefined) return undefined;
  if (verb === 'create' || verb === 'delete' || (verb === 'get' && name !== '')) return true;
  if (verb !== 'list' && verb !== 'watch') return undefined;
  const own = fieldSelector?.split(',').some((part) => part === `spec.nodeName=${node}` || part === `spec.nodeName==${node}`);
  return own || 'can only list/watch pods with spec.nodeName field selector';
}
