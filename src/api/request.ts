/**
 * A request to the apiserver and what comes back, without any encoding: the form in which components inside the worker
 * call it (`k8s.io/apiserver/pkg/endpoints/request/requestinfo.go`). HTTP is a thin layer over this at the edges.
 */
import type { KubernetesObject, ObjectList } from '../apimachinery/meta.ts';
import type { Status } from '../apimachinery/status.ts';

/** Who asks (`k8s.io/apiserver/pkg/authentication/user`). */
export interface UserInfo {
  /** "system:kube-scheduler", "system:node:node-1", "you" */
  name: string;
  groups: readonly string[];
  uid?: string;
  extra?: Record<string, readonly string[]>;
}

/** `metav1.DeletionPropagation`. */
export type PropagationPolicy = 'Orphan' | 'Background' | 'Foreground';

/** The options of all verbs together (`ListOptions`, `CreateOptions`, `DeleteOptions` ...). */
export interface RequestOptions {
  labelSelector?: string;
  fieldSelector?: string;
  limit?: number;
  continue?: string;
  resourceVersion?: string;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan';
  allowWatchBookmarks?: boolean;
  sendInitialEvents?: boolean;
  timeoutSeconds?: number;
  dryRun?: boolean;
  fieldManager?: string;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  force?: boolean;
  gracePeriodSeconds?: number;
  propagationPolicy?: PropagationPolicy;
  preconditions?: { uid?: string; resourceVersion?: string };
  /** For the log subresource and other options that only one subresource knows. */
  query?: Readonly<Record<string, string>>;
}

/** How `body` of a patch is to be read. */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** One request to the API. */
export interface ApiRequest {
  verb: 'get' | 'list' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';
  group: string;
  version: string;
  /** Plural resource name. */
  resource: string;
  subresource?: string;
  /** Absent for cluster-scoped resources and for lists over all namespaces. */
  namespace?: string;
  name?: string;
  /** The object (create, update), patch, or subresource body (Binding, Eviction, Scale). Plain JSON, never mutated. */
  body?: unknown;
  patchType?: PatchType;
  options?: RequestOptions;
  user: UserInfo;
  /**
   * The request comes from outside the cluster, over HTTP: it is authorized, what it writes is recorded in managedFields, and the results
   * of its patches are checked against the kind's fields. Components are trusted in all three.
   */
  external?: boolean;
  /** Names the writer in managedFields and in the audit trail: "kube-scheduler", "kubectl". */
  userAgent: string;
}

/** A watch request: the same coordinates, without body. */
export type WatchRequest = Omit<ApiRequest, 'verb' | 'body' | 'patchType' | 'subresource'> & {
  /** The watcher stands outside the simulation (a tab, an HTTP client): it is told at once, even while time stands still, and costs no task. */
  observer?: boolean;
};

/** The answer to a request that did not fail. */
export interface ApiResponse {
  /** 200, or 201 when an object was created. */
  code: number;
  object: KubernetesObject | ObjectList | Status;
  /** Texts for `Warning` headers. */
  warnings: readonly string[];
}

/** One event of a watch (`watch.Event`). */
export type WatchEvent<T extends KubernetesObject = KubernetesObject> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  | {
      type: 'BOOKMARK';
      object: { kind: string; apiVersion: string; metadata: { resourceVersion: string; annotations?: Record<string, string> } };
    }
  | { type: 'ERROR'; object: Status };

/** Receives a watch's events, in order; each batch is one task. After `closed`, nothing comes any more. */
export interface WatchSink {
  events(batch: readonly WatchEvent[]): void;
  /** The server ended the watch (it went down, or after an ERROR event). */
  closed(): void;
}

/** A running watch. */
export interface WatchHandle {
  stop(): void;
}

/**
 * The way to an apiserver: a direct call inside the worker, frames over a port from the UI. Failures are `StatusError`s.
 * An apiserver that is down answers every call with 503 ServiceUnavailable.
 */
export interface Transport {
  request(request: ApiRequest): ApiResponse;
  watch(request: WatchRequest, sink: WatchSink): WatchHandle;
}
