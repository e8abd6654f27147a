/**
 * The parts a "why?" is made of: lines of evidence, each pointing at the event, condition or object that says so. A line is a
 * message key with parameters, so that it can be said in any language; Kubernetes' own words travel in the parameters.
 */
import { parseTime } from '../../apimachinery/durations.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Event, Node, Pod } from '../../api/generated/types.ts';

/** Names an object well enough to select it. */
export interface ObjectRef {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** What a line rests on. */
export type EvidenceLink =
  | { to: 'event'; uid: string }
  | { to: 'condition'; type: string }
  | { to: 'logs'; container: string; previous: boolean }
  | { to: 'object'; ref: ObjectRef };

/** What a line can say; the texts are in the inspector's message files. */
export type EvidenceKey =
  | 'notYetScheduled'
  | 'noNodeFits'
  | 'nodesRefuse'
  | 'asksTooMuch'
  | 'schedulingGated'
  | 'otherScheduler'
  | 'claimUnbound'
  | 'claimMissing'
  | 'waitsForConsumer'
  | 'noDefaultClass'
  | 'nodeSilent'
  | 'leavesNode'
  | 'beingDeleted'
  | 'finalizers'
  | 'podFailed'
  | 'containerWaits'
  | 'containerEnded'
  | 'outOfMemory'
  | 'restartsAgain'
  | 'readLogs'
  | 'initRuns'
  | 'containerNotReady'
  | 'probeFails'
  | 'eventSays'
  | 'nodeNotReady'
  | 'faultActs'
  | 'nodeTainted'
  | 'nodeCordoned'
  | 'podsAtRisk'
  | 'conditionSays'
  | 'replicasMissing'
  | 'rolloutPaused'
  | 'podsAre'
  | 'selectorMatchesNothing'
  | 'nearMiss'
  | 'noneReady';

/** One line of a chain of evidence. */
export interface Evidence {
  key: EvidenceKey;
  params: Record<string, string | number>;
  link?: EvidenceLink;
}

/** What a "why?" may look at besides the object itself. */
export interface WhyContext {
  /** Virtual time, ms. */
  now: number;
  /** Events of all objects that may matter, in any order. */
  events: readonly Event[];
  nodes: readonly Node[];
  /** Pods of the object's namespace at least. */
  pods: readonly Pod[];
  /** Any other object, if it is known. */
  find(kind: string, namespace: string | undefined, name: string): KubernetesObject | undefined;
  /** Active Faults that name this node. */
  faultsOn?(node: string): readonly KubernetesObject[];
}

/** A reference to an object. */
export function refOf({ apiVersion, kind, metadata }: KubernetesObject): ObjectRef {
  return { apiVersion, kind, name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
}

const times = new WeakMap<Event, number>();

/** When an event was last seen, ms; the newest of the times it carries. Events are frozen, so it is read once. */
export function eventTime(event: Event): number {
  let time = times.get(event);
  if (time === undefined) {
    const { series, lastTimestamp, eventTime: precise, firstTimestamp, metadata } = event;
    time = parseTime(series?.lastObservedTime ?? lastTimestamp ?? precise ?? firstTimestamp ?? metadata.creationTimestamp);
    times.set(event, time);
  }
  return time;
}

/** How often an event was seen. */
export const eventCount = (event: Event): number => event.series?.count ?? event.count ?? 1;

/** The events about an object, newest first. */
export function eventsOf(object: KubernetesObject, events: readonly Event[]): Event[] {
  const { uid, name, namespace } = object.metadata;
  return events
    .filter(({ involvedObject: about }) =>
      about.uid
        ? about.uid === uid || (object.kind === 'Node' && about.kind === 'Node' && about.name === name)
        : about.kind === object.kind && about.name === name && about.namespace === namespace,
    )
    .sort((a, b) => eventTime(b) - eventTime(a) || (a.metadata.name < b.metadata.name ? 1 : -1));
}

/** The line that quotes an event. */
export function quote(event: Event): Evidence {
  return {
    key: 'eventSays',
    params: { reason: event.reason ?? '', message: event.message ?? '', count: eventCount(event) },
    link: { to: 'event', uid: event.metadata.uid },
  };
}

/** The newest Warning about an object, quoted; with `reasons`, only those. */
export function quoteWarning(object: KubernetesObject, { events }: WhyContext, reasons?: readonly string[]): Evidence[] {
  const found = eventsOf(object, events).find(({ type, reason = '' }) => (reasons ? reasons.includes(reason) : type === 'Warning'));
  return found ? [quote(found)] : [];
}

/** Whole seconds from `ms` ago, never negative. */
export const secondsSince = (time: string | undefined, now: number): number =>
  time === undefined ? 0 : Math.max(0, Math.round((now - parseTime(time)) / 1000));
