/**
 * Static pods and their mirrors in the API (`pkg/kubelet/pod/mirror_client.go`, `pkg/kubelet/config/common.go`):
 * the manifest runs whatever the API says; the mirror shows it, and comes back when it is deleted.
 */
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { keyOf } from '../apimachinery/meta.ts';
import { canonicalJson, fnv32a } from '../apimachinery/safe-encode.ts';
import { StatusError } from '../apimachinery/status.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { Pod, PodSpec } from '../api/generated/types.ts';
import type { KubeletOptions } from './host.ts';
import { deletePodForGood } from './status-writer.ts';

const MIRROR = 'kubernetes.io/config.mirror';
const HASH = 'kubernetes.io/config.hash';
const SOURCE = 'kubernetes.io/config.source';
const SEEN = 'kubernetes.io/config.seen';
/** Static pods tolerate every NoExecute taint. */
const TOLERATE_ALL = { operator: 'Exists', effect: 'NoExecute' };
const RETRY_MS = 10_000;

/** True for the API's picture of a static pod. */
export const isMirrorPod = ({ metadata }: Pod): boolean => metadata.annotations?.[MIRROR] !== undefined;

/** A hash of 32 hexadecimal digits of the manifest. Differs: upstream's is an MD5 sum. */
function manifestHash(text: string): string {
  let hash = '';
  for (let part = 0; part < 4; part++) hash += fnv32a(`${part}${text}`).toString(16).padStart(8, '0');
  return hash;
}

function defaulted(spec: PodSpec, nodeName: string): PodSpec {
  return {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    enableServiceLinks: true,
    ...spec,
    nodeName,
    tolerations: [...(spec.tolerations ?? []), TOLERATE_ALL],
  };
}

/** The static pods of one node. */
export class StaticPods {
  readonly #options: KubeletOptions;
  /** As they run: named after the node, with the hash as uid. */
  readonly pods: readonly Pod[];

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.pods = (options.staticPods ?? []).map((manifest) => this.#prepare(manifest));
  }

  isStatic(pod: Pod): boolean {
    return pod.metadata.annotations?.[SOURCE] === 'file' && !isMirrorPod(pod);
  }

  keyOf(pod: Pod): string {
    return keyOf(pod);
  }

  /** The uid of the static pod that a mirror shows, if it is one of this node's. */
  uidOfMirror({ metadata }: Pod): string | undefined {
    const uid = metadata.annotations?.[HASH];
    return this.pods.some((pod) => pod.metadata.uid === uid) ? uid : undefined;
  }

  /** Creates the mirrors that are missing; `known` finds the ones there are. Tries again later when the API refuses. */
  createMirrors(known: (key: string) => Pod | undefined): void {
    const { client, scope, nodeName } = this.#options;
    let failed = false;
    for (const pod of this.pods) {
      if (known(keyOf(pod)) !== undefined) continue;
      try {
        client.create(PodResource, this.#mirrorOf(pod));
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        failed ||= error.reason !== 'AlreadyExists';
      }
    }
    if (failed) scope.after(RETRY_MS, 'create mirror pods', `nodes/${nodeName}`, () => this.createMirrors(known), { background: true });
  }

  /** A mirror under deletion goes at once; nothing stops. */
  deleteMirror(pod: Pod): void {
    deletePodForGood(this.#options.client, pod);
  }

  #prepare(manifest: Pod): Pod {
    const { nodeName, scope } = this.#options;
    const hash = manifestHash(`${nodeName}${canonicalJson(manifest)}`);
    const { metadata } = manifest;
    return deepFreeze({
      ...manifest,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...metadata,
        name: `${metadata.name}-${nodeName}`,
        namespace: metadata.namespace ?? 'default',
        uid: hash,
        resourceVersion: '',
        creationTimestamp: formatTime(scope.now),
        annotations: { ...metadata.annotations, [HASH]: hash, [SEEN]: formatTime(scope.now), [SOURCE]: 'file' },
      },
      spec: defaulted(manifest.spec, nodeName),
    });
  }

  #mirrorOf({ metadata, spec }: Pod) {
    const { client, nodeName } = this.#options;
    const node = client.find(NodeResource, { name: nodeName });
    const owner = node && { apiVersion: 'v1', kind: 'Node', name: nodeName, uid: node.metadata.uid, controller: true };
    const { name, namespace, labels } = metadata;
    return {
      metadata: {
        name,
        namespace,
        labels,
        annotations: { ...metadata.annotations, [MIRROR]: metadata.uid },
        ...(owner && { ownerReferences: [owner] }),
      },
      spec,
    };
  }
}
