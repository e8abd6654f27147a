/**
 * Writes SchedulingDecisions through the API, and keeps that cheap: in large or busy clusters only failed attempts and
 * selected pods are recorded (which an Event and each decision then say), and only the newest decisions are kept.
 */
import { RECORD_ANNOTATION, SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import type { Pod } from '../api/generated/types.ts';
import { hasReason, StatusError } from '../apimachinery/status.ts';
import type { Client, ObjectKey } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { TaskScope } from '../sim/task-scope.ts';

/** How much is recorded. */
export interface RecordingOptions {
  /** "all" within the limits below; "failed": failed attempts and selected pods; "selected": only pods with the annotation; "off". */
  policy?: 'all' | 'failed' | 'selected' | 'off';
  /** With more nodes, "all" becomes "failed". Default 50. */
  maxNodes?: number;
  /** After so many decisions within a virtual minute, "all" becomes "failed", after twice as many "selected". Default 500. */
  maxPerMinute?: number;
  /** The oldest beyond this number are deleted. Default 1000. */
  maxKept?: number;
}

const WINDOW_MS = 60_000;
const KUBE_SYSTEM = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } };
type Level = 'all' | 'failed' | 'selected' | 'off';

/** Records decisions for one scheduler. */
export class DecisionRecorder {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #events: EventRecorder;
  readonly #options: Required<RecordingOptions>;
  readonly #kept: ObjectKey[] = [];
  #keptHead = 0;
  #windowStart = 0;
  #inWindow = 0;
  #announced: Level = 'all';

  constructor(scope: TaskScope, client: Client, events: EventRecorder, options: RecordingOptions = {}) {
    this.#scope = scope;
    this.#client = client;
    this.#events = events;
    this.#options = { policy: 'all', maxNodes: 50, maxPerMinute: 500, maxKept: 1000, ...options };
    this.#announced = this.#options.policy;
  }

  /** Finds the decisions of an earlier life of the scheduler, so that they are deleted in turn. */
  start(): void {
    try {
      const { items } = this.#client.list(SchedulingDecisionResource);
      for (const { metadata } of items) this.#kept.push({ namespace: metadata.namespace, name: metadata.name });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  /** Whether an attempt on the pod is to be recorded; to be asked before a decision is built. */
  wants(pod: Pod, success: boolean, nodeCount: number): boolean {
    const level = this.#level(nodeCount);
    if (level === 'all') return true;
    if (level === 'off') return false;
    return (level === 'failed' && !success) || pod.metadata.annotations?.[RECORD_ANNOTATION] === 'true';
  }

  /** Why not everything is recorded; undefined when all is. */
  reduction(nodeCount: number): string | undefined {
    const level = this.#level(nodeCount);
    return level === 'all' ? undefined : this.#text(level);
  }

  /** Writes the decision in a task of its own. */
  record(decision: SchedulingDecision): void {
    this.#inWindow++;
    const { namespace, name } = decision.metadata;
    this.#scope.post('record decision', `schedulingdecisions/${namespace}/${name}`, () => {
      try {
        this.#client.create(SchedulingDecisionResource, decision);
        this.#kept.push({ namespace, name });
        this.#prune();
      } catch (error) {
        // A record is best effort: the namespace may be going away, or the server be down.
        if (!(error instanceof StatusError)) throw error;
      }
    });
  }

  #level(nodeCount: number): Level {
    const { policy, maxNodes, maxPerMinute } = this.#options;
    if (policy === 'off') return 'off';
    if (this.#scope.now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = this.#scope.now;
      this.#inWindow = 0;
    }
    let level: Level = policy;
    if (level === 'all' && (nodeCount > maxNodes || this.#inWindow >= maxPerMinute)) level = 'failed';
    if (this.#inWindow >= 2 * maxPerMinute) level = 'selected';
    this.#announce(level);
    return level;
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
    while (this.#kept.length - this.#keptHead > this.#options.maxKept) {
      const oldest = this.#kept[this.#keptHead++];
      if (oldest !== undefined) this.#delete(oldest);
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
