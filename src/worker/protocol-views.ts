/** What the views "Control loop", "Store" and "Scheduler" ask of the worker: facts about components that are no API objects. Plain JSON. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { AuditEvent } from '../apiserver/audit.ts';
import type { WatchState } from '../apiserver/watch-hub.ts';
import type { PackingOptions, PackingResult } from '../scheduler/experiments/packing.ts';
import type { TaskInfo } from './protocol.ts';

export type { AuditEvent, PackingOptions, PackingResult, WatchState };

/** Who asked for what, and the tasks that tie one request to the next. */
export interface AuditPage {
  /** Oldest first. */
  events: AuditEvent[];
  tasks: TaskInfo[];
}

/** What one component has before it. */
export interface ComponentQueue {
  component: string;
  /** Keys that will be worked on now, and when: "deployments/default/web". */
  due: string[];
  /** Keys that come back later: after a back-off, or at a set time (virtual ms). */
  later: { key: string; at: number }[];
}

/** One resource's part of the store. */
export interface StoreBranch {
  /** "/registry/pods/" */
  prefix: string;
  keys: number;
}

/** A key as it is now. */
export interface StoreKey {
  key: string;
  createRevision: number;
  modRevision: number;
  version: number;
  lease: number;
}

/** A version of a key that is kept. */
export interface StoreVersion {
  modRevision: number;
  /** Undefined: deleted in this revision. */
  value?: KubernetesObject;
  version?: number;
}

/** A revision of the whole store. */
export interface StoreChange {
  revision: number;
  type: 'PUT' | 'DELETE';
  key: string;
}

/** What one revision did to one key. */
export interface StoreStep {
  key: string;
  before?: KubernetesObject;
  /** Undefined: deleted. */
  after?: KubernetesObject;
}

/** The store at a glance. */
export interface StoreOverview {
  revision: number;
  compactedRevision: number;
  branches: StoreBranch[];
  /** The newest changes, oldest first. */
  changes: StoreChange[];
  watches: WatchState[];
}

/** Controls of these views. */
export interface ViewControls {
  /** The audit trail after the record number `after`, and the last tasks. */
  audit: { params: { after: number }; result: AuditPage };
  /** The work queues of all components that have something before them. */
  queues: { params: Record<string, never>; result: ComponentQueue[] };
  /** The store at a glance, with its newest `changes`. */
  store: { params: { changes: number }; result: StoreOverview };
  /** Keys with a prefix that hold `contains`, in key order, at most `limit`; `count` is how many there are. */
  storeKeys: { params: { prefix: string; limit: number; contains?: string }; result: { keys: StoreKey[]; count: number } };
  /** What a revision changed; undefined when it has been compacted. */
  storeRevision: { params: { revision: number }; result: StoreStep[] | undefined };
  /** The kept versions of a key, oldest first. */
  storeHistory: { params: { key: string }; result: StoreVersion[] };
  /** Borg's packing experiment; it has nothing to do with the cluster. */
  packing: { params: PackingOptions; result: PackingResult };
}
