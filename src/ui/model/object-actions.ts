/** What can be done to an object with one click, each with the kubectl command that does the same. */
import { nodeState } from './node-state.ts';
import { resourceByKind } from '../../api/index.ts';
import { FaultResource } from '../../api/kubarium/fault.ts';
import { NodeResource } from '../../api/core/node.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { hasReason } from '../../apimachinery/status.ts';
import type { ClusterActions } from '../cluster/actions.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { Node } from '../../api/generated/types.ts';

/** Names of actions; their labels are in the messages of the area `objectActions`. */
export type ActionId = 'scaleUp' | 'scaleDown' | 'restart' | 'cordon' | 'uncordon' | 'stopNode' | 'startNode' | 'delete';

/** One action on one object. */
export interface ObjectAction {
  id: ActionId;
  /** The command that does the same. */
  command: string;
  run(actions: ClusterActions, now: number): Promise<unknown>;
  /** Takes it back, where that is possible. */
  undo?(actions: ClusterActions): Promise<unknown>;
}

/** Where kubectl notes what was applied. A copy of the constant in src/scenario/apply.ts, which would bring all field tables along. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const RESTARTABLE = ['Deployment', 'StatefulSet', 'DaemonSet'];
const SCALABLE = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'];

const flag = (namespace: string | undefined): string => (namespace && namespace !== 'default' ? ` -n ${namespace}` : '');

function scaling(object: KubernetesObject, resource: ResourceDefinition): ObjectAction[] {
  if (!SCALABLE.includes(object.kind)) return [];
  const { name, namespace } = object.metadata;
  const replicas = (object as { spec?: { replicas?: number } }).spec?.replicas ?? 1;
  const to = (id: 'scaleUp' | 'scaleDown', next: number): ObjectAction => ({
    id,
    command: `kubectl scale ${resource.singular}/${name} --replicas=${String(next)}${flag(namespace)}`,
    run: (actions) => actions.scale(resource, namespace, name, next),
    undo: (actions) => actions.scale(resource, namespace, name, replicas),
  });
  return [...(replicas > 0 ? [to('scaleDown', replicas - 1)] : []), to('scaleUp', replicas + 1)];
}

function restart(object: KubernetesObject, resource: ResourceDefinition): ObjectAction[] {
  if (!RESTARTABLE.includes(object.kind)) return [];
  const { name, namespace } = object.metadata;
  return [
    {
      id: 'restart',
      command: `kubectl rollout restart ${resource.singular}/${name}${flag(namespace)}`,
      run: (actions, now) => {
        const annotations = { 'kubectl.kubernetes.io/restartedAt': formatTime(now) };
        return actions.patch(resource, namespace, name, { spec: { template: { metadata: { annotations } } } }, 'strategic');
      },
    },
  ];
}

function nodeActions(node: Node): ObjectAction[] {
  const { name } = node.metadata;
  const cordoned = node.spec?.unschedulable === true;
  const setCordon = (on: boolean) => (actions: ClusterActions) =>
    actions.patch(NodeResource, undefined, name, { spec: { unschedulable: on ? true : null } }, 'merge');
  const fault = (kind: 'NodeDown' | 'NodeUp') => (actions: ClusterActions) =>
    actions.create(FaultResource, undefined, {
      apiVersion: 'kubarium.dev/v1alpha1',
      kind: 'Fault',
      metadata: { generateName: `${kind === 'NodeDown' ? 'node-down' : 'node-up'}-` },
      spec: { kind, node: name },
    });
  const stop: ObjectAction = {
    id: 'stopNode',
    command: `kubectl create -f - <<< '${faultText('NodeDown', name)}'`,
    run: fault('NodeDown'),
    undo: fault('NodeUp'),
  };
  const start: ObjectAction = { id: 'startNode', command: `kubectl create -f - <<< '${faultText('NodeUp', name)}'`, run: fault('NodeUp') };
  return [
    {
      id: cordoned ? 'uncordon' : 'cordon',
      command: `kubectl ${cordoned ? 'uncordon' : 'cordon'} ${name}`,
      run: setCordon(!cordoned),
      undo: setCordon(cordoned),
    },
    // A node that was stopped a moment ago still counts as Ready, so starting is offered from the first doubt on.
    nodeState(node) === 'ready' ? stop : start,
  ];
}

const faultText = (kind: string, node: string): string => `{kind: Fault, spec: {kind: ${kind}, node: ${node}}, ...}`;

/** What of an object a person would write down again: without what the server filled in. */
export function manifestOf(object: KubernetesObject): KubernetesObject {
  const {
    uid: _uid,
    resourceVersion: _version,
    creationTimestamp: _created,
    managedFields: _fields,
    generation: _generation,
    ownerReferences: _owners,
    ...metadata
  } = object.metadata;
  const { status: _status, ...rest } = object as KubernetesObject & { status?: unknown };
  return { ...rest, metadata: metadata as KubernetesObject['metadata'] };
}

function removal(object: KubernetesObject, resource: ResourceDefinition): ObjectAction[] {
  if (resource.verbs && !resource.verbs.includes('delete')) return [];
  const { name, namespace, ownerReferences } = object.metadata;
  const action: ObjectAction = {
    id: 'delete',
    command: `kubectl delete ${resource.singular} ${name}${flag(namespace)}`,
    run: (actions) => actions.remove(resource, namespace, name),
  };
  // What has an owner is made again by it, a namespace took everything along, and a node would not run.
  if (ownerReferences?.length || object.kind === 'Namespace' || object.kind === 'Node') return [action];
  const manifest = object.kind === 'Pod' ? appliedManifest(object) : manifestOf(object);
  return [manifest ? { ...action, undo: (actions) => createOnceFree(() => actions.create(resource, namespace, manifest)) } : action];
}

/** What was applied, with the note of it: a Pod holds much that others filled in, its node above all, and must not come back with that. */
function appliedManifest({ metadata }: KubernetesObject): KubernetesObject | undefined {
  const text = metadata.annotations?.[LAST_APPLIED];
  if (text === undefined) return undefined;
  try {
    const manifest = JSON.parse(text) as KubernetesObject;
    return { ...manifest, metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, [LAST_APPLIED]: text } } };
  } catch {
    return undefined; // written by hand
  }
}

const TRIES = 15;
const WAIT_MS = 1000;

/** Creates an object whose namesake may still be terminating. */
async function createOnceFree(create: () => Promise<unknown>): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await create();
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists') || tries === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
    }
  }
}

/** The actions for an object, the most usual first, deletion last. */
export function actionsFor(object: KubernetesObject): ObjectAction[] {
  const resource = resourceByKind(object.apiVersion, object.kind);
  if (!resource) return [];
  if (object.metadata.deletionTimestamp !== undefined && object.kind !== 'Node') return [];
  const own = object.kind === 'Node' ? nodeActions(object as Node) : [];
  return [...scaling(object, resource), ...restart(object, resource), ...own, ...removal(object, resource)];
}
