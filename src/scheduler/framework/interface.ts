/**
 * The extension points of the scheduling framework (`k8s.io/kube-scheduler/framework/interface.go`). A plugin is one
 * object that implements those it needs. Calls are synchronous and must not keep references to the scratch arrays they get.
 * Success is `undefined`.
 */
import type { Informer } from '../../client/informer.ts';
import type { Client } from '../../client/client.ts';
import type { EventRecorder } from '../../client/event-recorder.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import type {
  CSINode,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  ReplicationController,
  Service,
  StatefulSet,
  StorageClass,
} from '../../api/generated/types.ts';
import type { Labels } from '../../apimachinery/labels.ts';
import type { ChangeLog } from '../cache/change-log.ts';
import type { ImageState, NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { CycleState } from './cycle-state.ts';
import type { EventRegistration } from './events.ts';
import type { Status } from './status.ts';

/** Scores of the feasible nodes, index by index; only the first `nodes.length` entries count. */
export type NodeScores = Float64Array;

export const MAX_NODE_SCORE = 100;

/** Which nodes PreFilter leaves; undefined leaves all. */
export interface PreFilterResult {
  readonly nodeNames: ReadonlySet<string>;
  /** Why these, for the decision. */
  readonly reasons?: readonly string[];
}

/** What PreFilter answers: a result, a refusal (or Skip), or success. */
export type PreFilterAnswer = PreFilterResult | Status | undefined;

/** What PostFilter found: the node whose pods make way, "" to clear an earlier nomination, undefined to leave it. */
export interface PostFilterResult {
  readonly nominatedNodeName?: string;
  readonly status: Status | undefined;
}

/** One move of a pod between the lanes of the queue. */
export interface QueueLaneMove {
  /** Virtual ms. */
  readonly at: number;
  readonly lane: 'active' | 'backoff' | 'unschedulable' | 'gated';
  readonly event: string;
  /** The plugin that moved it by a hint, or holds it by a gate; "" for none. */
  readonly plugin: string;
  /** For the back-off lane: when it ends, virtual ms. */
  readonly until?: number;
}

/** A pod in the queue, as QueueSort compares it. */
export interface QueuedPodInfo {
  info: PodInfo;
  /** When it was added to the queue or moved there last, virtual ms. */
  timestamp: number;
  /** Ties of `timestamp` are broken by order of arrival. */
  sequence: number;
  /** How often it was tried. */
  attempts: number;
  /** When it was added to the queue for the first time, virtual ms. */
  readonly addedAt: number;
  /** The plugins that rejected it last. */
  unschedulablePlugins: ReadonlySet<string>;
  /** Held back by PreEnqueue, by which plugin; "" when not. */
  gatedBy: string;
  /** What put it into the active queue last. */
  queuedBy: string;
  /** The plugin whose queueing hint did; "" when it was no plugin. */
  hint: string;
  /** Moves between lanes since the last attempt. */
  moves: QueueLaneMove[];
  /** Failures that back-off doubles with; reset by nothing. */
  backoffExpiry: number;
}

/** The minimum of a plugin. */
export interface Plugin {
  readonly name: string;
  /** Changes that may make a pod schedulable which this plugin rejected; absent: all changes. */
  readonly events?: readonly EventRegistration[];

  /**
   * Filter and raw Score of a node depend on nothing but the pod's spec and the node with the pods on it, so that their answers hold for
   * all pods of one template until the node changes.
   */
  readonly nodeLocal?: boolean;

  preEnqueue?(pod: Pod): Status | undefined;
  /** Whether `a` is to be scheduled before `b`. */
  less?(a: QueuedPodInfo, b: QueuedPodInfo): boolean;
  preFilter?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): PreFilterAnswer;
  /** It is a scheduler that is asked as if it were a plugin: PreFilter's failures are told in its own words. */
  readonly decides?: boolean;
  /** Changes the PreFilter state as if `added` ran on `node` too. */
  addPod?(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  /** Changes the PreFilter state as if `removed` did not run on `node`. */
  removePod?(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
  filter?(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined;
  postFilter?(state: CycleState, pod: PodInfo, statuses: NodeStatuses): PostFilterResult;
  preScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | undefined;
  /** An integer, 0 to 100 after `normalizeScore`. */
  score?(state: CycleState, pod: PodInfo, node: NodeInfo): number;
  normalizeScore?(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[], scores: NodeScores): void;
  reserve?(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined;
  unreserve?(state: CycleState, pod: PodInfo, nodeName: string): void;
  permit?(state: CycleState, pod: PodInfo, nodeName: string): PermitAnswer;
  /** `Wait` means: ask again when a volume object changes, at most for `preBindTimeoutMs`. */
  preBind?(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined;
  readonly preBindTimeoutMs?: number;
  /** `Skip` leaves binding to the next plugin. */
  bind?(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined;
  postBind?(state: CycleState, pod: PodInfo, nodeName: string): void;
}

/** What Permit answers; `Wait` holds the pod for at most `timeoutMs`. */
export interface PermitAnswer {
  readonly status: Status | undefined;
  readonly timeoutMs: number;
}

/** Node name → why it was refused. */
export interface StatusesByNode extends Iterable<[string, Status]> {
  readonly size: number;
  get(name: string): Status | undefined;
  values(): Iterable<Status>;
  /** The nodes refused with that code; absent where only names are known. */
  nodesWith?(code: Status['code']): readonly NodeInfo[];
  /** How many nodes there are with each status; absent: count. */
  tally?(): ReadonlyMap<Status, number>;
}

/** Why each node was refused; nodes without an entry count with `absent`. */
export interface NodeStatuses {
  readonly byNode: StatusesByNode;
  readonly absent: Status;
}

/** The scheduler's view of the cluster (`SharedLister`). */
export interface Snapshot {
  /** All nodes, zones interleaved. */
  readonly nodes: readonly NodeInfo[];
  get(name: string): NodeInfo | undefined;
  /** Which nodes have changed since when; absent where nobody keeps count (dry runs). */
  readonly changes?: ChangeLog;
  /** The images of all nodes. `version` grows when one becomes known or is gone from everywhere. */
  readonly images: { readonly version: number; get(name: string): ImageState | undefined };
  readonly nodesWithAffinity: ReadonlySet<NodeInfo>;
  readonly nodesWithRequiredAntiAffinity: ReadonlySet<NodeInfo>;
  /** Whether any pod on any node uses the claim "namespace/name". */
  isClaimUsed(key: string): boolean;
}

/** Pods that wait for others to make way for them on a node. */
export interface Nominator {
  nominatedPods(nodeName: string): readonly PodInfo[];
  /** The node the pod is nominated to; "" for none. */
  nodeOf?(uid: string): string;
  /** To which nodes other pods are nominated since when; absent where nobody keeps count. */
  readonly changes?: ChangeLog<string>;
}

/** The selectors that group pods of a workload, for topology spreading's defaults. */
export interface WorkloadSelectors {
  services(namespace: string): Iterable<Service>;
  replicationController(key: string): ReplicationController | undefined;
  replicaSet(key: string): ReplicaSet | undefined;
  statefulSet(key: string): StatefulSet | undefined;
}

/** Copies of the API objects that plugins look at besides nodes and pods. */
export interface Informers {
  readonly namespaces: Pick<Informer<Namespace>, 'get'> & { readonly resourceVersion?: string };
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
  readonly persistentVolumeClaims: Pick<Informer<PersistentVolumeClaim>, 'get' | 'list'>;
  readonly persistentVolumes: Pick<Informer<PersistentVolume>, 'get' | 'list'>;
  readonly csiNodes: Pick<Informer<CSINode>, 'get'>;
  readonly storageClasses: Pick<Informer<StorageClass>, 'get'>;
  readonly podDisruptionBudgets: Pick<Informer<PodDisruptionBudget>, 'list'>;
  readonly selectors: WorkloadSelectors;
}

/** What a plugin is given when it is made (`framework.Handle`). */
export interface Handle {
  readonly scope: TaskScope;
  readonly client: Client;
  readonly events: EventRecorder;
  readonly snapshot: Snapshot;
  readonly informers: Informers;
  readonly nominator: Nominator;
  /** Nothing may be written: PostFilter only says what it would do. */
  readonly dryRun?: boolean;
  namespaceLabels(namespace: string): Labels;
  /** Runs all filters on the node, nominated pods included; for preemption. */
  runFilters(state: CycleState, pod: PodInfo, node: NodeInfo): Status | undefined;
  /** Whether the filters that run for the pod look at nothing but its spec and the node. */
  isNodeLocal(state: CycleState): boolean;
  runAddPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void;
  runRemovePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void;
}

/** Makes a plugin from its arguments (`pluginConfig[].args`). Throws a StatusError on arguments that are not valid. */
export type PluginFactory = (args: Readonly<Record<string, unknown>>, handle: Handle) => Plugin;
