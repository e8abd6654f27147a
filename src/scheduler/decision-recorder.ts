/**
 * Writes SchedulingDecisions through the API, and keeps that cheap: in large or busy clusters only failed attempts and
 * selected pods are recorded (which an Event and each decision then say), and only the newest decisions are kept.
 */
import { shareEqual } from '../apimachinery/share-equal.ts';
import { RECORD_ANNOTATION, SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import { PodResource } from '../api/core/pod.ts';
import { HISTORY, simulatorAnnotations } from './simulator-annotations.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import type { Pod } from '../api/generated/types.ts';
import { hasReason, StatusError } from '../apimachinery/status.ts';
import type { Client, ObjectKey } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { TaskScope } from '../sim/task-scope.ts';

/** How much is recorded. */
export interface RecordingOptions {
  /**
   * "full": every attempt; "all": every attempt within the limits below; "failed": failed attempts and selected pods;
   * "selected": only pods with the annotation; "off".
   */
  policy?: RecordingPolicy;
  /** With more nodes, "all" becomes "failed". Default 50. */
  maxNodes?: number;
  /** After so many decisions within a virtual minute, "all" becomes "failed", after twice as many "selected". Default 500. */
  maxPerMinute?: number;
  /** The oldest beyond this number are deleted. Default 1000. */
  maxKept?: number;
  /** The oldest are deleted, too, when all of them hold more scores than this. Default 2 million. */
  maxKeptScores?: number;
  /** Also writes kube-scheduler-simulator's annotations onto the pods. Default false. */
  simulatorAnnotations?: boolean;
}

export const RECORDING_POLICIES = ['full', 'all', 'failed', 'selected', 'off'] as const;

/** How much is recorded. */
export type RecordingPolicy = (typeof RECORDING_POLICIES)[number];

const WINDOW_MS = 60_000;
const KUBE_SYSTEM = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } };
type Level = Exclude<RecordingPolicy, 'full'>;
const DEFAULTS: Required<RecordingOptions> = {
  policy: 'all',
  maxNodes: 50,
  maxPerMinute: 500,
  maxKept: 1000,
  maxKeptScores: 2_000_000,
  simulatorAnnotations: false,
};

/** A decision that will be deleted in its turn, and how many numbers it holds. */
interface Kept extends ObjectKey {
  readonly scores: number;
}

const levelOf = (policy: RecordingPolicy): Level => (policy === 'full' ? 'all' : policy);

/** Records decisions for one scheduler. */
export class DecisionRecorder {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #events: EventRecorder;
  readonly #base: Required<RecordingOptions>;
  #options: Required<RecordingOptions>;
  readonly #kept: Kept[] = [];
  #keptScores = 0;
  /** How many decisions were recorded. */
  recorded = 0;
  #keptHead = 0;
  #windowStart = 0;
  #inWindow = 0;
  #announced: Level = 'all';
  #lastStatus: SchedulingDecision['status'] | undefined = undefined;

  constructor(scope: TaskScope, client: Client, events: EventRecorder, options: RecordingOptions = {}) {
    this.#scope = scope;
    this.#client = client;
    this.#events = events;
    this.#base = { ...DEFAULTS, ...options };
    this.#options = this.#base;
    this.#announced = levelOf(this.#base.policy);
  }

  /** Takes over settings; those that are absent are as at the start. */
  configure(options: RecordingOptions): void {
    this.#options = { ...this.#base, ...options };
  }

  /** Finds the decisions of an earlier life of the scheduler, so that they are deleted in turn; only those of `isOurs` profiles. */
  start(isOurs: (profile: string) => boolean = () => true): void {
    try {
      const { items } = this.#client.list(SchedulingDecisionResource);
      for (const decision of items) if (isOurs(decision.spec.profile)) this.#keep(decision);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Whether an attempt on the pod is to be recorded; to be asked before a decision is built. */
  wants(pod: Pod, success: boolean, nodeCount: number): boolean {
    const level = this.level(nodeCount);
    if (level === 'all') return true;
    if (level === 'off') return false;
    return (level === 'failed' && !success) || pod.metadata.annotations?.[RECORD_ANNOTATION] === 'true';
  }

  /** Why not everything is recorded; undefined when all is. */
  reduction(nodeCount: number): string | undefined {
    const level = this.level(nodeCount);
    return level === 'all' ? undefined : this.#text(level);
  }

  /** What is recorded now. */
  level(nodeCount: number): Level {
    const { policy, maxNodes, maxPerMinute } = this.#options;
    if (policy === 'off') return 'off';
    if (this.#scope.now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = this.#scope.now;
      this.#inWindow = 0;
    }
    let level = levelOf(policy);
    if (policy === 'all' && (nodeCount > maxNodes || this.#inWindow >= maxPerMinute)) level = 'failed';
    if (policy !== 'full' && this.#inWindow >= 2 * maxPerMinute) level = 'selected';
    this.#announce(level);
    return level;
  }

  /** Writes the decision in a task of its own. */
  record(made: SchedulingDecision): void {
    // Decisions in a row have much in common: which plugins there are, what they cost, what nodes have.
    const decision = { ...made, status: shareEqual(this.#lastStatus, made.status) };
    this.#lastStatus = decision.status;
    this.#inWindow++;
    this.recorded++;
    const { namespace, name } = decision.metadata;
    this.#scope.post('record decision', `schedulingdecisions/${namespace}/${name}`, () => {
      try {
        this.#client.create(SchedulingDecisionResource, decision);
        this.#keep(decision);
        this.#prune();
        if (this.#options.simulatorAnnotations) this.#annotate(decision);
      } catch (error) {
        // A record is best effort: the namespace may be going away, or the server be down.
        if (!(error instanceof StatusError)) throw error;
      }
    });
  }

  #annotate(decision: SchedulingDecision): void {
    const { podRef } = decision.spec;
    const pod = this.#client.find(PodResource, podRef);
    if (pod?.metadata.uid !== podRef.uid) return;
    const annotations = simulatorAnnotations(decision, pod.metadata.annotations?.[HISTORY]);
    this.#client.patch(PodResource, podRef, 'merge', { metadata: { annotations } });
  }

  #keep({ metadata: { namespace, name }, spec, status }: SchedulingDecision): void {
    if (spec.dryRun === true) return;
    const columns = status.scores.reduce((sum, { raw, normalized }) => sum + raw.length + (normalized === raw ? 0 : normalized.length), 0);
    this.#kept.push({ namespace, name, scores: columns });
    this.#keptScores += columns;
  }

  #announce(level: Level): void {
    if (level === this.#announced) return;
    this.#announced = level;
    const message = level === 'all' ? 'Every scheduling decision is recorded again' : this.#text(level);
    this.#events.event(KUBE_SYSTEM, 'Normal', 'SchedulingDecisionRecording', message);
  }

  #text(level: Level): string {
    const { maxNodes, maxPerMinute } = this.#options;
    const which = level === 'failed' ? 'failed attempts and pods annotated' : 'pods annotated';
    const why = `more than ${maxNodes} nodes, or ${maxPerMinute} decisions within a minute`;
    return `Only decisions on ${which} ${RECORD_ANNOTATION}=true are recorded (limits: ${why})`;
  }

  #prune(): void {
    const { maxKept, maxKeptScores } = this.#options;
    while (this.#kept.length - this.#keptHead > maxKept || this.#keptScores > maxKeptScores) {
      const oldest = this.#kept[this.#keptHead++];
      if (oldest === undefined) break;
      this.#keptScores -= oldest.scores;
      this.#delete(oldest);
    }
    if (this.#keptHead > this.#options.maxKept) {
      this.#kept.splice(0, this.#keptHead);
      this.#keptHead = 0;
    }
  }

  #delete(key: ObjectKey): void {
    try {
      this.#client.delete(SchedulingDecisionResource, key);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
