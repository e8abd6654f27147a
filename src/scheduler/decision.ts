/** Turns the result of a search into a SchedulingDecision. Columns that many decisions have in common are shared. */
import { DECISION_POD_UID_LABEL } from '../api/kubarium/scheduling-decision.ts';
import type {
  InsufficientDetail,
  PluginScores,
  Rejection,
  SchedulingDecision,
  SchedulingDecisionStatus,
} from '../api/kubarium/scheduling-decision.ts';
import type { ObjectMeta } from '../apimachinery/meta.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { CycleState } from './framework/cycle-state.ts';
import type { QueuedPodInfo, Snapshot } from './framework/interface.ts';
import type { Status } from './framework/status.ts';
import type { ScoreTable } from './framework/score-table.ts';
import { insufficientResources } from './plugins/node-resources-fit.ts';
import type { ScheduleResult } from './schedule-pod.ts';

const MAX_NODES_LISTED = 100;
const MAX_DETAILS = 20;
const MAX_NAME_LENGTH = 240;
/** Columns to share; forgotten all at once when there are too many. */
const MAX_SHARED = 512;

/** Builds decisions, sharing equal lists. */
export class DecisionBuilder {
  readonly #snapshot: Snapshot;
  readonly #shared = new Map<string, readonly (string | number)[]>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** The decision on one attempt. `message` as users see it; `waitedMs` since the pod was queued. */
  build(
    queued: QueuedPodInfo,
    profile: string,
    state: CycleState,
    result: ScheduleResult,
    outcome: Pick<SchedulingDecisionStatus, 'result' | 'message' | 'nominatedNodeName' | 'recording'> & {
      waitedMs: number;
      filterCount: number;
    },
  ): SchedulingDecision {
    const { metadata } = queued.info.pod;
    const { name, namespace = '', uid } = metadata;
    const { waitedMs, filterCount, ...told } = outcome;
    const feasible = result.feasible.slice(0, MAX_NODES_LISTED);
    const scored = result.scores?.plugins.length ?? 0;
    const status: SchedulingDecisionStatus = {
      ...told,
      ...(result.nodeName !== '' && { nodeName: result.nodeName }),
      counts: { total: this.#snapshot.nodes.length, evaluated: result.evaluated, feasible: result.feasible.length },
      skipped: { filter: this.#share([...state.skipFilterPlugins]), score: this.#share([...state.skipScorePlugins]) },
      rejections: this.#rejections(queued.info, result),
      nodes: this.#share(feasible.map((node) => node.name)),
      scores: result.scores === undefined ? [] : this.#scores(result.scores, feasible.length),
      totals: result.scores === undefined ? [] : this.#share([...result.scores.totals.subarray(0, feasible.length)]),
      queue: { queuedBy: queued.queuedBy, waitedMs },
      evaluations: { filter: result.evaluated * filterCount, score: scored * result.feasible.length },
    };
    const suffix = `-${uid.slice(0, 5)}-${queued.attempts}`;
    return {
      apiVersion: 'kubarium.dev/v1alpha1',
      kind: 'SchedulingDecision',
      metadata: {
        name: name.slice(0, MAX_NAME_LENGTH - suffix.length) + suffix,
        namespace,
        labels: { [DECISION_POD_UID_LABEL]: uid },
      } as Partial<ObjectMeta> as ObjectMeta,
      spec: { podRef: { name, namespace, uid }, attempt: queued.attempts, profile },
      status,
    };
  }

  #scores(table: ScoreTable, count: number): readonly PluginScores[] {
    return table.plugins.map(({ plugin, weight }, index) => ({
      plugin: plugin.name,
      weight,
      raw: this.#share([...table.raw(index).subarray(0, count)]),
      normalized: this.#share([...table.normalized(index).subarray(0, count)]),
    }));
  }

  #rejections(pod: PodInfo, { diagnosis }: ScheduleResult): Rejection[] {
    const groups = new Map<Status | string, { status: Status; nodes: string[] }>();
    for (const [node, status] of diagnosis.byNode) {
      const key = `${status.plugin}/${status.reasons.join('/')}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { status, nodes: [node] });
      else group.nodes.push(node);
    }
    const rejections = [...groups.values()].map(({ status, nodes }) => this.#rejection(pod, status, nodes));
    const rest = this.#snapshot.nodes.length - diagnosis.byNode.size;
    if (diagnosis.absent.reasons.length > 0 && rest > 0) {
      const { plugin, code, reasons } = diagnosis.absent;
      rejections.push({ plugin, code, reasons, count: rest, nodes: [] });
    }
    return rejections;
  }

  #rejection(pod: PodInfo, { plugin, code, reasons }: Status, nodes: readonly string[]): Rejection {
    const rejection: Rejection = { plugin, code, reasons, count: nodes.length, nodes: this.#share(nodes.slice(0, MAX_NODES_LISTED)) };
    if (plugin === 'NodeResourcesFit') rejection.insufficient = this.#insufficient(pod, nodes.slice(0, MAX_DETAILS));
    return rejection;
  }

  #insufficient(pod: PodInfo, nodes: readonly string[]): InsufficientDetail[] {
    return nodes.flatMap((node) => {
      const info = this.#snapshot.get(node);
      return info === undefined ? [] : insufficientResources(pod.facts.requests, info).map((detail) => ({ node, ...detail }));
    });
  }

  #share<T extends string | number>(list: T[]): readonly T[] {
    const key = list.join();
    const known = this.#shared.get(key) as readonly T[] | undefined;
    if (known !== undefined) return known;
    if (this.#shared.size >= MAX_SHARED) this.#shared.clear();
    const frozen = Object.freeze(list);
    this.#shared.set(key, frozen);
    return frozen;
  }
}
