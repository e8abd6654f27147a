/**
 * Amounts of resources as the scheduler counts with them (`pkg/scheduler/framework/types.go`, Resource) and what one pod
 * requests (`k8s.io/component-helpers/resource/helpers.go`, PodRequests):
 *
 * request = max( sum(containers) + sum(sidecars), each init container + sidecars started before it ) + overhead
 *
 * Facts that depend on the containers alone are computed once per shared container list.
 * Differs: resources that an in-place resize has allocated but not yet applied are not counted (status.containerStatuses[*].resources).
 */
import { milliValue, value } from '../../apimachinery/quantity.ts';
import type { Container, ContainerPort, PodSpec } from '../../api/generated/types.ts';

/** Requested by a container that states no cpu request, for scoring only: 100m. */
const DEFAULT_MILLI_CPU_REQUEST = 100;
/** Requested by a container that states no memory request, for scoring only: 200 MiB. */
const DEFAULT_MEMORY_REQUEST = 200 * 1024 * 1024;

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

  /** Raises each amount to at least the other's. */
  setMax(other: Resource): void {
    this.milliCPU = Math.max(this.milliCPU, other.milliCPU);
    this.memory = Math.max(this.memory, other.memory);
    this.ephemeralStorage = Math.max(this.ephemeralStorage, other.ephemeralStorage);
    if (other.scalars) for (const [name, amount] of other.scalars) this.set(name, Math.max(this.get(name), amount));
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

/** What the containers of a pod tell the scheduler. Shared by all pods of one template. */
export interface ContainerFacts {
  readonly requests: Resource;
  /** cpu and memory with the defaults for containers that request none; for scoring. */
  readonly nonZero: { readonly milliCPU: number; readonly memory: number };
  readonly hostPorts: readonly ContainerPort[];
  /** Images of all containers, ":latest" added where there is no tag, as kubelets report them. */
  readonly images: readonly string[];
  readonly initContainers: readonly Container[] | undefined;
  readonly overhead: PodSpec['overhead'];
}

function containerRequests({ resources }: Container, withDefaults: boolean): Resource {
  const requests = resourceOf(resources?.requests);
  if (withDefaults) {
    if (resources?.requests?.['cpu'] === undefined) requests.milliCPU = DEFAULT_MILLI_CPU_REQUEST;
    if (resources?.requests?.['memory'] === undefined) requests.memory = DEFAULT_MEMORY_REQUEST;
  }
  return requests;
}

/** Whether the init container keeps running beside the containers. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

function sumRequests({ containers, initContainers = [], overhead }: PodSpec, withDefaults: boolean): Resource {
  const total = new Resource();
  for (const container of containers) total.add(containerRequests(container, withDefaults));
  const sidecars = new Resource();
  const initPeak = new Resource();
  for (const container of initContainers) {
    const requests = containerRequests(container, withDefaults);
    if (isSidecar(container)) {
      total.add(requests);
      sidecars.add(requests);
      initPeak.setMax(sidecars);
    } else {
      requests.add(sidecars);
      initPeak.setMax(requests);
    }
  }
  total.setMax(initPeak);
  if (overhead) total.add(resourceOf(overhead));
  return total;
}

/** ":latest" is added to a name without tag or digest. */
export function normalizedImageName(name: string): string {
  return name.lastIndexOf(':') <= name.lastIndexOf('/') ? `${name}:latest` : name;
}

function computeFacts(spec: PodSpec): ContainerFacts {
  const { containers, initContainers = [], overhead } = spec;
  const requests = sumRequests(spec, false);
  const { milliCPU, memory } = sumRequests(spec, true);
  const running = [...initContainers.filter(isSidecar), ...containers];
  const hostPorts = running.flatMap((container) => (container.ports ?? []).filter((port) => (port.hostPort ?? 0) > 0));
  const images = [...initContainers, ...containers].map(({ image = '' }) => normalizedImageName(image));
  return { requests, nonZero: { milliCPU, memory }, hostPorts, images, initContainers: spec.initContainers, overhead };
}

const factsByContainers = new WeakMap<readonly Container[], ContainerFacts>();

/**
 * The facts of a pod's containers. Binding a pod makes a new spec but keeps the template's container list, so that list
 * is the key.
 */
export function containerFacts(spec: PodSpec): ContainerFacts {
  const known = factsByContainers.get(spec.containers);
  if (known !== undefined && known.initContainers === spec.initContainers && known.overhead === spec.overhead) return known;
  const facts = computeFacts(spec);
  factsByContainers.set(spec.containers, facts);
  return facts;
}
