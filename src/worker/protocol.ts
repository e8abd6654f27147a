/**
 * The frames between a tab and the worker that runs the cluster: requests and streams of the API with cancel and
 * back-pressure, a few controls that are no API objects, and notices. Everything is plain JSON and can be cloned.
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { Status } from '../apimachinery/status.ts';
import type { ViewControls } from './protocol-views.ts';
import type { ApiRequest, ApiResponse, WatchEvent, WatchRequest } from '../api/request.ts';

/** The IndexedDB database of the usual cluster. */
export const DATABASE = 'kubarium';

/** A request as a tab sends it: the worker adds the identity ("kubernetes-admin"). */
export type ApiCall = Omit<ApiRequest, 'user' | 'userAgent'>;
/** A watch as a tab sends it. Without `resourceVersion` it begins with the present state as ADDED events and a bookmark. */
export type WatchCall = Omit<WatchRequest, 'user' | 'userAgent'>;

/** How time runs. `speed` is virtual seconds per real second; 'max' is as fast as possible until idle, then paced at 1. */
export interface ClockState {
  paused: boolean;
  speed: number | 'max';
  /** Virtual time, ms since the Unix epoch. */
  now: number;
  /** etcd's revision. */
  revision: number;
  /** Tasks run so far. */
  tasks: number;
  idle: boolean;
}

/** What was just run, for the timeline ("deployment-controller reconcile deployments/default/web"). */
export interface TaskInfo {
  id: number;
  at: number;
  component: string;
  action: string;
  object: string;
  cause: number;
}

/** Whether what the user does survives a reload. */
export interface StorageState {
  mode: 'durable' | 'memory';
  /** Why it is not durable, or why saving stopped. */
  reason?: 'unavailable' | 'quota' | 'damaged';
  /** Newest revision that is on disk. */
  durableRevision: number;
  usedBytes?: number;
  quotaBytes?: number;
  /** Names of the copies of damaged clusters that are kept, oldest first. */
  damagedCopies?: readonly string[];
}

/** Why a scenario was paused: a count that went beyond its limit. */
export interface RunawayState {
  /** `objects`: too many of them; `writes`: changes without growth; `tasks`: work without changes. */
  what: 'objects' | 'writes' | 'tasks';
  count: number;
  limit: number;
  /** Virtual seconds in which the count came together; 0 with `objects`. */
  seconds: number;
  /** The task that ran most often of late ("deployment-controller reconcile default/web"), if one stands out. */
  busiest?: string | undefined;
}

/** What a fresh cluster starts from: the `Scenario` object and the manifests behind it. */
export interface ScenarioBundle {
  /** Every object of the scenario, the `Scenario` itself first if there is one. */
  objects: readonly KubernetesObject[];
  seed: number;
}

/** Controls that are no API objects. Each answers with the named result. */
export interface Controls extends ViewControls {
  /** Pause, speed. */
  setClock: { params: { paused?: boolean; speed?: number | 'max' }; result: ClockState };
  /** Runs exactly one task (with `count`, that many) while paused; with `revision`, up to the next etcd revision. */
  step: { params: { count?: number; revision?: boolean }; result: { clock: ClockState; tasks: TaskInfo[] } };
  /** Runs as fast as possible until idle, at most `limitSeconds` of virtual time. */
  runUntilIdle: { params: { limitSeconds: number }; result: ClockState };
  /** The hash over the whole store's content and history position. */
  hash: { params: Record<string, never>; result: { hash: string; revision: number } };
  /** Throws the cluster away and starts a fresh one, from a scenario if given. */
  reset: { params: { scenario?: ScenarioBundle }; result: ClockState };
  /** Every object a user created, as they would be applied again: for share links and export. */
  export: { params: Record<string, never>; result: { objects: KubernetesObject[]; seed: number } };
  /** The log of a container. */
  log: { params: { namespace: string; pod: string; container: string; previous?: boolean; tailLines?: number }; result: { text: string } };
  /** The last tasks, newest last. */
  recentTasks: { params: { limit: number }; result: TaskInfo[] };
  /** Deletes every saved cluster from this browser, damaged copies too. The cluster runs on unsaved; all tabs hear `erased`. */
  erase: { params: Record<string, never>; result: { databases: readonly string[] } };
  /** After saving stopped: makes room by dropping the history on disk, writes the present state, and saves again from there. */
  saveAgain: { params: Record<string, never>; result: StorageState };
  /** Names of the copies of damaged clusters, oldest first. */
  damagedCopies: { params: Record<string, never>; result: { names: string[] } };
  /** What can be read of a damaged copy: the manifests that were applied, and everything as JSON text. */
  rescue: { params: { copy: string }; result: { objects: KubernetesObject[]; raw: string } };
  /** Deletes a damaged copy. */
  dropDamaged: { params: { copy: string }; result: StorageState };
  /** Ends the worker's cluster abruptly, as a crash would. For tests of recovery. */
  crash: { params: Record<string, never>; result: never };
}

/** From a tab to the worker. */
export type ClientFrame =
  | { type: 'request'; id: number; request: ApiCall }
  | { type: 'watch'; id: number; request: WatchCall; credit: number }
  /** Allows `credit` more event batches on the stream. */
  | { type: 'credit'; id: number; credit: number }
  /** Ends a watch, or gives up waiting for an answer. */
  | { type: 'cancel'; id: number }
  | { [Name in keyof Controls]: { type: 'control'; id: number; name: Name; params: Controls[Name]['params'] } }[keyof Controls];

/** From the worker to a tab. `id` is that of the frame it answers. */
export type ServerFrame =
  | { type: 'response'; id: number; response: ApiResponse }
  | { type: 'failure'; id: number; status: Status }
  | { type: 'events'; id: number; events: WatchEvent[] }
  | { type: 'closed'; id: number }
  | { type: 'result'; id: number; result: unknown }
  | { type: 'notice'; notice: Notice };

/** Things the worker says unasked. */
export type Notice =
  /** The cluster can be used. `recovered` when it came from storage. */
  | { kind: 'ready'; clock: ClockState; storage: StorageState; recovered: boolean; bootMs: number }
  /** At most ten times a second while anything changes. */
  | { kind: 'clock'; clock: ClockState }
  | { kind: 'storage'; storage: StorageState }
  /** The simulation stopped; the view stays, "restart from revision n" is offered. */
  | { kind: 'crashed'; message: string; revision: number; seed: string }
  /** The scenario was paused because it runs away. Letting time run again allows twice as much. */
  | { kind: 'runaway'; runaway: RunawayState }
  /** A tab erased everything that was saved: tabs forget what they saved themselves, and begin anew. */
  | { kind: 'erased' };
