/** What the parts of one kubelet share, and what a cluster gives a kubelet. */
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { ContainerRuntime, VolumeTree } from '../container-runtime/cri.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { Pod, Taint } from '../api/generated/types.ts';
import type { DnsSettings } from './dns.ts';
import type { EtcFiles } from './etc-files.ts';
import type { EnvEntry } from './service-env.ts';
import type { SharedParts } from './shared-parts.ts';
import type { ImageManager } from './images.ts';
import type { VolumeManager } from './volumes/volume-manager.ts';
import type { NodeIds } from './node-object.ts';
import type { ConfigCache } from './config-cache.ts';

/** The machine's size. */
export interface NodeCapacity {
  milliCpu: number;
  memoryBytes: number;
  pods: number;
  ephemeralStorageBytes?: number;
}

/** How a kubelet is made. */
export interface KubeletOptions {
  /** The kubelet's process: its death is the node's. */
  scope: TaskScope;
  client: Client;
  runtime: ContainerRuntime;
  nodeName: string;
  nodeIp: string;
  capacity: NodeCapacity;
  /** Set aside for the system, taken off allocatable (`--system-reserved`, `--kube-reserved`). Default: nothing. */
  reserved?: { milliCpu: number; memoryBytes: number };
  /** Added to the labels every node has. */
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  /** `--register-with-taints`. */
  taints?: readonly Taint[];
  /** The machine's identities. Default: drawn. */
  ids?: NodeIds;
  /** Manifests of the static pod path; names get the node's name as suffix. */
  staticPods?: readonly Pod[];
  /** "v1.33.1" */
  release: string;
  /** The network plugin's error ("cni plugin not initialized"), or undefined when pods can be connected. Default: always ready. */
  networkNotReady?: () => string | undefined;
  /** The token that a serviceAccountToken projection holds. Default: a text that names the pod. */
  serviceAccountToken?: (pod: Pod, audience: string, expirationSeconds: number) => string;
  /** Files of the PersistentVolumes that all nodes can reach, by name. Default: this node's own. */
  sharedVolumes?: Map<string, VolumeTree>;
  /** Addresses of the cluster's DNS service (`--cluster-dns`). Default: 10.96.0.10. */
  clusterDns?: readonly string[];
  /** `--cluster-domain`. Default: cluster.local. */
  clusterDomain?: string;
  /** The node's own resolv.conf. Default: nameserver 8.8.8.8. */
  hostDns?: DnsSettings;
  /** Files of the node by absolute path of hostPath volumes. Default: none yet. */
  hostPaths?: Map<string, VolumeTree>;
  /**
   * True when the cluster comes back from storage: containers that ran are put back as they were.
   * False: a kubelet that starts adopts the containers the runtime still has, and counts the others as lost.
   */
  restore?: boolean;
  /** Puts an image on the node without a pull: called with the images that the node had before a restore. */
  preloadImage?: (image: string) => void;
}

/** The services of one kubelet, handed to its pod workers. */
export interface Host {
  readonly options: KubeletOptions;
  readonly scope: TaskScope;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly recorder: EventRecorder;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly config: ConfigCache;
  readonly etc: EtcFiles;
  readonly shared: SharedParts;
  /** What pods may use of the machine. */
  readonly allocatable: { milliCpu: number; memoryBytes: number; pods: number; ephemeralStorageBytes: number };
  /** Why pods cannot be connected, in the words of the node's condition. */
  networkNotReady(): string | undefined;
  /** The service variables of a pod's containers. */
  serviceEnv(pod: Pod): readonly EnvEntry[];
  /** Why the node cannot take the pod, or undefined when it can. */
  admit(pod: Pod): { reason: string; message: string } | undefined;
  /** The object in the API that carries the pod's status: the pod itself, or a static pod's mirror. */
  apiPod(pod: Pod): Pod | undefined;
  /** The worker has nothing left to do: the pod is gone from node and API. */
  finished(uid: string): void;
}
