/**
 * DefaultPreemption (`plugins/defaultpreemption`): when no node fits, makes pods of lower priority leave one, and nominates it.
 * Differs: extenders are not asked; victims are deleted at once, not by a goroutine that holds the pod back meanwhile.
 */
import { PodResource } from '../../api/core/pod.ts';
import type { Pod, PodCondition, PodDisruptionBudget } from '../../api/generated/types.ts';
import { findCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { fitErrorMessage } from '../framework/fit-error.ts';
import { NodeTable } from '../framework/node-table.ts';
import type { Handle, NodeStatuses, Plugin, PluginFactory, PostFilterResult } from '../framework/interface.ts';
import { StatusList } from '../framework/status-list.ts';
import { failed, Status, unresolvable, unschedulable } from '../framework/status.ts';
import { lowerPriority, pickCandidate, PREEMPTION_TRAIL, selectVictims } from '../preemption.ts';
import type { Candidate, MayEvict } from '../preemption.ts';

const NAME = 'DefaultPreemption';
const NOT_HELPFUL = unresolvable(NAME, 'Preemption is not helpful for scheduling');

/** Arguments of the plugin. */
interface PreemptionArgs {
  minCandidateNodesPercentage?: number;
  minCandidateNodesAbsolute?: number;
}

function isTerminatingByPreemption({ pod }: PodInfo): boolean {
  const condition = findCondition(pod.status?.conditions, 'DisruptionTarget');
  return pod.metadata.deletionTimestamp !== undefined && condition?.status === 'True' && condition.reason === 'PreemptionByScheduler';
}

class DefaultPreemption implements Plugin {
  readonly name: string;
  readonly #mayEvict: MayEvict;
  readonly events: Plugin['events'] = [];
  readonly #handle: Handle;
  #spec: Pod['spec'] | undefined;
  /** What the last pods of `#spec` found on each node. */
  #known: NodeTable<Candidate | Status> | undefined;
  readonly #percentage: number;
  readonly #absolute: number;

  constructor(
    handle: Handle,
    { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 }: PreemptionArgs,
    name: string,
    mayEvict: MayEvict,
  ) {
    this.name = name;
    this.#mayEvict = mayEvict;
    this.#handle = handle;
    this.#percentage = minCandidateNodesPercentage;
    this.#absolute = minCandidateNodesAbsolute;
  }

  postFilter(state: CycleState, pod: PodInfo, statuses: NodeStatuses): PostFilterResult {
    const notEligible = this.#whyNotEligible(pod, statuses);
    if (notEligible !== undefined) {
      const choice = { best: undefined, rules: [] };
      state.write(PREEMPTION_TRAIL, {
        notEligible,
        candidates: [],
        tried: new StatusList(),
        choice,
        notHelpful: this.#handle.snapshot.nodes.length,
      });
      return { status: unschedulable(NAME, `preemption: ${notEligible}`) };
    }
    const { candidates, tried, helpful } = this.candidates(state, pod, statuses);
    const choice = pickCandidate(candidates, this.#handle.scope.now);
    const { best } = choice;
    state.write(PREEMPTION_TRAIL, { candidates, tried, choice, notHelpful: this.#handle.snapshot.nodes.length - helpful });
    if (best === undefined) {
      const text = fitErrorMessage(this.#handle.snapshot.nodes.length, { byNode: tried, absent: NOT_HELPFUL });
      return { nominatedNodeName: '', status: unschedulable(NAME, `preemption: ${text}`) };
    }
    if (this.#handle.dryRun) return { nominatedNodeName: best.nodeName, status: undefined };
    const failure = this.#evict(pod, best);
    return failure === undefined ? { nominatedNodeName: best.nodeName, status: undefined } : { status: failure };
  }

  /** What preemption could do on each node; `tried` holds the refusals of nodes where it cannot help. */
  candidates(
    state: CycleState,
    pod: PodInfo,
    { byNode, absent }: NodeStatuses,
  ): { candidates: Candidate[]; tried: StatusList; helpful: number } {
    const { snapshot, informers, scope } = this.#handle;
    const nodes =
      absent.code !== 'Unschedulable' && byNode.nodesWith !== undefined
        ? byNode.nodesWith('Unschedulable')
        : snapshot.nodes.filter(({ name }) => (byNode.get(name) ?? absent).code === 'Unschedulable');
    const candidates: Candidate[] = [];
    const tried = new StatusList();
    const budgets = [...informers.podDisruptionBudgets.list()];
    const known = this.#tableFor(state, pod, budgets);
    // Where all nodes are tried in their own order, the next one's place follows without a look at it.
    const { length: all } = snapshot.nodes;
    const first = nodes.length === all ? (nodes[0]?.place ?? 0) : -1;
    const wanted = Math.min(Math.max(Math.trunc((nodes.length * this.#percentage) / 100), this.#absolute), nodes.length);
    const offset = nodes.length > 0 ? scope.random.int(nodes.length) : 0;
    for (let index = 0; index < nodes.length && candidates.length < wanted; index++) {
      const node = nodes[(offset + index) % nodes.length] as NodeInfo;
      const place = known === undefined || first < 0 ? node.place : (first + offset + index) % all;
      let answer = known?.get(place);
      if (answer === undefined) {
        answer = selectVictims(this.#handle, state, pod, node, budgets, this.#mayEvict);
        if (place >= 0) known?.set(place, answer);
      }
      if (answer instanceof Status) tried.add(node, answer);
      else candidates.push(answer);
    }
    return { candidates, tried, helpful: nodes.length };
  }

  /** What is known from pods of the same template; undefined when more than the spec and the node itself matters. */
  #tableFor(state: CycleState, { uid, pod }: PodInfo, budgets: readonly PodDisruptionBudget[]): NodeTable<Candidate | Status> | undefined {
    const { nominator, snapshot, isNodeLocal } = this.#handle;
    if (budgets.length > 0 || nominator.nodeOf?.(uid) !== '' || !isNodeLocal(state)) return undefined;
    if (this.#spec !== pod.spec) {
      this.#spec = pod.spec;
      this.#known = NodeTable.over(snapshot, nominator);
    }
    this.#known?.follow();
    return this.#known;
  }

  #whyNotEligible({ pod, priority }: PodInfo, { byNode, absent }: NodeStatuses): string | undefined {
    if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
    const nominated = pod.status?.nominatedNodeName;
    if (!nominated || (byNode.get(nominated) ?? absent).code === 'UnschedulableAndUnresolvable') return undefined;
    for (const other of this.#handle.snapshot.get(nominated)?.pods.values() ?? []) {
      if (other.priority < priority && isTerminatingByPreemption(other))
        return 'not eligible due to a terminating pod on the nominated node.';
    }
    return undefined;
  }

  #evict({ pod, priority, uid }: PodInfo, { victims, nodeName }: Candidate): Status | undefined {
    const { client, events, nominator, scope } = this.#handle;
    const condition: PodCondition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${pod.spec.schedulerName ?? 'default-scheduler'}: preempting to accommodate a higher priority pod`,
      lastTransitionTime: formatTime(scope.now),
    };
    try {
      for (const { pod: victim } of victims) {
        if (victim.metadata.deletionTimestamp === undefined) {
          client.patch(PodResource, victim.metadata, 'strategic', { status: { conditions: [condition] } }, { subresource: 'status' });
          client.delete(PodResource, victim.metadata);
        }
        events.event(victim, 'Normal', 'Preempted', `Preempted by pod ${uid} on node ${nodeName}`);
      }
      for (const other of nominator.nominatedPods(nodeName)) {
        if (other.priority >= priority) continue;
        client.patch(PodResource, other.pod.metadata, 'strategic', { status: { nominatedNodeName: null } }, { subresource: 'status' });
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return failed(NAME, `preemption: ${error.message}`);
    }
  }
}

/** Makes the DefaultPreemption plugin from its `DefaultPreemptionArgs`. */
export function defaultPreemption(args: Readonly<Record<string, unknown>>, handle: Handle): Plugin {
  return new DefaultPreemption(handle, args as PreemptionArgs, NAME, lowerPriority);
}

/** The same plugin under another name, and with another rule for who may be evicted. */
export const preemptionBy =
  (name: string, mayEvict: MayEvict): PluginFactory =>
  (args, handle) =>
    new DefaultPreemption(handle, args as PreemptionArgs, name, mayEvict);
