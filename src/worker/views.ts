/** Answers for the views "Control loop" and "Store": looked up when somebody asks, kept by nobody. */
import { auditEvent } from '../apiserver/audit.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { prefixEnd } from '../etcd/etcd.ts';
import type { TaskRing } from './task-ring.ts';
import type { AuditPage, ComponentQueue, StoreOverview, StoreStep, StoreVersion, ViewControls } from './protocol-views.ts';

const REGISTRY = '/registry/';
/** Tasks told with a page of the audit trail. */
const TASKS = 2048;
/** Records told at once. */
const RECORDS = 600;
/** Keys told per queue. */
const KEYS = 20;
const RECONCILE = 'reconcile';
const REQUEUE = 'requeue';

/** The audit trail after a record. */
export function auditPage({ apiServer }: Cluster, tasks: TaskRing, after: number): AuditPage {
  return { events: apiServer.audit.list(after).slice(-RECORDS).map(auditEvent), tasks: tasks.last(TASKS) };
}

/** The work queues, read off what waits in the run queue. */
export function componentQueues({ sim }: Cluster): ComponentQueue[] {
  const queues = new Map<string, ComponentQueue>();
  for (const { component, action, object, at } of sim.pending()) {
    if (action !== RECONCILE && action !== REQUEUE) continue;
    let queue = queues.get(component);
    if (queue === undefined) queues.set(component, (queue = { component, due: [], later: [] }));
    if (action === RECONCILE && queue.due.length < KEYS) queue.due.push(object);
    else if (action === REQUEUE && queue.later.length < KEYS) queue.later.push({ key: object, at });
  }
  return [...queues.values()];
}

/** The store at a glance. */
export function storeOverview({ etcd, apiServer }: Cluster, changes: number): StoreOverview {
  const branches = new Map<string, number>();
  for (const { key } of etcd.range({ key: REGISTRY, end: prefixEnd(REGISTRY) }).kvs) {
    const prefix = branchOf(key);
    branches.set(prefix, (branches.get(prefix) ?? 0) + 1);
  }
  const newest = etcd.eventsSince(Math.max(etcd.compactedRevision + 1, etcd.revision - changes + 1));
  return {
    revision: etcd.revision,
    compactedRevision: etcd.compactedRevision,
    branches: [...branches].map(([prefix, keys]) => ({ prefix, keys })),
    changes: newest.slice(-changes).map(({ revision, type, key }) => ({ revision, type, key })),
    watches: apiServer.hub.states(),
  };
}

/** "/registry/pods/default/web" belongs to "/registry/pods/", "/registry/apiextensions.k8s.io/…/x" to its group and resource. */
function branchOf(key: string): string {
  const [, , first = '', second = ''] = key.split('/');
  return first.includes('.') ? `${REGISTRY}${first}/${second}/` : `${REGISTRY}${first}/`;
}

/** Keys with a prefix. */
export function storeKeys(
  { etcd }: Cluster,
  { prefix, limit, contains = '' }: ViewControls['storeKeys']['params'],
): ViewControls['storeKeys']['result'] {
  const found = etcd.range({ key: prefix, end: prefixEnd(prefix), ...(contains === '' && { limit }) });
  const fitting = contains === '' ? found.kvs : found.kvs.filter(({ key }) => key.includes(contains));
  const count = contains === '' ? found.count : fitting.length;
  const kvs = fitting.slice(0, limit);
  const keys = kvs.map(({ key, createRevision, modRevision, version, lease }) => ({ key, createRevision, modRevision, version, lease }));
  return { keys, count };
}

/** What a revision changed; undefined when that is no longer known. */
export function storeRevision({ etcd }: Cluster, revision: number): StoreStep[] | undefined {
  if (revision <= etcd.compactedRevision) return undefined;
  return etcd
    .eventsSince(revision)
    .filter((event) => event.revision === revision)
    .map(({ key, prevKv, kv }) => ({ key, ...(prevKv && { before: prevKv.value }), ...(kv && { after: kv.value }) }));
}

/** The kept versions of a key. */
export function storeHistory({ etcd }: Cluster, key: string): StoreVersion[] {
  return etcd
    .history(key)
    .map(({ modRevision, kv }) => ({ modRevision, ...(kv !== undefined && { value: kv.value, version: kv.version }) }));
}
