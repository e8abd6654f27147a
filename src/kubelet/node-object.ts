/** What a kubelet says of its machine: labels, addresses, capacity, nodeInfo, conditions (`pkg/kubelet/nodestatus/setters.go`). */
import { formatQuantity, quantityOf, milliQuantityOf } from '../apimachinery/quantity.ts';
import type { ContainerImage, NodeCondition, NodeStatus, NodeSystemInfo } from '../api/generated/types.ts';
import type { RuntimeImage } from '../container-runtime/cri.ts';
import type { KubeletOptions } from './host.ts';

/** `--eviction-hard memory.available<100Mi`, bytes. */
export const EVICTION_MEMORY_BYTES = 100 * 1024 * 1024;
/** `nodeStatusMaxImages`. */
const MAX_IMAGES = 50;
const DEFAULT_EPHEMERAL_STORAGE = 100 * 1024 ** 3;

/** Text of the node's Ready condition when the network plugin has not come up; `error` is the plugin's ("cni plugin not initialized"). */
export const networkNotReadyText = (error: string): string =>
  `container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: ${error}`;

type Allocatable = { milliCpu: number; memoryBytes: number; pods: number; ephemeralStorageBytes: number };

/** What pods may use: capacity less what is reserved and the eviction threshold of memory; nine tenths of the disk. */
export function allocatableOf({ capacity, reserved }: Pick<KubeletOptions, 'capacity' | 'reserved'>): Allocatable {
  return {
    milliCpu: capacity.milliCpu - (reserved?.milliCpu ?? 0),
    memoryBytes: capacity.memoryBytes - (reserved?.memoryBytes ?? 0) - EVICTION_MEMORY_BYTES,
    pods: capacity.pods,
    ephemeralStorageBytes: Math.floor((capacity.ephemeralStorageBytes ?? DEFAULT_EPHEMERAL_STORAGE) * 0.9),
  };
}

function resourceList({ milliCpu, memoryBytes, pods, ephemeralStorageBytes }: Allocatable): Record<string, string> {
  const kibibytes = (bytes: number) => `${Math.floor(bytes / 1024)}Ki`;
  return {
    cpu: formatQuantity(milliQuantityOf(milliCpu)),
    'ephemeral-storage': kibibytes(ephemeralStorageBytes),
    'hugepages-1Gi': '0',
    'hugepages-2Mi': '0',
    memory: kibibytes(memoryBytes),
    pods: formatQuantity(quantityOf(pods)),
  };
}

/** The labels that every node has. */
export function nodeLabels({ nodeName, labels }: Pick<KubeletOptions, 'nodeName' | 'labels'>): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    ...labels,
  };
}

function nodeInfo({ runtime, release }: KubeletOptions, ids: NodeIds): NodeSystemInfo {
  return {
    architecture: 'amd64',
    bootID: ids.bootId,
    containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
    kernelVersion: '6.8.0-60-generic',
    kubeProxyVersion: '',
    kubeletVersion: release,
    machineID: ids.machineId,
    operatingSystem: 'linux',
    osImage: 'Ubuntu 24.04.2 LTS',
    systemUUID: ids.systemUuid,
  };
}

/** The machine's identities; drawn once. */
export interface NodeIds {
  readonly bootId: string;
  readonly machineId: string;
  readonly systemUuid: string;
}

function imageList(images: readonly RuntimeImage[]): ContainerImage[] {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes)
    .slice(0, MAX_IMAGES)
    .map(({ names, sizeBytes }) => ({ names: [...names], sizeBytes }));
}

/** What decides the node's conditions. */
export interface NodeHealth {
  readonly memoryPressure: boolean;
  /** Text of why the network is not ready. */
  readonly networkNotReady: string | undefined;
}

function findings({ memoryPressure, networkNotReady }: NodeHealth): Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>[] {
  return [
    memoryPressure
      ? {
          type: 'MemoryPressure',
          status: 'True',
          reason: 'KubeletHasInsufficientMemory',
          message: 'kubelet has insufficient memory available',
        }
      : {
          type: 'MemoryPressure',
          status: 'False',
          reason: 'KubeletHasSufficientMemory',
          message: 'kubelet has sufficient memory available',
        },
    { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
    { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
    networkNotReady === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: networkNotReady },
  ];
}

/** The node's conditions at `now`; those of others (NetworkUnavailable) are kept and come first. */
export function nodeConditions(health: NodeHealth, before: readonly NodeCondition[], now: string): NodeCondition[] {
  const own = findings(health).map((finding) => {
    const last = before.find(({ type }) => type === finding.type);
    return { ...finding, lastHeartbeatTime: now, lastTransitionTime: last?.status === finding.status ? last.lastTransitionTime : now };
  });
  return [...before.filter(({ type }) => !own.some((condition) => condition.type === type)), ...own];
}

/** The whole status. `now` is the API's text of the time. */
export function nodeStatus(
  options: KubeletOptions,
  ids: NodeIds,
  health: NodeHealth,
  before: NodeStatus | undefined,
  now: string,
): NodeStatus {
  const { nodeName, nodeIp, capacity, runtime } = options;
  const whole = { ...capacity, ephemeralStorageBytes: capacity.ephemeralStorageBytes ?? DEFAULT_EPHEMERAL_STORAGE };
  return {
    ...before,
    addresses: [
      { type: 'InternalIP', address: nodeIp },
      { type: 'Hostname', address: nodeName },
    ],
    capacity: resourceList(whole),
    allocatable: resourceList(allocatableOf(options)),
    conditions: nodeConditions(health, before?.conditions ?? [], now),
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
    images: imageList(runtime.listImages()),
    nodeInfo: nodeInfo(options, ids),
  };
}
