/** Filters the nodes for one pod, node-local plugins from memory where another pod of the template has asked already. */
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { CycleState } from './cycle-state.ts';
import { Feasibility } from './feasibility.ts';
import type { Framework, MemoCounts } from './framework.ts';
import type { Nominator, Snapshot } from './interface.ts';
import type { NodeMemo } from './node-memo.ts';
import type { Status } from './status.ts';

/** One pod's filters. */
export class NodeFilter {
  /** Questions to node-local filters: worked out, and known. */
  readonly counts: MemoCounts = { computed: 0, cached: 0 };
  readonly #framework: Framework;
  readonly #state: CycleState;
  readonly #pod: PodInfo;
  readonly #nominator: Nominator;
  readonly #memo: NodeMemo | undefined;
  readonly #all: ReturnType<Framework['activeFilters']>;
  /** The node-local filters that run before all others. */
  readonly #local: ReturnType<Framework['activeFilters']>;
  readonly #rest: ReturnType<Framework['activeFilters']>;

  constructor(framework: Framework, state: CycleState, pod: PodInfo, nominator: Nominator) {
    this.#framework = framework;
    this.#state = state;
    this.#pod = pod;
    this.#nominator = nominator;
    this.#all = framework.activeFilters(state);
    const end = this.#all.findIndex(({ nodeLocal }) => nodeLocal !== true);
    this.#local = end < 0 ? this.#all : this.#all.slice(0, end);
    this.#rest = end < 0 ? [] : this.#all.slice(end);
    this.#memo = framework.memos.of(pod.pod.spec);
  }

  /** What is known of all nodes for the template; undefined when that would not be the whole answer. */
  feasibility(snapshot: Snapshot): Feasibility | undefined {
    const memo = this.#memo;
    if (memo === undefined || this.#rest.length > 0 || this.#nominator.nodeOf?.(this.#pod.uid) !== '') return undefined;
    memo.feasibility ??= Feasibility.over(snapshot, this.#nominator);
    memo.feasibility?.follow();
    return memo.feasibility;
  }

  /** The first refusal of the node; undefined when it passes. */
  run(node: NodeInfo): Status | undefined {
    const memo = this.#memo;
    if (memo === undefined || node.slot < 0) return this.#compute(node);
    if (this.#nominator.nominatedPods(node.name).length > 0) return this.#withNominated(memo, node);
    let refusal = memo.refusal(node);
    if (refusal === undefined) {
      this.counts.computed++;
      const status = this.#framework.runFilters(this.#state, this.#pod, node, this.#local);
      if (status === undefined || status.isRejected) memo.keepRefusal(node, status);
      refusal = status ?? null;
    } else this.counts.cached++;
    if (refusal !== null) return refusal;
    return this.#rest.length === 0 ? undefined : this.#framework.runFilters(this.#state, this.#pod, node, this.#rest);
  }

  #compute(node: NodeInfo): Status | undefined {
    this.counts.computed++;
    return this.#framework.runFiltersWithNominatedPods(this.#state, this.#pod, node, this.#all);
  }

  /** The lists of nominated pods are made anew when they change, so the same list stands for the same pods. */
  #withNominated(memo: NodeMemo, node: NodeInfo): Status | undefined {
    const nominated = this.#nominator.nominatedPods(node.name);
    const own = nominated.some(({ uid }) => uid === this.#pod.uid);
    if (own || this.#rest.length > 0) return this.#compute(node);
    const known = memo.refusalWith(nominated, node);
    if (known !== undefined) {
      this.counts.cached++;
      return known ?? undefined;
    }
    const status = this.#compute(node);
    if (status === undefined || status.isRejected) memo.keepRefusalWith(nominated, node, status ?? null);
    return status;
  }
}
