/**
 * Runs the plugins of one profile, extension point by extension point (`pkg/scheduler/framework/runtime/framework.go`).
 */
import type { Pod } from '../../api/generated/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { EXTENSION_POINTS } from '../config.ts';
import type { ResolvedProfile } from '../config.ts';
import type { CycleState } from './cycle-state.ts';
import type { Diagnosis } from './fit-error.ts';
import type { Handle, Nominator, NodeScores, PermitAnswer, Plugin, PostFilterResult, QueuedPodInfo, Snapshot } from './interface.ts';
import { MAX_NODE_SCORE } from './interface.ts';
import { NodeMemos } from './node-memo.ts';
import type { NodeMemo } from './node-memo.ts';
import { checkExplicit, METHODS } from './points.ts';
import type { ScoreTable } from './score-table.ts';
import { failed, PluginFailure, Status } from './status.ts';

type Having<K extends keyof Plugin> = Plugin & Required<Pick<Plugin, K>>;

/** A plugin's Score with the weight that the profile gives it. */
export interface WeightedScore {
  readonly plugin: Having<'score'>;
  readonly weight: number;
}

/** What PreFilter left. */
export interface PreFilterOutcome {
  /** The names that remain; undefined: all nodes. */
  readonly nodeNames: ReadonlySet<string> | undefined;
  /** A refusal or failure for all nodes. */
  readonly status: Status | undefined;
  /** The plugins that narrowed `nodeNames`. */
  readonly narrowedBy: readonly string[];
}

/** What a framework is given; it adds the functions that run its own plugins. */
export type FrameworkHandle = Omit<Handle, 'runFilters' | 'isNodeLocal' | 'runAddPod' | 'runRemovePod'>;

/** How many answers were worked out, and how many were known. */
export interface MemoCounts {
  computed: number;
  cached: number;
}

/** The plugins of one profile, ready to run. */
export class Framework {
  readonly profileName: string;
  /** What it was made of. */
  readonly profile: ResolvedProfile;
  readonly percentageOfNodesToScore: number | undefined;
  /** All plugins of the profile, each once. */
  readonly plugins: readonly Plugin[];
  /** Names by extension point, of the plugins that serve it, in the order in which they run. */
  readonly points: Readonly<Record<string, readonly string[]>>;
  readonly scores: readonly WeightedScore[];
  readonly filters: readonly Having<'filter'>[];
  readonly preFilters: readonly Having<'preFilter'>[];
  readonly #snapshot: Snapshot;
  readonly #nominator: Nominator;

  constructor(profile: ResolvedProfile, handle: FrameworkHandle) {
    this.profileName = profile.schedulerName;
    this.percentageOfNodesToScore = profile.percentageOfNodesToScore;
    this.#snapshot = handle.snapshot;
    this.#nominator = handle.nominator;
    const full: Handle = Object.assign(Object.create(handle) as typeof handle, {
      runFilters: (state: CycleState, pod: PodInfo, node: NodeInfo) => this.runFiltersWithNominatedPods(state, pod, node),
      isNodeLocal: (state: CycleState) => this.activeFilters(state).every(({ nodeLocal }) => nodeLocal === true),
      runAddPod: (state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo) => this.#runAddPod(state, pod, added, node),
      runRemovePod: (state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo) => this.#runRemovePod(state, pod, removed, node),
    });
    this.profile = profile;
    const made = new Map<string, Plugin>();
    for (const { name, factory, args } of profile.plugins) made.set(name, factory(args, full));
    this.plugins = [...made.values()];
    checkExplicit(profile, made);
    this.points = Object.fromEntries(
      EXTENSION_POINTS.map((point) => [
        point,
        Object.freeze(profile.points[point].filter((name) => made.get(name)?.[METHODS[point]] !== undefined)),
      ]),
    );
    this.#points = <K extends keyof Plugin>(point: K, names: readonly string[]) =>
      names.map((name) => made.get(name)).filter((plugin): plugin is Having<K> => plugin?.[point] !== undefined);
    this.filters = this.#points('filter', profile.points.filter);
    this.scores = this.#points('score', profile.points.score).map((plugin) => ({ plugin, weight: profile.weights[plugin.name] ?? 1 }));
    [this.#queueSort] = this.#points('less', profile.points.queueSort);
    this.#preEnqueue = this.#points('preEnqueue', profile.points.preEnqueue);
    this.preFilters = this.#points('preFilter', profile.points.preFilter);
    this.#postFilters = this.#points('postFilter', profile.points.postFilter);
    this.#preScores = this.#points('preScore', profile.points.preScore);
    this.#reserves = this.#points('reserve', profile.points.reserve);
    this.#permits = this.#points('permit', profile.points.permit);
    this.#preBinds = this.#points('preBind', profile.points.preBind);
    this.#binds = this.#points('bind', profile.points.bind);
    this.#postBinds = this.#points('postBind', profile.points.postBind);
  }

  readonly #points: <K extends keyof Plugin>(point: K, names: readonly string[]) => Having<K>[];
  readonly #queueSort: Having<'less'> | undefined;
  readonly #preEnqueue: readonly Having<'preEnqueue'>[];
  readonly #postFilters: readonly Having<'postFilter'>[];
  readonly #preScores: readonly Having<'preScore'>[];
  readonly #reserves: readonly Plugin[];
  readonly #permits: readonly Having<'permit'>[];
  readonly #preBinds: readonly Having<'preBind'>[];
  readonly #binds: readonly Having<'bind'>[];
  readonly #postBinds: readonly Having<'postBind'>[];

  get hasPostFilter(): boolean {
    return this.#postFilters.length > 0;
  }

  /** The queue's order. */
  less(a: QueuedPodInfo, b: QueuedPodInfo): boolean {
    return this.#queueSort?.less(a, b) ?? a.sequence < b.sequence;
  }

  /** The first refusal to let the pod into the active queue. */
  runPreEnqueue(pod: Pod): Status | undefined {
    for (const plugin of this.#preEnqueue) {
      const status = plugin.preEnqueue(pod);
      if (status !== undefined) return status;
    }
    return undefined;
  }

  /** Runs PreFilter; notes the plugins that skip their Filter. Stops at a failure or an unresolvable refusal. */
  runPreFilter(state: CycleState, pod: PodInfo, diagnosis: Diagnosis): PreFilterOutcome {
    let nodeNames: ReadonlySet<string> | undefined;
    let status: Status | undefined;
    const narrowedBy: string[] = [];
    const skipped = new Set<string>();
    for (const plugin of this.preFilters) {
      const answer = plugin.preFilter(state, pod, this.#snapshot.nodes);
      if (answer === undefined) continue;
      if (!(answer instanceof Status)) {
        const left = answer.nodeNames;
        diagnosis.preFilter.push({ plugin: plugin.name, code: 'Success', reasons: answer.reasons ?? [], nodes: left.size });
        nodeNames = nodeNames === undefined ? left : new Set([...nodeNames].filter((name) => left.has(name)));
        narrowedBy.push(plugin.name);
        if (nodeNames.size === 0) return { nodeNames, status: noNodesLeft(narrowedBy), narrowedBy };
        continue;
      }
      if (answer.code !== 'Skip') diagnosis.preFilter.push({ plugin: plugin.name, code: answer.code, reasons: answer.reasons });
      if (answer.code === 'Skip') skipped.add(plugin.name);
      else if (answer.code === 'Unschedulable') {
        diagnosis.addPlugin(answer);
        status ??= answer;
      } else {
        diagnosis.addPlugin(answer);
        return { nodeNames, status: plugin.decides === true ? answer : named('PreFilter', answer), narrowedBy };
      }
    }
    state.skipFilterPlugins = skipped;
    return { nodeNames, status, narrowedBy };
  }

  /** The Filter plugins that have not asked to be skipped, in order. */
  activeFilters(state: CycleState): readonly Having<'filter'>[] {
    const skipped = state.skipFilterPlugins;
    return skipped.size === 0 ? this.filters : this.filters.filter(({ name }) => !skipped.has(name));
  }

  /** What node-local plugins have answered for other pods of the same template. */
  readonly memos: NodeMemos = new NodeMemos();

  /** The first refusal of the node. */
  runFilters(state: CycleState, pod: PodInfo, node: NodeInfo, filters = this.activeFilters(state)): Status | undefined {
    for (const plugin of filters) {
      const status = plugin.filter(state, pod, node);
      if (status !== undefined)
        return status.isRejected ? status : failed(plugin.name, `running "${plugin.name}" filter plugin: ${status.message}`);
    }
    return undefined;
  }

  /**
   * Filters the node twice where pods are nominated to it: as if those of equal or higher priority ran there already,
   * and without them, because they may never come. Both must pass.
   */
  runFiltersWithNominatedPods(state: CycleState, pod: PodInfo, node: NodeInfo, filters = this.activeFilters(state)): Status | undefined {
    const nominated = this.#nominator.nominatedPods(node.name).filter((other) => other.uid !== pod.uid && other.priority >= pod.priority);
    if (nominated.length > 0) {
      const [stateWith, nodeWith] = [state.clone(), node.clone()];
      for (const other of nominated) {
        nodeWith.addPod(other);
        this.#runAddPod(stateWith, pod, other, nodeWith);
      }
      const status = this.runFilters(stateWith, pod, nodeWith, filters);
      if (status !== undefined) return status;
    }
    return this.runFilters(state, pod, node, filters);
  }

  #runAddPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    for (const plugin of this.preFilters) if (!state.skipFilterPlugins.has(plugin.name)) plugin.addPod?.(state, pod, added, node);
  }

  #runRemovePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    for (const plugin of this.preFilters) if (!state.skipFilterPlugins.has(plugin.name)) plugin.removePod?.(state, pod, removed, node);
  }

  /** Runs PostFilter plugins until one has found a way, or failed. */
  runPostFilter(state: CycleState, pod: PodInfo, statuses: Diagnosis): PostFilterResult {
    const reasons: string[] = [];
    let nominatedNodeName: string | undefined;
    let plugin = '';
    for (const postFilter of this.#postFilters) {
      const result = postFilter.postFilter(state, pod, statuses);
      const { code = 'Success', reasons: told = [] } = result.status ?? {};
      statuses.postFilter.push({ plugin: postFilter.name, code, reasons: told });
      if (result.status === undefined || result.status.code === 'Error') return result;
      nominatedNodeName = result.nominatedNodeName ?? nominatedNodeName;
      reasons.push(...result.status.reasons);
      plugin = result.status.plugin;
    }
    return { nominatedNodeName, status: new Status('Unschedulable', reasons, plugin) };
  }

  /** Runs PreScore, Score, NormalizeScore; the table holds the results until the next call. Returns a failure, if any. */
  runScores(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], table: ScoreTable, counts?: MemoCounts): Status | undefined {
    const skipped = new Set<string>();
    for (const plugin of this.#preScores) {
      const status = plugin.preScore(state, pod, nodes);
      if (status === undefined) continue;
      if (status.code !== 'Skip') return failed(plugin.name, `running PreScore plugin "${plugin.name}": ${status.message}`);
      skipped.add(plugin.name);
    }
    state.skipScorePlugins = skipped;
    table.reset(
      nodes,
      this.scores.filter(({ plugin }) => !skipped.has(plugin.name)),
    );
    return this.#fill(state, pod, nodes, table, counts);
  }

  /** A plugin that has no status to answer with throws. */
  #fill(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], table: ScoreTable, counts?: MemoCounts): Status | undefined {
    try {
      return this.#fillTable(state, pod, nodes, table, counts);
    } catch (error) {
      if (!(error instanceof PluginFailure)) throw error;
      return failed(error.plugin, `running Score plugins: ${error.message}`);
    }
  }

  #fillTable(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], table: ScoreTable, counts?: MemoCounts): Status | undefined {
    const memo = this.memos.known(pod.pod.spec);
    for (const [index, { plugin, weight }] of table.plugins.entries()) {
      const raw = table.raw(index);
      const normalized = table.normalized(index);
      if (memo !== undefined && plugin.nodeLocal === true) runMemoisedScore(memo, plugin, state, pod, nodes, raw, counts);
      else {
        runScore(plugin, state, pod, nodes, raw);
        if (counts) counts.computed += nodes.length;
      }
      normalized.set(raw.subarray(0, nodes.length));
      plugin.normalizeScore?.(state, pod, nodes, normalized);
      for (let column = 0; column < nodes.length; column++) {
        const score = normalized[column] ?? 0;
        if (!(score >= 0 && score <= MAX_NODE_SCORE)) {
          const text = `plugin "${plugin.name}" returns an invalid score ${score}, it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`;
          return failed(plugin.name, `applying score defaultWeights on Score plugins: ${text}`);
        }
        table.totals[column] = (table.totals[column] ?? 0) + weight * score;
      }
    }
    return undefined;
  }

  /** Reserve in order; the first refusal. */
  runReserve(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#reserves) {
      const status = plugin.reserve?.(state, pod, nodeName);
      if (status !== undefined) return named('Reserve', status);
    }
    return undefined;
  }

  /** Unreserve, last plugin first. */
  runUnreserve(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#reserves.toReversed()) plugin.unreserve?.(state, pod, nodeName);
  }

  /** Permit: the first refusal, or a `Wait` with the plugins that hold the pod and the shortest time-out per plugin. */
  runPermit(state: CycleState, pod: PodInfo, nodeName: string): { status: Status | undefined; waits: ReadonlyMap<string, number> } {
    const waits = new Map<string, number>();
    for (const plugin of this.#permits) {
      const { status, timeoutMs }: PermitAnswer = plugin.permit(state, pod, nodeName);
      if (status?.code === 'Wait') waits.set(plugin.name, Math.min(timeoutMs, MAX_PERMIT_TIMEOUT_MS));
      else if (status !== undefined) return { status: named('Permit', status), waits };
    }
    return { status: waits.size > 0 ? new Status('Wait', [], '') : undefined, waits };
  }

  /** PreBind in order; the first answer that is not success. */
  runPreBind(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#preBinds) {
      const status = plugin.preBind(state, pod, nodeName);
      if (status !== undefined && status.code !== 'Skip') return named('PreBind', status);
    }
    return undefined;
  }

  /** The longest that PreBind may wait. */
  get preBindTimeoutMs(): number {
    return Math.max(0, ...this.#preBinds.map(({ preBindTimeoutMs = 0 }) => preBindTimeoutMs));
  }

  /** The first plugin that does not skip binds the pod. */
  runBind(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#binds) {
      const status = plugin.bind(state, pod, nodeName);
      if (status?.code !== 'Skip') return status && named('Bind', status);
    }
    return failed('', 'no bind plugin handled the pod');
  }

  runPostBind(state: CycleState, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#postBinds) plugin.postBind(state, pod, nodeName);
  }
}

/** `maxTimeout` of Permit: 15 minutes. */
const MAX_PERMIT_TIMEOUT_MS = 15 * 60_000;

/** A plugin's failure, saying which plugin failed where; refusals stay as they are. */
function named(point: string, status: Status): Status {
  return status.code === 'Error' ? failed(status.plugin, `running ${point} plugin "${status.plugin}": ${status.message}`) : status;
}

function runScore(plugin: Having<'score'>, state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], out: NodeScores): void {
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (node !== undefined) out[index] = plugin.score(state, pod, node);
  }
}

function runMemoisedScore(
  memo: NodeMemo,
  plugin: Having<'score'>,
  state: CycleState,
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  out: NodeScores,
  counts: MemoCounts | undefined,
): void {
  const column = memo.scores(plugin.name);
  let computed = 0;
  for (let index = 0; index < nodes.length; index++) {
    const node = nodes[index];
    if (node === undefined) continue;
    let score = column.get(node);
    if (score === undefined) {
      computed++;
      score = plugin.score(state, pod, node);
      if (node.slot >= 0) column.set(node, score);
    }
    out[index] = score;
  }
  if (counts === undefined) return;
  counts.computed += computed;
  counts.cached += nodes.length - computed;
}

function noNodesLeft(narrowedBy: readonly string[]): Status {
  const [only = ''] = narrowedBy;
  const text =
    narrowedBy.length === 1
      ? `node(s) didn't satisfy plugin ${only}`
      : `node(s) didn't satisfy plugin(s) [${[...narrowedBy].sort().join(' ')}] simultaneously`;
  return new Status('UnschedulableAndUnresolvable', [text], only);
}
