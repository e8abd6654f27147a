/**
 * What a pod requests and is limited to, of every resource (`k8s.io/component-helpers/resource/helpers.go`, PodRequests and
 * PodLimits). Scheduler, kubelet, quotas and limit ranges all count with this formula:
 *
 * amount = max( sum(containers) + sum(sidecars), each init container + the sidecars started before it ) + overhead
 *
 * Differs: resources that an in-place resize has allocated but not yet applied are not counted (status.containerStatuses[*].resources).
 */
import { addQuantities, compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import type { Quantity } from '../../apimachinery/quantity.ts';
import type { Container, PodSpec } from '../generated/types.ts';

/** Amounts by resource name; a resource that no container names is absent. */
export type ResourceAmounts = ReadonlyMap<string, Quantity>;

/** Amounts as the API writes them. */
type ResourceList = Readonly<Record<string, string>>;

/** The containers a pod's amounts depend on. */
type PodContainers = Pick<PodSpec, 'containers' | 'initContainers' | 'overhead'>;

type Combine = (a: Quantity, b: Quantity) => Quantity;

const larger: Combine = (a, b) => (compareQuantities(a, b) >= 0 ? a : b);

/** Whether the init container keeps running beside the containers (`IsRestartableInitContainer`). */
export const isSidecar = (container: Pick<Container, 'restartPolicy'> | undefined): boolean => container?.restartPolicy === 'Always';

function amountsOf(list: ResourceList | undefined): Map<string, Quantity> {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]));
}

function combine(into: Map<string, Quantity>, other: ResourceAmounts, how: Combine): void {
  for (const [name, amount] of other) {
    const own = into.get(name);
    into.set(name, own === undefined ? amount : how(own, amount));
  }
}

/** The containers' part of the formula. */
function containersTotal({ containers, initContainers = [] }: PodContainers, listOf: (container: Container) => ResourceList | undefined) {
  const total = new Map<string, Quantity>();
  for (const container of containers) combine(total, amountsOf(listOf(container)), addQuantities);
  const sidecars = new Map<string, Quantity>();
  const initPeak = new Map<string, Quantity>();
  for (const container of initContainers) {
    const own = amountsOf(listOf(container));
    if (isSidecar(container)) {
      combine(total, own, addQuantities);
      combine(sidecars, own, addQuantities);
      combine(initPeak, sidecars, larger);
    } else {
      combine(own, sidecars, addQuantities);
      combine(initPeak, own, larger);
    }
  }
  combine(total, initPeak, larger);
  return total;
}

/** What the pod requests. `missing`: what a container that names no request of a resource counts for. */
export function podRequests(spec: PodContainers, missing?: ResourceList): ResourceAmounts {
  const total = containersTotal(spec, ({ resources }) => (missing ? { ...missing, ...resources?.requests } : resources?.requests));
  combine(total, amountsOf(spec.overhead), addQuantities);
  return total;
}

/** What the pod is limited to. The overhead counts only for resources that a container limits. */
export function podLimits(spec: PodContainers): ResourceAmounts {
  const total = containersTotal(spec, ({ resources }) => resources?.limits);
  const overhead = [...amountsOf(spec.overhead)].filter(([name]) => total.has(name));
  combine(total, new Map(overhead), addQuantities);
  return total;
}

/**
 * A function of a pod's containers that is computed once for all pods of one template: binding a pod makes a new spec but
 * keeps the template's container list, so that list is the key.
 */
export function memoisedByContainers<T>(compute: (spec: PodSpec) => T): (spec: PodSpec) => T {
  const known = new WeakMap<readonly Container[], { value: T; initContainers: unknown; overhead: unknown }>();
  return (spec) => {
    const { containers, initContainers, overhead } = spec;
    const found = known.get(containers);
    if (found !== undefined && found.initContainers === initContainers && found.overhead === overhead) return found.value;
    const value = compute(spec);
    known.set(containers, { value, initContainers, overhead });
    return value;
  };
}
