/**
 * Finds a node for one pod (`pkg/scheduler/schedule_one.go`: schedulePod, findNodesThatFitPod, prioritizeNodes, selectHost).
 * Changes nothing but where the next search starts, so the same call serves a dry run.
 */
import type { Random } from '../sim/random.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { CycleState } from './framework/cycle-state.ts';
import { Diagnosis } from './framework/fit-error.ts';
import { NodeFilter } from './framework/node-filter.ts';
import type { Framework, MemoCounts } from './framework/framework.ts';
import type { Nominator, Snapshot } from './framework/interface.ts';
import { ScoreTable } from './framework/score-table.ts';
import type { StatusList } from './framework/status-list.ts';
import { Status } from './framework/status.ts';

const MIN_FEASIBLE_NODES = 100;
const MIN_PERCENTAGE = 5;

/** The result of one search. Exactly one of `nodeName` and `failure`/empty `feasible` tells how it ended. */
export interface ScheduleResult {
  /** The chosen node; "" when there is none. */
  readonly nodeName: string;
  /** The nodes that passed all filters, in the order in which they were looked at. */
  readonly feasible: readonly NodeInfo[];
  /** How many nodes were filtered: feasible and refused. */
  readonly evaluated: number;
  readonly diagnosis: Diagnosis;
  /** How many feasible nodes were looked for, and at which index of all nodes the search began. */
  readonly sampling: { readonly wanted: number; readonly start: number };
  /** Answers of node-local filters, and of scores: worked out, or known from another pod of the template. */
  readonly filtering: MemoCounts;
  readonly scoring: MemoCounts;
  /** The pod's nominated node was tried first. */
  readonly nominated: { readonly node: string; readonly fits: boolean } | undefined;
  /** Filled when two or more nodes were feasible; overwritten by the next search. */
  readonly scores: ScoreTable | undefined;
  /** A plugin failed; not a matter of fit. */
  readonly failure: Status | undefined;
}

/**
 * How many feasible nodes are enough: all below 100 nodes; else nodes · p / 100, at least 100, where p is the given
 * percentage or, adaptively, 50 - nodes / 125, at least 5. 1000 nodes: p = 42, 420 nodes. 5000 nodes: p = 10, 500 nodes.
 */
export function numFeasibleNodesToFind(percentageOfNodesToScore: number | undefined, nodes: number): number {
  if (nodes < MIN_FEASIBLE_NODES) return nodes;
  const percentage = percentageOfNodesToScore || Math.max(50 - Math.trunc(nodes / 125), MIN_PERCENTAGE);
  return Math.max(Math.trunc((nodes * percentage) / 100), MIN_FEASIBLE_NODES);
}

/** What the filters left. */
interface Search {
  readonly feasible: readonly NodeInfo[];
  readonly failure?: Status;
  readonly wanted?: number;
  readonly nominated?: { readonly node: string; readonly fits: boolean };
  readonly filtering?: MemoCounts;
}

/** All nodes were looked at, so the next search begins where this one did. */
function nobodyFits(byNode: StatusList, diagnosis: Diagnosis, wanted: number, { computed }: MemoCounts): Search {
  diagnosis.byNode = byNode;
  for (const status of byNode.tally().keys()) diagnosis.addPlugin(status);
  return { feasible: [], wanted, filtering: { computed, cached: byNode.size - computed } };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Searches nodes for pods. Remembers where the last search ended, so that all nodes get their turn. */
export class PodScheduler {
  readonly #snapshot: Snapshot;
  readonly #random: Random;
  readonly #nominator: Nominator;
  readonly #table = new ScoreTable();
  #nextStartNodeIndex = 0;

  /** `start`: at which node the first search begins. */
  constructor(snapshot: Snapshot, random: Random, nominator: Nominator, start = 0) {
    this.#snapshot = snapshot;
    this.#nominator = nominator;
    this.#random = random;
    this.#nextStartNodeIndex = start;
  }

  /** At which node the next search begins. */
  get nextStartNodeIndex(): number {
    return this.#nextStartNodeIndex;
  }

  schedule(framework: Framework, state: CycleState, pod: PodInfo): ScheduleResult {
    const diagnosis = new Diagnosis();
    const start = this.#nextStartNodeIndex;
    const search = this.#findNodes(framework, state, pod, diagnosis);
    const { feasible, failure, wanted = 0, nominated, filtering = { computed: 0, cached: 0 } } = search;
    const scoring: MemoCounts = { computed: 0, cached: 0 };
    const evaluated = feasible.length + diagnosis.byNode.size;
    const found = { feasible, evaluated, diagnosis, sampling: { wanted, start }, nominated, filtering, scoring };
    if (failure !== undefined || feasible.length === 0) return { ...found, nodeName: '', scores: undefined, failure };
    const [first] = feasible;
    if (feasible.length === 1 && first !== undefined) return { ...found, nodeName: first.name, scores: undefined, failure: undefined };
    const failed = framework.runScores(state, pod, feasible, this.#table, scoring);
    if (failed !== undefined) return { ...found, nodeName: '', scores: undefined, failure: failed };
    return { ...found, nodeName: this.#selectHost(feasible), scores: this.#table, failure: undefined };
  }

  #findNodes(framework: Framework, state: CycleState, pod: PodInfo, diagnosis: Diagnosis): Search {
    const { nodeNames, status, narrowedBy } = framework.runPreFilter(state, pod, diagnosis);
    if (status !== undefined) {
      if (!status.isRejected) return { feasible: [], failure: status };
      diagnosis.absent = status;
      diagnosis.preFilterMessage = status.message;
      return { feasible: [] };
    }
    const nominated = this.#tryNominated(framework, state, pod, nodeNames);
    if (nominated?.fits === true) return { feasible: [nominated.info], wanted: 1, nominated };
    let nodes = this.#snapshot.nodes;
    if (nodeNames !== undefined) {
      nodes = [...nodeNames].flatMap((name) => this.#snapshot.get(name) ?? []);
      const absent = `node(s) didn't satisfy plugin(s) [${[...narrowedBy].sort().join(' ')}]`;
      diagnosis.absent = new Status('UnschedulableAndUnresolvable', [absent], '');
      for (const plugin of narrowedBy) diagnosis.unschedulablePlugins.add(plugin);
    }
    return { ...this.#filterNodes(framework, state, pod, nodes, diagnosis), nominated };
  }

  /** A pod whose victims have gone tries their node alone first. */
  #tryNominated(
    framework: Framework,
    state: CycleState,
    pod: PodInfo,
    nodeNames: ReadonlySet<string> | undefined,
  ): { node: string; info: NodeInfo; fits: boolean } | undefined {
    const name = pod.pod.status?.nominatedNodeName;
    const node = name ? this.#snapshot.get(name) : undefined;
    if (node === undefined || nodeNames?.has(node.name) === false) return undefined;
    return { node: node.name, info: node, fits: framework.runFiltersWithNominatedPods(state, pod, node) === undefined };
  }

  #filterNodes(framework: Framework, state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], diagnosis: Diagnosis): Search {
    const count = nodes.length;
    const relaxed = framework.profile.search?.relaxedRandomization ?? 0;
    const enough = relaxed > 0 ? Math.min(relaxed, count) : numFeasibleNodesToFind(framework.percentageOfNodesToScore, count);
    const wanted = framework.scores.length === 0 ? 1 : enough;
    const filter = new NodeFilter(framework, state, pod, this.#nominator);
    const run = (node: NodeInfo) => filter.run(node);
    const known = relaxed === 0 && nodes === this.#snapshot.nodes ? filter.feasibility(this.#snapshot) : undefined;
    const nobody = known?.nobody(this.#nextStartNodeIndex % count, run);
    if (nobody !== undefined) return nobodyFits(nobody, diagnosis, wanted, filter.counts);
    const feasible: NodeInfo[] = [];
    const stride = relaxed > 0 ? this.#stride(count) : 1;
    const first = relaxed > 0 ? this.#random.int(count) : this.#nextStartNodeIndex;
    let looked = 0;
    for (let at = first % count; looked < count && feasible.length < wanted; looked++, at = (at + stride) % count) {
      const node = nodes[at];
      if (node === undefined) continue;
      const status = known === undefined ? filter.run(node) : known.ask(at, node, run);
      if (status === undefined) feasible.push(node);
      else if (!status.isRejected) return { feasible: [], failure: status };
      else {
        diagnosis.byNode.add(node, status);
        diagnosis.addPlugin(status);
      }
    }
    const allNodes = this.#snapshot.nodes.length;
    if (allNodes > 0) this.#nextStartNodeIndex = (this.#nextStartNodeIndex + looked) % allNodes;
    return { feasible, wanted, filtering: { computed: filter.counts.computed, cached: looked - filter.counts.computed } };
  }

  /** A step with which all of `count` nodes are visited once, in an order without pattern. */
  #stride(count: number): number {
    for (;;) {
      const stride = 1 + this.#random.int(count);
      if (greatestCommonDivisor(stride, count) === 1) return stride;
    }
  }

  /** Highest total; of k nodes that tie each wins with chance 1/k (the k-th one met replaces the choice with chance 1/k). */
  #selectHost(nodes: readonly NodeInfo[]): string {
    const totals = this.#table.totals;
    let best = 0;
    let ties = 1;
    for (let index = 1; index < nodes.length; index++) {
      const [total = 0, highest = 0] = [totals[index], totals[best]];
      if (total > highest) {
        best = index;
        ties = 1;
      } else if (total === highest && this.#random.int(++ties) === 0) best = index;
    }
    return nodes[best]?.name ?? '';
  }
}
