/**
 * Dry runs: what the scheduler would do with a pod now, or with the pod, the nodes or the profile a little otherwise.
 * Works on a layer over the cache and draws from a stream of chance of its own, so that neither the cluster nor its
 * future changes: the same question has the same answer until the cluster changes.
 */
import { PodResource } from '../api/core/pod.ts';
import type { Container, Pod } from '../api/generated/types.ts';
import type { SchedulingDecision, SchedulingDecisionStatus, SchedulingOverrides } from '../api/kubarium/scheduling-decision.ts';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { badRequest, invalid, notFound, StatusError } from '../apimachinery/status.ts';
import { TaskScope } from '../sim/task-scope.ts';
import type { Cache } from './cache/cache.ts';
import type { NodeInfo } from './cache/node-info.ts';
import { PodInfo } from './cache/pod-info.ts';
import { aloneProfile, overriddenProfile } from './config.ts';
import type { ResolvedProfile } from './config.ts';
import { DecisionBuilder } from './decision.ts';
import { CycleState } from './framework/cycle-state.ts';
import { Diagnosis, fitErrorMessage, NO_NODES_AVAILABLE } from './framework/fit-error.ts';
import { Framework } from './framework/framework.ts';
import type { FrameworkHandle } from './framework/framework.ts';
import { ScoreTable } from './framework/score-table.ts';
import { OverlaySnapshot } from './overlay-snapshot.ts';
import { PodScheduler } from './schedule-pod.ts';
import type { ScheduleResult } from './schedule-pod.ts';

/** What a dry run needs of the scheduler. */
export interface DryRunOptions {
  readonly handle: FrameworkHandle;
  readonly cache: Cache;
  /** The profile of that schedulerName, with the profile's own form if one is given. Throws BadRequest when there is none or it is not valid. */
  profile(schedulerName: string, own: SchedulingOverrides['profile']): ResolvedProfile;
  /** Where the next search of the scheduler begins. */
  start(): number;
}

/** How one pod fared. */
interface Trial {
  readonly framework: Framework;
  readonly state: CycleState;
  readonly result: ScheduleResult;
  readonly status: Pick<SchedulingDecisionStatus, 'result' | 'message' | 'nominatedNodeName'>;
}

/** What one plugin says about every node. */
function askAlone(framework: Framework, plugin: string, { nodes }: OverlaySnapshot, info: PodInfo): Trial {
  const state = new CycleState();
  const diagnosis = new Diagnosis();
  const table = new ScoreTable();
  const { status } = framework.runPreFilter(state, info, diagnosis);
  const passed: NodeInfo[] = [];
  if (status !== undefined) diagnosis.absent = status;
  else {
    for (const node of nodes) {
      const refusal = framework.runFilters(state, info, node);
      if (refusal === undefined) passed.push(node);
      else diagnosis.byNode.add(node, refusal);
    }
  }
  if (framework.hasPostFilter) framework.runPostFilter(state, info, diagnosis);
  const scores = framework.scores.length > 0 && nodes.length > 0;
  const failure = scores ? framework.runScores(state, info, nodes, table) : undefined;
  const result: ScheduleResult = {
    nodeName: '',
    feasible: scores ? nodes : passed,
    evaluated: nodes.length,
    diagnosis,
    sampling: { wanted: nodes.length, start: 0 },
    nominated: undefined,
    scores: scores && failure === undefined ? table : undefined,
    filtering: { computed: nodes.length, cached: 0 },
    scoring: { computed: 0, cached: 0 },
    failure,
  };
  const told = `only ${plugin} was asked`;
  const text = failure?.message ?? (diagnosis.postFilter[0]?.reasons.join(', ') || told);
  return { framework, state, result, status: { result: failure === undefined ? 'Unschedulable' : 'Error', message: text } };
}

/** Carries out dry runs. */
export class DryRun {
  readonly #options: DryRunOptions;

  constructor(options: DryRunOptions) {
    this.#options = options;
  }

  /**
   * The decision with its status filled in. Throws a StatusError for a pod, template, profile or node that does not exist or
   * is not valid.
   */
  run(decision: SchedulingDecision): SchedulingDecision {
    const { handle, cache } = this.#options;
    const { profile, overrides = {}, replicas = 1 } = decision.spec;
    const overlay = new OverlaySnapshot(cache);
    for (const node of overrides.nodes ?? []) {
      if (!overlay.override(node)) throw notFound({ group: '', resource: 'nodes' }, node.name);
    }
    const pod = this.#podOf(decision, overlay);
    const scope = new TaskScope(handle.scope.sim, `${handle.scope.component}/dry-run`);
    const resolved = overriddenProfile(this.#options.profile(profile, overrides.profile), overrides);
    const { plugin } = overrides;
    const framework = new Framework(resolved, { ...handle, scope, snapshot: overlay, dryRun: true });
    if (plugin !== undefined) {
      const preempts = framework.points['postFilter']?.includes(plugin) === true;
      const alone = new Framework(aloneProfile(resolved, plugin, preempts), { ...handle, scope, snapshot: overlay, dryRun: true });
      const info = new PodInfo(pod);
      return this.#told(decision, pod, info, askAlone(alone, plugin, overlay, info), overlay, undefined);
    }
    const scheduler = new PodScheduler(overlay, scope.random.fork('select host'), handle.nominator, this.#options.start());
    const placed = new Map<string, number>();
    let info = new PodInfo(pod);
    let trial = this.#try(framework, scheduler, overlay, info);
    for (let done = 1; trial.result.nodeName !== ''; done++) {
      const { nodeName } = trial.result;
      placed.set(nodeName, (placed.get(nodeName) ?? 0) + 1);
      if (done >= replicas) break;
      overlay.addPod(info, nodeName);
      const uid = `${pod.metadata.uid}-${done}`;
      info = new PodInfo(deepFreeze({ ...pod, metadata: { ...pod.metadata, uid, name: `${pod.metadata.name}-${done}` } }));
      trial = this.#try(framework, scheduler, overlay, info);
    }
    return this.#told(decision, pod, info, trial, overlay, replicas > 1 ? placed : undefined);
  }

  #told(
    decision: SchedulingDecision,
    pod: Pod,
    info: PodInfo,
    { framework, state, result, status }: Trial,
    overlay: OverlaySnapshot,
    placed: ReadonlyMap<string, number> | undefined,
  ): SchedulingDecision {
    const found = new DecisionBuilder(overlay).status(info, framework, state, result, this.#options.handle.scope.now);
    const { name, namespace = '', uid } = pod.metadata;
    return {
      ...decision,
      spec: { ...decision.spec, dryRun: true, attempt: 0, podRef: { name, namespace, uid } },
      status: {
        ...status,
        ...found,
        queue: { queuedBy: 'DryRun', waitedMs: 0 },
        ...(placed && { placements: [...placed].map(([node, count]) => ({ node, count })) }),
      },
    };
  }

  #try(framework: Framework, scheduler: PodScheduler, overlay: OverlaySnapshot, info: PodInfo): Trial {
    const state = new CycleState();
    const result = scheduler.schedule(framework, state, info);
    return { framework, state, result, status: this.#outcome(framework, state, overlay, info, result) };
  }

  #outcome(
    framework: Framework,
    state: CycleState,
    overlay: OverlaySnapshot,
    info: PodInfo,
    { nodeName, failure, diagnosis }: ScheduleResult,
  ): Trial['status'] {
    if (nodeName !== '') return { result: 'Scheduled' };
    const count = overlay.nodes.length;
    if (failure !== undefined) return { result: failure.isRejected ? 'Unschedulable' : 'Error', message: failure.message };
    if (count === 0) return { result: 'Unschedulable', message: NO_NODES_AVAILABLE };
    const nominated = framework.hasPostFilter ? framework.runPostFilter(state, info, diagnosis) : undefined;
    diagnosis.postFilterMessage = nominated?.status?.message ?? '';
    const { nominatedNodeName } = nominated ?? {};
    return { result: 'Unschedulable', message: fitErrorMessage(count, diagnosis), ...(nominatedNodeName && { nominatedNodeName }) };
  }

  /** The pod as it would wait now: without node and nomination, and gone from the node where it runs. */
  #podOf({ metadata, spec }: SchedulingDecision, overlay: OverlaySnapshot): Pod {
    const { podRef, template, overrides } = spec;
    const namespace = podRef.namespace || metadata.namespace || 'default';
    if (template !== undefined) return deepFreeze(withRequests(podOfTemplate(namespace, podRef.name, spec), overrides?.requests));
    const known = this.#options.handle.informers.pods.get(`${namespace}/${podRef.name}`);
    if (known === undefined) throw notFound({ group: '', resource: 'pods' }, podRef.name);
    const { nodeName, ...rest } = known.spec;
    if (nodeName) overlay.removePod(new PodInfo(known), nodeName);
    return deepFreeze(withRequests({ ...known, spec: rest, status: {} }, overrides?.requests));
  }
}

function podOfTemplate(namespace: string, name: string, { template }: SchedulingDecision['spec']): Pod {
  const metadata = { ...template?.metadata, name, namespace, uid: `dry-run-${name}`, resourceVersion: '', creationTimestamp: '' };
  const raw = { apiVersion: 'v1', kind: 'Pod', metadata, spec: template?.spec, status: {} } as unknown as Pod;
  let pod: Pod;
  try {
    const defaulted = PodResource.defaults?.(raw) ?? raw;
    pod = PodResource.prepareForCreate?.(defaulted) ?? defaulted;
  } catch (error) {
    if (error instanceof StatusError) throw error;
    throw badRequest(`spec.template: it is no template of a pod: ${(error as Error).message}`);
  }
  const errors = PodResource.validate?.(pod) ?? [];
  if (errors.length === 0) return pod;
  const findings = errors.map((error) => ({ ...error, field: `spec.template.${error.field}` }));
  throw invalid('kubarium.dev', 'SchedulingDecision', name, findings);
}

function withRequests(pod: Pod, requests: SchedulingOverrides['requests']): Pod {
  if (requests === undefined) return pod;
  const containers = pod.spec.containers.map((container: Container, index) => {
    if (index > 0) return container;
    return { ...container, resources: { ...container.resources, requests: { ...container.resources?.requests, ...requests } } };
  });
  return { ...pod, spec: { ...pod.spec, containers } };
}
