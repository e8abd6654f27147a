/**
 * A cluster of canned objects behind the frames of the protocol, for developing panels and for their pictures: four nodes, kube-system,
 * a Deployment. It answers reads and watches, creates, deletes and patches (merge), and lets a new Pod become Running.
 */
import { ClusterConnection } from '../cluster/connection.ts';
import type { FramePort } from '../cluster/connection.ts';
import type { Cluster } from '../cluster/connect.ts';
import type { Place } from '../cluster/ownership.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { ApiCall, ClientFrame, ClockState, Notice, ServerFrame, StorageState, TaskInfo } from '../../worker/protocol.ts';
import { cannedObjects, PLURALS } from './canned-objects.ts';

/** What is different from a healthy fresh cluster. */
export interface FakeOptions {
  place?: Place;
  recovered?: boolean;
  storage?: StorageState;
  crash?: boolean;
  runaway?: boolean;
  /** Milliseconds until it is ready. */
  delay?: number;
}

const START = Date.parse('2026-01-01T10:00:42Z');

/** A cluster as `connectCluster()` gives it. */
export function fakeCluster(options: FakeOptions = {}): Cluster {
  const connection = new ClusterConnection();
  connection.attach(new FakeServer(options));
  return {
    connection,
    ownership: {
      place: options.place ?? 'here',
      subscribe: () => () => undefined,
      takeOver: () => Promise.resolve(),
      restart: () => undefined,
    },
  };
}

interface Watch {
  id: number;
  resource: string;
}

class FakeServer implements FramePort {
  receive: ((frame: ServerFrame) => void) | undefined;
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #watches: Watch[] = [];
  readonly #tasks: TaskInfo[] = [];
  #clock: ClockState = { paused: false, speed: 1, now: START, revision: 214, tasks: 1830, idle: false };

  constructor({
    delay = 50,
    recovered = false,
    storage = { mode: 'durable', durableRevision: 214, usedBytes: 3.4e6, quotaBytes: 2e9 },
    crash,
    runaway,
  }: FakeOptions) {
    for (const object of cannedObjects()) this.#objects.set(keyOf(object), object);
    setTimeout(() => {
      this.#notice({ kind: 'ready', clock: this.#clock, storage, recovered, bootMs: 183 });
      if (crash) this.#notice({ kind: 'crashed', message: 'assertion failed: the queue is sorted', revision: 214, seed: '7' });
      if (runaway)
        this.#notice({
          kind: 'runaway',
          runaway: { what: 'writes', count: 64_000, limit: 60_000, seconds: 21, busiest: 'deployment-controller reconcile default/web' },
        });
    }, delay);
  }

  close(): void {
    this.receive = undefined;
  }

  send(frame: ClientFrame): void {
    setTimeout(() => this.#handle(frame), 1);
  }

  #handle(frame: ClientFrame): void {
    if (frame.type === 'watch') {
      const { resource } = frame.request;
      this.#watches.push({ id: frame.id, resource });
      const events = [...this.#objects.values()]
        .filter((object) => PLURALS[object.kind] === resource)
        .map((object) => ({ type: 'ADDED' as const, object }));
      this.receive?.({
        type: 'events',
        id: frame.id,
        events: [...events, { type: 'BOOKMARK', object: { kind: '', apiVersion: 'v1', metadata: { resourceVersion: '214' } } }],
      });
    } else if (frame.type === 'cancel') {
      const at = this.#watches.findIndex(({ id }) => id === frame.id);
      if (at >= 0) this.#watches.splice(at, 1);
    } else if (frame.type === 'request') this.#request(frame.id, frame.request);
    else if (frame.type === 'control') this.receive?.({ type: 'result', id: frame.id, result: this.#control(frame) });
  }

  #control(frame: Extract<ClientFrame, { type: 'control' }>): unknown {
    switch (frame.name) {
      case 'setClock':
        this.#clock = { ...this.#clock, ...frame.params };
        this.#notice({ kind: 'clock', clock: this.#clock });
        return this.#clock;
      case 'step':
        return { clock: this.#tick(), tasks: [this.#task('deployment-controller', 'reconcile', 'deployments/default/web', 0)] };
      case 'recentTasks':
        return this.#tasks.slice(-frame.params.limit);
      case 'export':
        return {
          objects: [...this.#objects.values()].filter(
            ({ metadata, kind }) => metadata.namespace === 'default' && (kind === 'Deployment' || kind === 'Service'),
          ),
          seed: 7,
        };
      case 'hash':
        return { hash: 'fake', revision: this.#clock.revision };
      default:
        return this.#clock;
    }
  }

  #request(id: number, { verb, resource, namespace, name, body, options }: ApiCall): void {
    const kind = Object.keys(PLURALS).find((key) => PLURALS[key] === resource) ?? '';
    const key = `${kind}/${namespace ?? ''}/${name ?? (body as KubernetesObject | undefined)?.metadata.name}`;
    const found = this.#objects.get(key);
    const answer = (object: KubernetesObject, code = 200) =>
      this.receive?.({ type: 'response', id, response: { code, object, warnings: [] } });
    if (options?.dryRun && verb !== 'get') {
      answer(verb === 'patch' && found ? merged(found, body) : ({ ...found, ...(body as object) } as KubernetesObject));
    } else if (verb === 'create') {
      const created = this.#create(body as KubernetesObject, namespace);
      answer(created, 201);
      if (kind === 'Pod') this.#run(created as Pod);
    } else if (!found) {
      const message = `${resource} "${name}" not found`;
      this.receive?.({
        type: 'failure',
        id,
        status: { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', message, reason: 'NotFound', code: 404 },
      });
    } else if (verb === 'delete') {
      this.#objects.delete(key);
      this.#tell('DELETED', found);
      answer(found);
    } else if (verb === 'patch' || verb === 'update') {
      const next = verb === 'patch' ? merged(found, body) : ({ ...found, ...(body as object) } as KubernetesObject);
      this.#put('MODIFIED', next);
      answer(next);
    } else answer(found);
  }

  #create(body: KubernetesObject, namespace: string | undefined): KubernetesObject {
    const metadata = { ...body.metadata, namespace, uid: crypto.randomUUID(), creationTimestamp: new Date(this.#clock.now).toISOString() };
    const created = { ...body, metadata } as KubernetesObject;
    this.#put('ADDED', created);
    this.#task('you', 'create', `pods/${namespace}/${metadata.name}`, 0);
    return created;
  }

  /** A Pod's first seconds. */
  #run(pod: Pod): void {
    const object = `pods/${pod.metadata.namespace}/${pod.metadata.name}`;
    const steps: [ms: number, component: string, action: string, change: (pod: Pod) => Pod][] = [
      [60, 'kube-apiserver', 'admit', (now) => ({ ...now, status: { phase: 'Pending' } })],
      [300, 'kube-scheduler', 'bind', (now) => ({ ...now, spec: { ...now.spec, nodeName: 'node-2' } })],
      [700, 'kubelet node-2', 'sync', (now) => ({ ...now, status: { phase: 'Pending' } })],
      [900, 'containerd', 'pull', (now) => now],
      [
        1500,
        'kubelet node-2',
        'status',
        (now) => ({ ...now, status: { phase: 'Running', podIP: '10.244.2.9', conditions: [{ type: 'Ready', status: 'True' }] } }),
      ],
      [1600, 'endpointslice-controller', 'reconcile', (now) => now],
    ];
    let latest = pod;
    for (const [ms, component, action, change] of steps) {
      setTimeout(() => {
        latest = change(latest);
        this.#put('MODIFIED', latest);
        this.#task(component, action, object, this.#tasks.at(-1)?.id ?? 0);
      }, ms);
    }
  }

  #put(type: 'ADDED' | 'MODIFIED', object: KubernetesObject): void {
    const next = { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#clock.revision + 1) } };
    this.#objects.set(keyOf(next), next);
    this.#tick();
    this.#tell(type, next);
  }

  #tell(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): void {
    for (const { id, resource } of this.#watches)
      if (resource === PLURALS[object.kind]) this.receive?.({ type: 'events', id, events: [{ type, object }] });
  }

  #task(component: string, action: string, object: string, cause: number): TaskInfo {
    const task = { id: this.#clock.tasks + 1, at: this.#clock.now, component, action, object, cause };
    this.#clock = { ...this.#clock, tasks: task.id };
    this.#tasks.push(task);
    return task;
  }

  #tick(): ClockState {
    this.#clock = { ...this.#clock, revision: this.#clock.revision + 1, now: this.#clock.now + 120 };
    this.#notice({ kind: 'clock', clock: this.#clock });
    return this.#clock;
  }

  #notice(notice: Notice): void {
    this.receive?.({ type: 'notice', notice });
  }
}

/** A merge patch carried out; lists are replaced. */
function merged<T>(value: T, patch: unknown): T {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch as T;
  const result: Record<string, unknown> = { ...(value as object) };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) delete result[key];
    else result[key] = merged(result[key], change);
  }
  return result as T;
}

const keyOf = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
