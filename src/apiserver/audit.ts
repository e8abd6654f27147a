/**
 * The audit trail: who asked for what, what the authorizers and the steps of admission said, and what came of it
 * (`k8s.io/apiserver/pkg/audit`, `pkg/apis/audit`). Kept as references in two rings, writes and reads, and put into words only when
 * somebody looks. Not in etcd: how the cluster came about is not part of its state, and a reload begins an empty trail.
 * Differs: one record a request, at stage ResponseComplete, under a fixed policy: writes of everybody, reads of users, no watches.
 */
import { jsonChanges } from '../apimachinery/json-changes.ts';
import type { JsonChange } from '../apimachinery/json-changes.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { PolicyRule } from '../api/generated/types.ts';
import type { ApiRequest, ApiResponse, UserInfo } from '../api/request.ts';
import { formatMicroTime } from '../apimachinery/durations.ts';
import type { Decision } from './authorization/attributes.ts';

/** What one admission plugin did; plugins that had nothing to say leave no step. */
export interface AdmissionStep {
  plugin: string;
  phase: 'mutating' | 'validating';
  /** The object before and after, when the plugin changed it. */
  before?: KubernetesObject;
  after?: KubernetesObject;
  /** The message with which it refused the request. */
  refused?: string;
  /** What it adds to the audit record, by name. */
  annotations?: Readonly<Record<string, string>>;
}

/** One request that was answered. Objects are shared with the store, nothing is copied. */
export interface AuditRecord {
  /** Counts up from 1. */
  id: number;
  /** Task that made the request, and the task that it was made by; 0 for none. */
  task: number;
  cause: number;
  /** Virtual time, ms. */
  at: number;
  user: UserInfo;
  userAgent: string;
  verb: ApiRequest['verb'];
  group: string;
  version: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
  dryRun: boolean;
  /** HTTP status code; of a refusal too. */
  code: number;
  /** Status reason and message of a refusal. */
  reason: string;
  message: string;
  /** etcd's revision afterwards. */
  revision: number;
  /** "pods/default/web-1", with "/status" behind for subresources. */
  readonly object: string;
  /** What the authorizers said; undefined where nobody was asked. */
  decision: Decision | undefined;
  /** Undefined when no plugin changed or refused anything. */
  steps: readonly AdmissionStep[] | undefined;
}

/** A record in words: `audit.k8s.io/v1` Event, and what only Kubarium knows. Plain JSON. */
export interface AuditEvent {
  apiVersion: 'audit.k8s.io/v1';
  kind: 'Event';
  level: 'Metadata';
  auditID: string;
  stage: 'ResponseComplete';
  requestURI: string;
  verb: string;
  user: { username: string; groups: readonly string[]; uid?: string; extra?: UserInfo['extra'] };
  userAgent: string;
  objectRef: {
    resource: string;
    namespace?: string;
    name?: string;
    apiGroup?: string;
    apiVersion: string;
    subresource?: string;
  };
  responseStatus: { code: number; reason?: string; message?: string };
  requestReceivedTimestamp: string;
  stageTimestamp: string;
  annotations: Record<string, string>;
  kubarium: AuditDetails;
}

/** What a real audit event does not say. */
export interface AuditDetails {
  id: number;
  task: number;
  cause: number;
  revision: number;
  dryRun: boolean;
  /** The RBAC rule that allowed the request. */
  rule?: PolicyRule;
  /** Every plugin of the chain, in order, with what it did. Only for writes. */
  admission: {
    plugin: string;
    phase: 'mutating' | 'validating';
    outcome: 'changed' | 'refused';
    changes?: JsonChange[];
    message?: string;
  }[];
}

/** What the trail needs to know about the moment. */
export interface AuditClock {
  readonly now: number;
  readonly current: { readonly id: number; readonly cause: number } | undefined;
}

/** How many records are kept. */
const KEPT_WRITES = 1024;
const KEPT_READS = 256;
/** Changes of one admission step that are spelled out. */
const MAX_CHANGES = 50;

/** Holds on to the request and reads the rest out of it when asked: a record is made for every write. */
class StoredRecord implements AuditRecord {
  id = 0;
  task = 0;
  cause = 0;
  at = 0;
  name: string;
  code = 200;
  reason = '';
  message = '';
  revision = 0;
  readonly decision: Decision | undefined;
  steps: readonly AdmissionStep[] | undefined = undefined;
  readonly #request: ApiRequest;

  constructor(request: ApiRequest, decision: Decision | undefined) {
    this.#request = request;
    this.name = request.name ?? '';
    this.decision = decision;
  }

  get user(): UserInfo {
    return this.#request.user;
  }

  get userAgent(): string {
    return this.#request.userAgent;
  }

  get verb(): ApiRequest['verb'] {
    return this.#request.verb;
  }

  get group(): string {
    return this.#request.group;
  }

  get version(): string {
    return this.#request.version;
  }

  get resource(): string {
    return this.#request.resource;
  }

  get subresource(): string {
    return this.#request.subresource ?? '';
  }

  get namespace(): string {
    return this.#request.namespace ?? '';
  }

  get dryRun(): boolean {
    return this.#request.options?.dryRun === true;
  }

  get object(): string {
    return [this.resource, this.namespace, this.name, this.subresource].filter(Boolean).join('/');
  }
}

/** A list that forgets its oldest entries. */
class Ring<T> {
  readonly #entries: T[] = [];
  readonly #length: number;
  #next = 0;

  constructor(length: number) {
    this.#length = length;
  }

  push(entry: T): void {
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.#length;
  }

  /** Oldest first. */
  list(): T[] {
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }
}

/** The trail of one apiserver. */
export class AuditTrail {
  readonly #clock: AuditClock;
  readonly #writes = new Ring<AuditRecord>(KEPT_WRITES);
  readonly #reads = new Ring<AuditRecord>(KEPT_READS);
  readonly #listeners = new Set<(record: AuditRecord) => void>();
  #count = 0;

  constructor(clock: AuditClock) {
    this.#clock = clock;
  }

  /** How many requests have been recorded, forgotten ones included. */
  get count(): number {
    return this.#count;
  }

  /** The records that are kept, oldest first; those with an id above `after`. */
  list(after = 0): AuditRecord[] {
    const all = [...this.#writes.list(), ...this.#reads.list()];
    return all.filter(({ id }) => id > after).sort((a, b) => a.id - b.id);
  }

  /** Tells of each new record, at once. Returns how to stop. */
  subscribe(listener: (record: AuditRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Records an answered request. */
  answered(
    request: ApiRequest,
    response: ApiResponse,
    decision: Decision | undefined,
    steps: AuditRecord['steps'],
    revision: number,
  ): void {
    const record = new StoredRecord(request, decision);
    record.code = response.code;
    if (request.verb === 'create' && request.subresource === undefined) {
      const { metadata } = response.object as Partial<KubernetesObject>;
      record.name = metadata?.name ?? record.name;
    }
    this.#keep(record, steps, revision);
  }

  /** Records a refused request. */
  refused(request: ApiRequest, error: unknown, decision: Decision | undefined, steps: AuditRecord['steps'], revision: number): void {
    const record = new StoredRecord(request, decision);
    const status = error instanceof StatusError ? error.status : undefined;
    record.code = status?.code ?? 500;
    record.reason = status?.reason ?? 'InternalError';
    record.message = status?.message ?? String(error);
    this.#keep(record, steps, revision);
  }

  #keep(record: StoredRecord, steps: AuditRecord['steps'], revision: number): void {
    const { now, current } = this.#clock;
    record.id = ++this.#count;
    record.at = now;
    record.task = current?.id ?? 0;
    record.cause = current?.cause ?? 0;
    record.steps = steps;
    record.revision = revision;
    (isRead(record.verb) ? this.#reads : this.#writes).push(record);
    if (this.#listeners.size > 0) for (const listener of this.#listeners) listener(record);
  }
}

/** Whether the policy records the request: every write, and what users read. */
export function isAudited({ verb, user }: ApiRequest): boolean {
  return !isRead(verb) || !user.name.startsWith('system:');
}

const isRead = (verb: ApiRequest['verb']): boolean => verb === 'get' || verb === 'list';

/** The record in words. */
export function auditEvent(record: AuditRecord): AuditEvent {
  const { id, user, decision, group, version, resource, subresource, namespace, name, code, reason, message } = record;
  const time = formatMicroTime(record.at);
  return {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Event',
    level: 'Metadata',
    auditID: `audit-${id}`,
    stage: 'ResponseComplete',
    requestURI: uriOf(record),
    verb: record.verb,
    user: { username: user.name, groups: user.groups, ...(user.uid && { uid: user.uid }), ...(user.extra && { extra: user.extra }) },
    userAgent: record.userAgent,
    objectRef: {
      resource,
      ...(namespace && { namespace }),
      ...(name && { name }),
      ...(group && { apiGroup: group }),
      apiVersion: version,
      ...(subresource && { subresource }),
    },
    responseStatus: { code, ...(reason && { reason }), ...(message && { message }) },
    requestReceivedTimestamp: time,
    stageTimestamp: time,
    annotations: decision === undefined ? {} : annotationsOf(decision),
    kubarium: detailsOf(record),
  };
}

function annotationsOf({ allowed, reason }: Decision): Record<string, string> {
  return { 'authorization.k8s.io/decision': allowed ? 'allow' : 'forbid', 'authorization.k8s.io/reason': reason };
}

function detailsOf({ id, task, cause, revision, dryRun, decision, steps = [] }: AuditRecord): AuditDetails {
  const admission = steps.map(({ plugin, phase, before, after, refused }) => ({
    plugin,
    phase,
    outcome: refused === undefined ? ('changed' as const) : ('refused' as const),
    ...(before && after && { changes: jsonChanges(before, after, MAX_CHANGES) }),
    ...(refused !== undefined && { message: refused }),
  }));
  return { id, task, cause, revision, dryRun, ...(decision?.rule && { rule: decision.rule }), admission };
}

/** The path of the request; queries are not kept, save for a dry run. */
function uriOf({ group, version, resource, namespace, name, subresource, verb, dryRun }: AuditRecord): string {
  const parts = [
    group ? `/apis/${group}/${version}` : `/api/${version}`,
    namespace && `/namespaces/${namespace}`,
    `/${resource}`,
    // The name of a new object is in the body.
    name && (verb !== 'create' || subresource) && `/${name}`,
    subresource && `/${subresource}`,
    dryRun && '?dryRun=All',
  ];
  return parts.filter(Boolean).join('');
}
