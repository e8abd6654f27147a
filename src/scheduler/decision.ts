/** Turns the result of a search into a SchedulingDecision. */
import { DECISION_POD_UID_LABEL } from '../api/kubarium/scheduling-decision.ts';
import type {
  InsufficientDetail,
  PluginCost,
  PluginScores,
  Rejection,
  SchedulingDecision,
  SchedulingDecisionStatus,
} from '../api/kubarium/scheduling-decision.ts';
import { formatTime } from '../apimachinery/durations.ts';
import type { ObjectMeta } from '../apimachinery/meta.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { ColumnMaker } from './decision-columns.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { Framework, MemoCounts } from './framework/framework.ts';
import type { QueuedPodInfo, Snapshot } from './framework/interface.ts';
import type { Status } from './framework/status.ts';
import type { ScoreTable } from './framework/score-table.ts';
import { insufficiency, insufficientResources } from './plugins/node-resources-fit.ts';
import { PREEMPTION_TRAIL } from './preemption.ts';
import { preemptionRecord } from './preemption-record.ts';
import type { ScheduleResult } from './schedule-pod.ts';

const MAX_NODES_LISTED = 5000;
const MAX_DETAILS = 20;
const MAX_TIED = 100;
const MAX_NAME_LENGTH = 240;

/** How the attempt ended, in words. */
export type Outcome = Pick<
  SchedulingDecisionStatus,
  'result' | 'message' | 'nominatedNodeName' | 'recording' | 'recordingLevel' | 'counters' | 'placements'
>;

/** Builds decisions, sharing equal lists. */
export class DecisionBuilder {
  readonly #snapshot: Snapshot;
  readonly #columns = new ColumnMaker();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** The decision on one attempt. `waitedMs` since the pod was queued. */
  build(
    queued: QueuedPodInfo,
    framework: Framework,
    state: CycleState,
    result: ScheduleResult,
    outcome: Outcome & { waitedMs: number; now: number },
  ): SchedulingDecision {
    const { name, namespace = '', uid } = queued.info.pod.metadata;
    const { waitedMs, now, ...told } = outcome;
    const { queuedBy, hint } = queued;
    const suffix = `-${uid.slice(0, 5)}-${queued.attempts}`;
    return {
      apiVersion: 'kubarium.dev/v1alpha1',
      kind: 'SchedulingDecision',
      metadata: {
        name: name.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix,
        namespace,
        labels: { [DECISION_POD_UID_LABEL]: uid },
      } as Partial<ObjectMeta> as ObjectMeta,
      spec: { podRef: { name, namespace, uid }, attempt: queued.attempts, profile: framework.profileName },
      status: {
        ...told,
        ...this.status(queued.info, framework, state, result, now),
        queue: { queuedBy, waitedMs, ...(hint !== '' && { hint }) },
      },
    };
  }

  /** What the search found, without how it ended and how the pod was queued. `now`: virtual ms. */
  status(
    pod: PodInfo,
    framework: Framework,
    state: CycleState,
    result: ScheduleResult,
    now: number,
  ): Omit<SchedulingDecisionStatus, 'result' | 'queue'> {
    const { scores, feasible, diagnosis, nodeName, nominated, sampling, evaluated } = result;
    const columns = this.#columns;
    const trail = state.read(PREEMPTION_TRAIL);
    const costs = costsOf(framework, state, result);
    const totals = scores === undefined ? [] : columns.numbers(scores.totals, feasible.length);
    const decider = framework.preFilters.find(({ decides }) => decides === true);
    const tied = scores === undefined ? [] : tiedNodes(scores, feasible.length);
    return {
      ...(nodeName !== '' && { nodeName }),
      counts: { total: this.#snapshot.nodes.length, evaluated, feasible: feasible.length },
      skipped: { filter: columns.share([...state.skipFilterPlugins]), score: columns.share([...state.skipScorePlugins]) },
      rejections: decider !== undefined && nodeName !== '' ? this.#passedOver(decider.name, nodeName) : this.#rejections(pod, result),
      nodes: columns.names(feasible),
      scores: scores === undefined ? [] : this.#scores(scores, feasible.length),
      totals,
      evaluations: { filter: sum(costs, 'filter'), score: sum(costs, 'score') },
      plugins: framework.points,
      ...(diagnosis.preFilter.length > 0 && { preFilter: diagnosis.preFilter }),
      ...(diagnosis.postFilter.length > 0 && { postFilter: diagnosis.postFilter }),
      ...(trail !== undefined && { preemption: preemptionRecord(trail, now) }),
      ...(tied.length > 1 && { tied: columns.share(tied) }),
      ...(nominated !== undefined && { nominated: { node: nominated.node, fits: nominated.fits } }),
      sampling,
      costs,
      requests: requestsOf(pod),
      ...(feasible.length > 0 && { inputs: columns.inputs(feasible) }),
      ...(decider !== undefined && { decidedBy: decider.name }),
      ...(framework.profile.search && { counters: countersOf(framework, result) }),
      ...(framework.profile.maxScore !== undefined && { maxScore: framework.profile.maxScore }),
    };
  }

  #scores(table: ScoreTable, count: number): readonly PluginScores[] {
    return table.plugins.map(({ plugin, weight }, index) => {
      const raw = this.#columns.numbers(table.raw(index), count);
      const normalized = plugin.normalizeScore === undefined ? raw : this.#columns.numbers(table.normalized(index), count);
      return { plugin: plugin.name, weight, raw, normalized };
    });
  }

  /** A user's scheduler names one node; of the others nothing else is known. */
  #passedOver(plugin: string, chosen: string): Rejection[] {
    const others = this.#snapshot.nodes.filter(({ name }) => name !== chosen).map(({ name }) => name);
    if (others.length === 0) return [];
    const nodes = this.#columns.share(others.slice(0, MAX_NODES_LISTED));
    return [{ plugin, code: 'Unschedulable', reasons: [`${plugin} chose ${chosen}`], count: others.length, nodes }];
  }

  #rejections(pod: PodInfo, { diagnosis }: ScheduleResult): Rejection[] {
    const groups = new Map<Status | string, { status: Status; nodes: string[] }>();
    for (const [node, status] of diagnosis.byNode) {
      const group = groups.get(status) ?? groups.get(keyOf(status));
      if (group === undefined) {
        const made = { status, nodes: [node] };
        groups.set(status, made).set(keyOf(status), made);
      } else group.nodes.push(node);
    }
    const rejections = [...new Set(groups.values())].map(({ status, nodes }) => this.#rejection(pod, status, nodes));
    const rest = this.#snapshot.nodes.length - diagnosis.byNode.size;
    if (diagnosis.absent.reasons.length > 0 && rest > 0) {
      const { plugin, code, reasons } = diagnosis.absent;
      rejections.push({ plugin, code, reasons, count: rest, nodes: [] });
    }
    return rejections;
  }

  #rejection(pod: PodInfo, { plugin, code, reasons }: Status, nodes: string[]): Rejection {
    const listed = this.#columns.share(nodes.length > MAX_NODES_LISTED ? nodes.slice(0, MAX_NODES_LISTED) : nodes);
    const rejection: Rejection = { plugin, code, reasons, count: nodes.length, nodes: listed };
    if (plugin === 'NodeResourcesFit') rejection.insufficient = this.#insufficient(pod, nodes.slice(0, MAX_DETAILS), reasons);
    return rejection;
  }

  /** The amounts behind the reasons; resources that the plugin ignores are in no reason. */
  #insufficient(pod: PodInfo, nodes: readonly string[], reasons: readonly string[]): InsufficientDetail[] {
    return nodes.flatMap((node) => {
      const info = this.#snapshot.get(node);
      const lacking = info === undefined ? [] : insufficientResources(pod.facts.requests, info);
      return lacking.filter((detail) => reasons.includes(insufficiency(detail))).map((detail) => ({ node, ...detail }));
    });
  }
}

const keyOf = ({ plugin, code, reasons }: Status) => `${plugin}/${code}/${reasons.join('/')}`;

const sum = (costs: readonly PluginCost[], point: 'filter' | 'score') => costs.reduce((total, cost) => total + cost[point], 0);

/**
 * Calls by plugin. A plugin's Filter is called for each node evaluated that no plugin before it refused; its Score once
 * per feasible node. A node with nominated pods is filtered twice and counts once.
 */
function costsOf(framework: Framework, state: CycleState, { diagnosis, evaluated, feasible, scores }: ScheduleResult): PluginCost[] {
  const refused = new Map<string, number>();
  for (const [{ plugin }, nodes] of diagnosis.byNode.tally()) refused.set(plugin, (refused.get(plugin) ?? 0) + nodes);
  const costs = new Map<string, { plugin: string; preFilter: number; filter: number; score: number }>();
  const costOf = (plugin: string) => {
    let cost = costs.get(plugin);
    if (cost === undefined) costs.set(plugin, (cost = { plugin, preFilter: 0, filter: 0, score: 0 }));
    return cost;
  };
  for (const { name } of framework.preFilters) costOf(name).preFilter = 1;
  let left = evaluated;
  for (const { name } of framework.activeFilters(state)) {
    costOf(name).filter = left;
    left -= refused.get(name) ?? 0;
  }
  for (const { plugin } of scores?.plugins ?? []) costOf(plugin.name).score = feasible.length;
  return [...costs.values()];
}

/** What Borg's ways to search saved. Answers known are counted as such only where the profile keeps them. */
function countersOf(framework: Framework, { filtering, scoring, evaluated }: ScheduleResult): Record<string, number> {
  const { equivalenceClasses, scoreCache } = framework.profile.search ?? {};
  const split = ({ computed, cached }: MemoCounts, kept: boolean | undefined) =>
    kept === true ? { computed, cached } : { computed: computed + cached, cached: 0 };
  const [feasibility, scores] = [split(filtering, equivalenceClasses), split(scoring, scoreCache)];
  return {
    nodesExamined: evaluated,
    feasibilityComputed: feasibility.computed,
    feasibilityCached: feasibility.cached,
    scoresComputed: scores.computed,
    scoresCached: scores.cached,
    equivalenceClasses: framework.memos.size,
  };
}

/** The nodes with the highest total. */
function tiedNodes({ totals, nodes }: ScoreTable, count: number): string[] {
  let highest = -Infinity;
  let tied: string[] = [];
  for (let index = 0; index < count; index++) {
    const total = totals[index] ?? 0;
    if (total > highest) {
      highest = total;
      tied = [];
    }
    if (total === highest && tied.length < MAX_TIED) tied.push(nodes[index]?.name ?? '');
  }
  return tied;
}

function requestsOf({ facts: { requests, nonZero } }: PodInfo): Record<string, number> {
  return {
    cpu: requests.milliCPU,
    memory: requests.memory,
    ...(requests.ephemeralStorage > 0 && { 'ephemeral-storage': requests.ephemeralStorage }),
    ...(requests.scalars && Object.fromEntries(requests.scalars)),
    nonZeroCpu: nonZero.milliCPU,
    nonZeroMemory: nonZero.memory,
  };
}

/** The queue's part with the moves since the attempt before. */
export function withMoves(decision: SchedulingDecision, { moves }: QueuedPodInfo): SchedulingDecision {
  if (moves.length === 0) return decision;
  const told = moves.map(({ at, lane, event, plugin, until }) => ({
    time: formatTime(at),
    lane,
    event,
    ...(plugin !== '' && { plugin }),
    ...(until !== undefined && { backoffMs: until - at }),
  }));
  return { ...decision, status: { ...decision.status, queue: { ...decision.status.queue, moves: told } } };
}
