/**
 * The audit trail as stories: every request, told in the order of their numbers, grouped by the act that began them. Who made a request is
 * the component whose task it was; the tasks' causes tie a request to the watch event that led to it, and that to the write behind it.
 */
import type { TaskInfo } from '../../worker/protocol.ts';
import type { AuditEvent } from '../../worker/protocol-views.ts';

/** Who takes part, from left to right. */
export const ETCD = 'etcd';
export const API_SERVER = 'kube-apiserver';
const FIRST_LANES = [ETCD, API_SERVER];

/** One arrow, or one that goes on: a request that was written also reaches etcd. */
export type Step =
  | { kind: 'request'; id: string; at: number; from: string; event: AuditEvent; written: boolean }
  /** A change reaches whoever watches. */
  | { kind: 'watch'; id: string; at: number; to: string; resource: string };

/** Everything that one act led to. */
export interface Story {
  /** The task of the act; 0 for all requests together. */
  root: number;
  /** The request that began it. */
  first: AuditEvent | undefined;
  steps: Step[];
  lanes: string[];
}

const WATCH = 'watch';
const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** What the playground does in its own name by and by is nobody's act. */
const OWN_HANDS = new Set(['packet-tracer', 'traffic-generator']);

/** Whether the request changed the store. */
export const isWritten = ({ verb, responseStatus, kubarium }: AuditEvent): boolean =>
  WRITES.has(verb) && responseStatus.code < 400 && !kubarium.dryRun;

/** Whether people or programs from outside asked, not a component. */
export const isUser = ({ user }: AuditEvent): boolean => !user.username.startsWith('system:');

/** The trail, put in order once for all stories. */
export class Trail {
  readonly #events: readonly AuditEvent[];
  readonly #tasks: ReadonlyMap<number, TaskInfo>;

  constructor(events: readonly AuditEvent[], tasks: readonly TaskInfo[]) {
    this.#events = events;
    this.#tasks = new Map(tasks.map((task) => [task.id, task]));
  }

  /** The acts of users that wrote something or were refused, newest first. */
  acts(): AuditEvent[] {
    const began = (event: AuditEvent) => this.#rootOf(event) === event.kubarium.task && !OWN_HANDS.has(this.#laneOf(event));
    return this.#events.filter((event) => isUser(event) && WRITES.has(event.verb) && began(event)).reverse();
  }

  /** The request that made an object ("pods default/web-1"), else the oldest that wrote it, and the task that set it in motion. */
  whereFrom(about: string): { root: number; step: string } | undefined {
    const writes = this.#events.filter((event) => objectOf(event) === about && isWritten(event));
    const event = writes.findLast(({ verb }) => verb === 'create') ?? writes[0];
    return event && { root: this.#rootOf(event), step: `request-${event.kubarium.id}` };
  }

  /** What an act led to; without one, every request that is kept. */
  story(root: number): Story {
    const events = root === 0 ? this.#events : this.#events.filter((event) => this.#rootOf(event) === root);
    const steps: Step[] = [];
    const told = new Set<number>();
    for (const event of events) {
      const delivery = root === 0 ? undefined : this.#deliveryBefore(event);
      if (delivery !== undefined && !told.has(delivery.id)) {
        told.add(delivery.id);
        const { id, at, component, object } = delivery;
        steps.push({ kind: 'watch', id: `watch-${id}`, at, to: component, resource: object });
      }
      const { id } = event.kubarium;
      const at = Date.parse(event.requestReceivedTimestamp);
      steps.push({ kind: 'request', id: `request-${id}`, at, from: this.#laneOf(event), event, written: isWritten(event) });
    }
    const acting = steps.map((step) => (step.kind === 'request' ? step.from : step.to));
    return { root, first: root === 0 ? undefined : events[0], steps, lanes: [...new Set([...FIRST_LANES, ...acting])] };
  }

  /** The task that came from outside and set the request in motion; the farthest that is still known. */
  #rootOf({ kubarium: { task, cause } }: AuditEvent): number {
    let id = task;
    for (let next = cause; next > 0; next = this.#tasks.get(next)?.cause ?? 0) id = next;
    return id;
  }

  /** The delivery of a watch event behind a request: the nearest one among its tasks' causes. */
  #deliveryBefore({ kubarium }: AuditEvent): TaskInfo | undefined {
    for (let task = this.#tasks.get(kubarium.task); task !== undefined; task = this.#tasks.get(task.cause)) {
      if (task.action === WATCH) return task;
    }
    return undefined;
  }

  #laneOf({ kubarium, userAgent, user }: AuditEvent): string {
    return this.#tasks.get(kubarium.task)?.component ?? (userAgent || user.username);
  }
}

/** "pods/default/web-1", with the subresource behind; the name is missing for lists. */
export function objectOf({ objectRef }: AuditEvent): string {
  const { resource, subresource, namespace, name } = objectRef;
  return [subresource ? `${resource}/${subresource}` : resource, namespace && name ? `${namespace}/${name}` : (name ?? namespace)]
    .filter(Boolean)
    .join(' ');
}

/** Steps whose object or actor holds the text. */
export function filterSteps(steps: readonly Step[], filter: string): Step[] {
  const text = filter.trim().toLowerCase();
  if (text === '') return [...steps];
  return steps.filter((step) =>
    (step.kind === 'request' ? `${step.event.verb} ${objectOf(step.event)} ${step.from}` : `${step.resource} ${step.to}`)
      .toLowerCase()
      .includes(text),
  );
}
