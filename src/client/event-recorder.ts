/**
 * How a component tells what it did: core/v1 Events about an object (`k8s.io/client-go/tools/record/event.go`).
 * Posting is a task of its own, so recording never delays or fails the work it is about.
 */
import { EventResource } from '../api/core/event.ts';
import type { Event, ObjectReference } from '../api/generated/types.ts';
import { formatTime } from '../apimachinery/durations.ts';
import { keyOf } from '../apimachinery/meta.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { hasReason, StatusError } from '../apimachinery/status.ts';
import type { Random } from '../sim/random.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { Client } from './client.ts';
import { EventCorrelator } from './event-correlator.ts';

/** Who records: the component, and the machine it runs on where that matters (kubelet, kube-proxy). */
export interface EventSource {
  component: string;
  host?: string;
}

/** What an event may be about: an object, or at least its coordinates. */
export type EventTarget = Pick<KubernetesObject, 'apiVersion' | 'kind'> & {
  metadata: { name: string; namespace?: string; uid?: string; resourceVersion?: string };
};

const NANOS_PER_MS = 1_000_000;

/** Records events under one source. A refused event is dropped. */
export class EventRecorder {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #source: EventSource;
  readonly #correlator = new EventCorrelator();
  readonly #random: Random;

  constructor(scope: TaskScope, client: Client, source: EventSource) {
    this.#scope = scope;
    this.#client = client;
    this.#source = source;
    this.#random = scope.random.fork(`events/${source.component}/${source.host ?? ''}`);
  }

  /** Records that `reason` happened to `object`. `fieldPath` names a part of it, as "spec.containers{web}". Never throws. */
  event(object: EventTarget, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): void {
    const now = this.#scope.now;
    const event = this.#make(object, type, reason, message, fieldPath);
    this.#scope.post('record event', `${object.kind.toLowerCase()}/${keyOf(object)}`, () => {
      const correlated = this.#correlator.correlate(event, now);
      if (correlated !== undefined) this.#write(correlated.event, correlated.isUpdate);
    });
  }

  #make(object: EventTarget, type: string, reason: string, message: string, fieldPath: string | undefined): Event {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const time = formatTime(this.#scope.now);
    // As upstream, the name ends in the hexadecimal nanoseconds of now; those below the virtual clock's step are drawn.
    const nanos = BigInt(Math.floor(this.#scope.now)) * BigInt(NANOS_PER_MS) + BigInt(this.#random.int(NANOS_PER_MS));
    const involvedObject: ObjectReference = {
      kind: object.kind,
      ...(namespace !== undefined && { namespace }),
      name,
      ...(uid !== undefined && { uid }),
      apiVersion: object.apiVersion,
      ...(resourceVersion !== undefined && { resourceVersion }),
      ...(fieldPath !== undefined && { fieldPath }),
    };
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${nanos.toString(16)}`, namespace: namespace ?? 'default' } as Event['metadata'],
      involvedObject,
      reason,
      message,
      source: this.#source,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      type,
      reportingComponent: this.#source.component,
      reportingInstance: this.#source.host ?? '',
    };
  }

  #write(event: Event, isUpdate: boolean): void {
    try {
      if (isUpdate && this.#patch(event)) return;
      this.#client.create(EventResource, event);
    } catch (error) {
      // Events are best effort: the namespace may be going away, or the server be down.
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #patch({ metadata, count, lastTimestamp, message }: Event): boolean {
    try {
      this.#client.patch(EventResource, metadata, 'strategic', { count, lastTimestamp, message });
      return true;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return false; // it expired; write it anew
      throw error;
    }
  }
}
