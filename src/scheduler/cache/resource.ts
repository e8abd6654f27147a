/**
 * Amounts of resources as the scheduler counts with them (`pkg/scheduler/framework/types.go`, Resource), and the facts that
 * depend on a pod's containers alone, computed once for all pods of a template.
 */
import { memoisedByContainers, isSidecar, podRequests } from '../../api/core/pod-resources.ts';
import type { ResourceAmounts } from '../../api/core/pod-resources.ts';
import { milliValue, milliValueOf, value, valueOf } from '../../apimachinery/quantity.ts';
import type { ContainerPort, PodSpec } from '../../api/generated/types.ts';

/** What a container that states no request counts for, in scoring only. */
const NON_ZERO = { cpu: '100m', memory: '200Mi' };

/** A set of amounts: cpu in thousandths, all others in whole units. Mutable; owners keep it to themselves. */
export class Resource {
  milliCPU = 0;
  memory = 0;
  ephemeralStorage = 0;
  /** Only of a node's allocatable. */
  allowedPodNumber = 0;
  /** Extended resources and huge pages; undefined while there are none. */
  scalars: Map<string, number> | undefined;

  /** The amount of the named resource, in the unit above. */
  get(name: string): number {
    switch (name) {
      case 'cpu':
        return this.milliCPU;
      case 'memory':
        return this.memory;
      case 'ephemeral-storage':
        return this.ephemeralStorage;
      case 'pods':
        return this.allowedPodNumber;
      default:
        return this.scalars?.get(name) ?? 0;
    }
  }

  set(name: string, amount: number): void {
    if (name === 'cpu') this.milliCPU = amount;
    else if (name === 'memory') this.memory = amount;
    else if (name === 'ephemeral-storage') this.ephemeralStorage = amount;
    else if (name === 'pods') this.allowedPodNumber = amount;
    else if (isScalarResourceName(name)) (this.scalars ??= new Map<string, number>()).set(name, amount);
  }

  /** Adds `sign` times the other amounts. */
  add(other: Resource, sign = 1): void {
    this.milliCPU += sign * other.milliCPU;
    this.memory += sign * other.memory;
    this.ephemeralStorage += sign * other.ephemeralStorage;
    if (other.scalars) for (const [name, amount] of other.scalars) this.set(name, this.get(name) + sign * amount);
  }

  clone(): Resource {
    const copy = new Resource();
    copy.milliCPU = this.milliCPU;
    copy.memory = this.memory;
    copy.ephemeralStorage = this.ephemeralStorage;
    copy.allowedPodNumber = this.allowedPodNumber;
    copy.scalars = this.scalars && new Map(this.scalars);
    return copy;
  }
}

/** Whether the name is one of an extended resource: outside of kubernetes.io, fully qualified (`IsExtendedResourceName`). */
export function isExtendedResourceName(name: string): boolean {
  return name.includes('/') && !name.includes('kubernetes.io/') && !name.startsWith('requests.');
}

/** Whether the resource is counted in `scalars` (`schedutil.IsScalarResourceName`). */
export function isScalarResourceName(name: string): boolean {
  if (isExtendedResourceName(name) || name.startsWith('hugepages-') || name.startsWith('attachable-volumes-')) return true;
  return name.includes('kubernetes.io/');
}

/** Amounts of a `ResourceList`. */
export function resourceOf(list: Readonly<Record<string, string>> | undefined): Resource {
  const resource = new Resource();
  for (const name in list) {
    const text = list[name];
    if (text !== undefined) resource.set(name, name === 'cpu' ? milliValue(text) : value(text));
  }
  return resource;
}

function resourceOfAmounts(amounts: ResourceAmounts): Resource {
  const resource = new Resource();
  for (const [name, amount] of amounts) resource.set(name, name === 'cpu' ? milliValueOf(amount) : valueOf(amount));
  return resource;
}

/** What the containers of a pod tell the scheduler. Shared by all pods of one template. */
export interface ContainerFacts {
  readonly requests: Resource;
  /** cpu and memory with the defaults for containers that request none; for scoring. */
  readonly nonZero: { readonly milliCPU: number; readonly memory: number };
  readonly hostPorts: readonly ContainerPort[];
  /** Images of all containers, ":latest" added where there is no tag, as kubelets report them. */
  readonly images: readonly string[];
}

/** ":latest" is added to a name without tag or digest. */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}

/** The facts of a pod's containers. */
export const containerFacts: (spec: PodSpec) => ContainerFacts = memoisedByContainers((spec) => {
  const { containers, initContainers = [] } = spec;
  const { milliCPU, memory } = resourceOfAmounts(podRequests(spec, NON_ZERO));
  const running = [...initContainers.filter(isSidecar), ...containers];
  return {
    requests: resourceOfAmounts(podRequests(spec)),
    nonZero: { milliCPU, memory },
    hostPorts: running.flatMap((container) => (container.ports ?? []).filter((port) => (port.hostPort ?? 0) > 0)),
    images: [...initContainers, ...containers].map(({ image = '' }) => normalizedImageName(image)),
  };
});
