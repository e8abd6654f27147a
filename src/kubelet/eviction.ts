/**
 * Node-pressure eviction for memory (`pkg/kubelet/eviction/eviction_manager.go`, `helpers.go`): below 100 MiB available
 * one pod goes at a time: first those above their request, then by priority, then by how far above.
 * Differs: nodes never come under DiskPressure or PIDPressure; only memory runs out.
 */
import { value } from '../apimachinery/quantity.ts';
import type { ContainerRuntime } from '../container-runtime/cri.ts';
import { podAmounts } from './admission.ts';
import type { KubeletOptions } from './host.ts';
import { EVICTION_MEMORY_BYTES } from './node-object.ts';
import type { PodWorker } from './pod-worker.ts';

/** The pod to go, and the text of its event and status. */
export interface Candidate {
  readonly worker: PodWorker;
  readonly message: string;
}

interface Usage {
  readonly worker: PodWorker;
  readonly bytes: number;
  readonly above: number;
}

const CRITICAL_PRIORITY = 2_000_000_000;

const kibibytes = (bytes: number): string => `${Math.ceil(bytes / 1024)}Ki`;

/** Memory that is left on the node, in bytes, and the pod to evict if that is too little. */
export function evictionCandidate(
  workers: Iterable<PodWorker>,
  runtime: ContainerRuntime,
  { capacity, reserved }: Pick<KubeletOptions, 'capacity' | 'reserved'>,
): { candidate: Candidate | undefined; availableBytes: number } {
  let availableBytes = capacity.memoryBytes - (reserved?.memoryBytes ?? 0);
  const usages: Usage[] = [];
  for (const worker of workers) {
    let bytes = 0;
    for (const { state, id } of worker.records) if (state === 'running') bytes += runtime.containerStatus(id)?.memoryBytes ?? 0;
    availableBytes -= bytes;
    if (bytes > 0 && worker.isActive) usages.push({ worker, bytes, above: bytes - podAmounts(worker.pod.spec).memoryBytes });
  }
  if (availableBytes >= EVICTION_MEMORY_BYTES) return { candidate: undefined, availableBytes };
  const evictable = usages.filter(({ worker }) => (worker.pod.spec.priority ?? 0) < CRITICAL_PRIORITY);
  const [first] = evictable.sort(rank);
  return { candidate: first && { worker: first.worker, message: evictionMessage(first, runtime, availableBytes) }, availableBytes };
}

/** `rankMemoryPressure`. */
function rank(a: Usage, b: Usage): number {
  if (a.above > 0 !== b.above > 0) return a.above > 0 ? -1 : 1;
  const priority = (a.worker.pod.spec.priority ?? 0) - (b.worker.pod.spec.priority ?? 0);
  return priority !== 0 ? priority : b.above - a.above;
}

/** `evictionMessage`. */
function evictionMessage({ worker }: Usage, runtime: ContainerRuntime, availableBytes: number): string {
  const low = `The node was low on resource: memory. Threshold quantity: 100Mi, available: ${kibibytes(Math.max(0, availableBytes))}. `;
  const parts = worker.records.flatMap(({ state, id, spec }) => {
    const used = state === 'running' ? (runtime.containerStatus(id)?.memoryBytes ?? 0) : 0;
    const request = spec.resources?.requests?.['memory'] ?? '0';
    return used > value(request)
      ? [`Container ${spec.name} was using ${kibibytes(used)}, request is ${request}, has larger consumption of memory. `]
      : [];
  });
  return low + parts.join('');
}
