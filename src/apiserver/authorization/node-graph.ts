/**
 * Which objects the pods of a node refer to (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/node/{graph,graph_populator}.go`). Follows the pods
 * from the first question of a kubelet on; each pod's references are worked out once for its spec.
 */
import { PersistentVolumeResource } from '../../api/core/persistent-volume.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Container, Pod, PodSpec } from '../../api/generated/types.ts';
import type { UserInfo, WatchEvent, WatchSink } from '../../api/request.ts';
import type { ApiServer } from '../server.ts';

const USER: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] };

/** Kinds of objects that pods refer to. */
export type ReferenceKind = 'secret' | 'configmap' | 'persistentvolumeclaim' | 'serviceaccount';

const references = new WeakMap<PodSpec, ReadonlySet<string>>();

/** Everything a pod's spec names, as "secret/db". */
function referencesOf({ spec, metadata }: Pod): ReadonlySet<string> {
  let found = references.get(spec);
  // Claims of ephemeral volumes have the pod's name in theirs.
  if (spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined)) found = undefined;
  if (found === undefined) references.set(spec, (found = new Set(named(spec, metadata.name))));
  return found;
}

function* named(spec: PodSpec, podName: string): Generator<string> {
  if (spec.serviceAccountName) yield `serviceaccount/${spec.serviceAccountName}`;
  for (const { name } of spec.imagePullSecrets ?? []) if (name) yield `secret/${name}`;
  for (const volume of spec.volumes ?? []) {
    const { secret, configMap, persistentVolumeClaim, ephemeral, projected, csi } = volume;
    if (secret?.secretName) yield `secret/${secret.secretName}`;
    if (configMap?.name) yield `configmap/${configMap.name}`;
    if (persistentVolumeClaim) yield `persistentvolumeclaim/${persistentVolumeClaim.claimName}`;
    if (ephemeral) yield `persistentvolumeclaim/${podName}-${volume.name}`;
    if (csi?.nodePublishSecretRef?.name) yield `secret/${csi.nodePublishSecretRef.name}`;
    for (const source of projected?.sources ?? []) {
      if (source.secret?.name) yield `secret/${source.secret.name}`;
      if (source.configMap?.name) yield `configmap/${source.configMap.name}`;
    }
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])])
    yield* namedByContainer(container as Container);
}

function* namedByContainer({ env = [], envFrom = [] }: Container): Generator<string> {
  for (const { configMapRef, secretRef } of envFrom) {
    if (configMapRef?.name) yield `configmap/${configMapRef.name}`;
    if (secretRef?.name) yield `secret/${secretRef.name}`;
  }
  for (const { valueFrom } of env) {
    if (valueFrom?.configMapKeyRef?.name) yield `configmap/${valueFrom.configMapKeyRef.name}`;
    if (valueFrom?.secretKeyRef?.name) yield `secret/${valueFrom.secretKeyRef.name}`;
  }
}

/** The pods of each node. */
export class NodeGraph {
  readonly #server: () => ApiServer;
  readonly #byNode = new Map<string, Map<string, Pod>>();
  #following = false;

  constructor(server: () => ApiServer) {
    this.#server = server;
  }

  /** Whether a pod on the node refers to the object. */
  refers(node: string, kind: ReferenceKind, namespace: string, name: string): boolean {
    const wanted = `${kind}/${name}`;
    for (const pod of this.#podsOf(node)) if (pod.metadata.namespace === namespace && referencesOf(pod).has(wanted)) return true;
    return false;
  }

  /** Whether a pod on the node uses the volume through its claim. */
  usesVolume(node: string, name: string): boolean {
    const claim = this.#server().reader.get(PersistentVolumeResource, undefined, name)?.spec?.claimRef;
    return claim?.name !== undefined && this.refers(node, 'persistentvolumeclaim', claim.namespace ?? '', claim.name);
  }

  *#podsOf(node: string): Generator<Pod> {
    if (!this.#following) this.#follow();
    yield* this.#byNode.get(node)?.values() ?? [];
  }

  #follow(): void {
    this.#following = true;
    this.#byNode.clear();
    const server = this.#server();
    for (const pod of server.reader.list(PodResource)) this.#put(pod);
    const { group, version, plural: resource } = PodResource;
    const sink: WatchSink = { events: (batch) => batch.forEach((event) => this.#apply(event)), closed: () => (this.#following = false) };
    // Told at once: a kubelet must not be refused because the graph is late.
    const options = { sendInitialEvents: false };
    server.watch({ group, version, resource, user: USER, userAgent: 'node-authorizer', observer: true, options }, sink);
  }

  #apply({ type, object }: WatchEvent): void {
    if (type === 'BOOKMARK') return;
    if (type === 'ERROR') {
      this.#following = false;
      return;
    }
    const pod = object as Pod;
    const key = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
    if (type === 'DELETED') this.#byNode.get(pod.spec.nodeName ?? '')?.delete(key);
    else this.#put(pod);
  }

  #put(pod: Pod): void {
    const { nodeName } = pod.spec;
    if (!nodeName) return;
    let pods = this.#byNode.get(nodeName);
    if (pods === undefined) this.#byNode.set(nodeName, (pods = new Map<string, Pod>()));
    pods.set(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, pod);
  }
}
