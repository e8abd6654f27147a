/**
 * NodeResourcesFit (`plugins/noderesources/fit.go`). Filter: pods + 1 <= allocatable pods, and for each resource requested
 * by the pod: request <= allocatable - requested. All shortages of a node are named, in the order pods, cpu, memory,
 * ephemeral-storage, others. Score: see resource-scoring.ts.
 */
import type { Node, Pod } from '../../api/generated/types.ts';
import { resourceOf, containerFacts, isExtendedResourceName } from '../cache/resource.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { Resource } from '../cache/resource.ts';
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { Status } from '../framework/status.ts';
import { nodeScorer } from '../helpers/resource-scoring.ts';
import type { ScoringStrategy } from '../helpers/resource-scoring.ts';

const NAME = 'NodeResourcesFit';
/** The resources whose order is fixed. */
const BASIC = ['cpu', 'memory', 'ephemeral-storage'];

/** Arguments of the plugin. */
interface FitArgs {
  ignoredResources?: readonly string[];
  ignoredResourceGroups?: readonly string[];
  scoringStrategy?: ScoringStrategy;
}

/** One resource that a node lacks for a pod; for the picture of the decision. */
export interface InsufficientResource {
  readonly resource: string;
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

/** The resources of which the node has too little, in upstream's order. Empty when the pod fits. */
export function insufficientResources(
  requests: Resource,
  node: NodeInfo,
  ignored: (name: string) => boolean = () => false,
): InsufficientResource[] {
  const lacking: InsufficientResource[] = [];
  const { allocatable, requested: used } = node;
  const check = (resource: string, requested: number) => {
    const [capacity, taken] = [allocatable.get(resource), used.get(resource)];
    if (requested > capacity - taken) lacking.push({ resource, requested, used: taken, capacity });
  };
  if (node.pods.size + 1 > allocatable.allowedPodNumber) {
    lacking.push({ resource: 'pods', requested: 1, used: node.pods.size, capacity: allocatable.allowedPodNumber });
  }
  for (const resource of BASIC) if (requests.get(resource) > 0) check(resource, requests.get(resource));
  for (const [resource, requested] of requests.scalars ?? []) if (requested > 0 && !ignored(resource)) check(resource, requested);
  return lacking;
}

/** The same question without the answer's details, as fast as it can be asked. */
function fits(requests: Resource, { allocatable, requested, pods }: NodeInfo): boolean {
  if (pods.size + 1 > allocatable.allowedPodNumber) return false;
  if (requests.milliCPU > 0 && requests.milliCPU > allocatable.milliCPU - requested.milliCPU) return false;
  if (requests.memory > 0 && requests.memory > allocatable.memory - requested.memory) return false;
  return requests.ephemeralStorage === 0 || requests.ephemeralStorage <= allocatable.ephemeralStorage - requested.ephemeralStorage;
}

/** The reason that names the shortage. */
export const insufficiency = ({ resource }: InsufficientResource): string =>
  resource === 'pods' ? 'Too many pods' : `Insufficient ${resource}`;

const statuses = new Map<string, Status>();

/** Statuses are few and made once. */
function statusOf(lacking: readonly InsufficientResource[]): Status {
  const reasons = lacking.map(insufficiency);
  const key = reasons.join();
  let status = statuses.get(key);
  if (status === undefined) statuses.set(key, (status = new Status('Unschedulable', reasons, NAME)));
  return status;
}

function everythingFits(pod: Pod, node: Node): boolean {
  const { requests } = containerFacts(pod.spec);
  const allocatable = resourceOf(node.status?.allocatable);
  const names = [...BASIC, ...(requests.scalars?.keys() ?? [])];
  return allocatable.allowedPodNumber > 0 && names.every((name) => requests.get(name) <= allocatable.get(name));
}

/** Whether the node got more of anything that the pod requests, or of pods. */
function grew(pod: Pod, next: Node, old: Node): boolean {
  const [after, before] = [resourceOf(next.status?.allocatable), resourceOf(old.status?.allocatable)];
  const { requests } = containerFacts(pod.spec);
  const names = [...BASIC, ...(requests.scalars?.keys() ?? [])].filter((name) => requests.get(name) > 0);
  return ['pods', ...names].some((name) => after.get(name) > before.get(name));
}

/** Makes the NodeResourcesFit plugin from its `NodeResourcesFitArgs`. */
export function nodeResourcesFit(args: Readonly<Record<string, unknown>>): Plugin {
  const { ignoredResources = [], ignoredResourceGroups = [], scoringStrategy } = args as FitArgs;
  const ignored = (name: string) =>
    isExtendedResourceName(name) && (ignoredResources.includes(name) || ignoredResourceGroups.includes(name.slice(0, name.indexOf('/'))));
  const scorer = nodeScorer(scoringStrategy);
  return {
    name: NAME,
    nodeLocal: true,
    events: [
      {
        event: { resource: 'AssignedPod', action: Action.Delete | Action.UpdatePodScaleDown },
      },
      {
        event: { resource: 'Node', action: Action.Add | Action.UpdateNodeAllocatable },
        hint(pod, { old, object }) {
          if (!everythingFits(pod, object as Node)) return false;
          return old === undefined || grew(pod, object as Node, old as Node);
        },
      },
      { event: { resource: 'UnscheduledPod', action: Action.UpdatePodScaleDown } },
    ],
    preFilter: () => undefined,
    filter(_state, { facts: { requests } }, node) {
      if (requests.scalars === undefined && fits(requests, node)) return undefined;
      const lacking = insufficientResources(requests, node, ignored);
      return lacking.length === 0 ? undefined : statusOf(lacking);
    },
    score: (_state, pod, node) => scorer(pod, node),
  };
}
