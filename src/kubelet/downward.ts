/**
 * The downward API: fields of the pod and resources of its containers as text, for environment variables and volumes
 * (`pkg/fieldpath/fieldpath.go`, `pkg/api/v1/resource/helpers.go`, `pkg/kubelet/kubelet_pods.go` podFieldSelectorRuntimeValue).
 */
import { StatusError } from '../apimachinery/status.ts';
import { parseQuantity } from '../apimachinery/quantity.ts';
import type { Container, Pod, PodStatus } from '../api/generated/types.ts';

/** What of a pod's status a field reference may name; the kubelet knows it before the API does. */
export type RuntimeFields = Pick<PodStatus, 'podIP' | 'podIPs' | 'hostIP' | 'hostIPs'>;

/** The node's allocatable, used where a container has no limit. */
export interface Allocatable {
  milliCpu: number;
  memoryBytes: number;
  ephemeralStorageBytes?: number;
}

/** A reference that cannot be resolved; the text becomes the container's waiting message. */
export function unresolvable(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** `FormatMap`: key="value" lines in order of the keys. */
export function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(map ?? {}).sort();
  return keys.map((key) => `${key}=${JSON.stringify(map?.[key])}`).join('\n');
}

/** The value of `fieldPath`. Throws for a path that pods do not have. */
export function fieldValue(pod: Pod, fieldPath: string, runtime: RuntimeFields = pod.status ?? {}): string {
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath);
  if (subscript) {
    const map = subscript[1] === 'metadata.labels' ? pod.metadata.labels : pod.metadata.annotations;
    return map?.[subscript[2] ?? ''] ?? '';
  }
  const { metadata, spec } = pod;
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name;
    case 'metadata.namespace':
      return metadata.namespace ?? '';
    case 'metadata.uid':
      return metadata.uid;
    case 'metadata.labels':
      return formatMap(metadata.labels);
    case 'metadata.annotations':
      return formatMap(metadata.annotations);
    case 'spec.nodeName':
      return spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? '';
    case 'status.hostIP':
      return runtime.hostIP ?? '';
    case 'status.hostIPs':
      return runtime.hostIPs?.map(({ ip }) => ip).join(',') ?? runtime.hostIP ?? '';
    case 'status.podIP':
      return runtime.podIP ?? '';
    case 'status.podIPs':
      return runtime.podIPs?.map(({ ip }) => ip ?? '').join(',') ?? '';
    default:
      throw unresolvable(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** Resource name → the divisor that 0 or an absent one stands for is 1; amounts are divided rounding up. */
function divideUp(amountNano: bigint, divisor: string | number | undefined): string {
  const parsed = divisor === undefined || divisor === '' ? 0n : parseQuantity(divisor).nano;
  const unit = parsed === 0n ? 1_000_000_000n : parsed;
  return String((amountNano + unit - 1n) / unit);
}

/** The value of a `resourceFieldRef` such as "limits.cpu", a whole number of divisors, rounded up (`ExtractContainerResourceValue`). */
export function resourceValue(
  container: Pick<Container, 'resources'>,
  resource: string,
  divisor?: string | number,
  allocatable?: Allocatable,
): string {
  const match = /^(limits|requests)\.(cpu|memory|ephemeral-storage|hugepages-.+)$/.exec(resource);
  if (!match) throw unresolvable(`unsupported container resource : ${resource}`);
  const [, list, name = ''] = match;
  const { limits, requests } = container.resources ?? {};
  const stated = list === 'limits' ? limits?.[name] : requests?.[name];
  if (stated !== undefined) return divideUp(parseQuantity(stated).nano, divisor);
  return divideUp(list === 'limits' ? allocatableNano(name, allocatable) : 0n, divisor);
}

function allocatableNano(name: string, allocatable: Allocatable | undefined): bigint {
  if (allocatable === undefined) return 0n;
  if (name === 'cpu') return BigInt(allocatable.milliCpu) * 1_000_000n;
  if (name === 'memory') return BigInt(allocatable.memoryBytes) * 1_000_000_000n;
  return BigInt(name === 'ephemeral-storage' ? (allocatable.ephemeralStorageBytes ?? 0) : 0) * 1_000_000_000n;
}
