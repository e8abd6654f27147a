/** What the node's pods use (`pkg/kubelet/server/stats`, the resource metrics that metrics-server scrapes). */
import type { ContainerRuntime } from '../container-runtime/cri.ts';
import type { PodWorker } from './pod-worker.ts';

/** CPU in milli-CPU, memory (working set) in bytes. */
export interface Usage {
  milliCpu: number;
  memoryBytes: number;
}

/** Usage of one pod and its running containers. */
export interface PodUsage {
  namespace: string;
  name: string;
  containers: (Usage & { name: string })[];
}

/** Usage of every pod with a running container. */
export function podUsages(workers: Iterable<PodWorker>, runtime: ContainerRuntime): PodUsage[] {
  const usages: PodUsage[] = [];
  for (const { pod, records } of workers) {
    const containers = records.flatMap(({ state, id, spec }) => {
      const status = state === 'running' ? runtime.containerStatus(id) : undefined;
      return status ? [{ name: spec.name, milliCpu: status.milliCpu, memoryBytes: status.memoryBytes }] : [];
    });
    if (containers.length > 0) usages.push({ namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, containers });
  }
  return usages;
}
