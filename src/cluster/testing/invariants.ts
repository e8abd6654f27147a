/** What must be true of a cluster in which nothing is left to do. Each finding is one line. */
import { keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { selectorFromSet } from '../../apimachinery/labels.ts';
import { milliValue, value } from '../../apimachinery/quantity.ts';
import type {
  EndpointSlice,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../../api/generated/types.ts';
import type { Etcd } from '../../etcd/etcd.ts';
import { isReady } from './user.ts';

/** The store's objects by the resource's part of their key. */
class Store {
  readonly #etcd: Etcd<KubernetesObject>;

  constructor(etcd: Etcd<KubernetesObject>) {
    this.#etcd = etcd;
  }

  all<T extends KubernetesObject>(prefix: string): T[] {
    return this.#etcd.range({ key: `/registry/${prefix}/`, end: `/registry/${prefix}0` }).kvs.map((kv) => kv.value as T);
  }
}

const isDone = ({ status }: Pod) => status?.phase === 'Succeeded' || status?.phase === 'Failed';
const runs = (pod: Pod) => pod.status?.phase === 'Running';

/** Everything that is wrong. */
export function violations(etcd: Etcd<KubernetesObject>): string[] {
  const store = new Store(etcd);
  const pods = store.all<Pod>('pods');
  return [
    ...owners(etcd),
    ...addresses(pods),
    ...nodes(pods, store.all<Node>('minions')),
    ...counts(pods, store),
    ...endpoints(pods, store),
    ...volumes(store),
  ];
}

function* owners(etcd: Etcd<KubernetesObject>): Iterable<string> {
  const kvs = etcd.range({ key: '/registry/', end: '/registry0' }).kvs;
  const uids = new Set(kvs.map((kv) => kv.value.metadata.uid));
  for (const kv of kvs) {
    const { metadata } = kv.value;
    const owned = metadata.ownerReferences ?? [];
    if (owned.length > 0 && owned.every(({ uid, kind }) => !uids.has(uid) && kind !== 'Node') && metadata.deletionTimestamp === undefined)
      yield `${kv.key} has no owner any more`;
    if (metadata.resourceVersion !== undefined && Number(metadata.resourceVersion) !== kv.modRevision)
      yield `${kv.key} has resourceVersion ${metadata.resourceVersion} at revision ${kv.modRevision}`;
  }
}

function* addresses(pods: readonly Pod[]): Iterable<string> {
  const seen = new Map<string, string>();
  for (const pod of pods) {
    const ip = pod.status?.podIP;
    if (!runs(pod) || ip === undefined || pod.spec.hostNetwork) continue;
    if (seen.has(ip)) yield `${keyOf(pod)} and ${seen.get(ip)} share ${ip}`;
    seen.set(ip, keyOf(pod));
  }
}

function* nodes(pods: readonly Pod[], all: readonly Node[]): Iterable<string> {
  const byName = new Map(all.map((node) => [node.metadata.name, node]));
  const used = new Map<string, { cpu: number; memory: number; pods: number }>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    if (!nodeName || isDone(pod)) continue;
    if (!byName.has(nodeName)) yield `${keyOf(pod)} is on ${nodeName}, which does not exist`;
    const sum = used.get(nodeName) ?? { cpu: 0, memory: 0, pods: 0 };
    sum.pods++;
    for (const { resources } of pod.spec.containers) {
      sum.cpu += milliValue(resources?.requests?.['cpu'] ?? '0');
      sum.memory += value(resources?.requests?.['memory'] ?? '0');
    }
    used.set(nodeName, sum);
  }
  for (const [name, sum] of used) {
    const allocatable = byName.get(name)?.status?.allocatable ?? {};
    const fits =
      sum.cpu <= milliValue(allocatable['cpu'] ?? '0') &&
      sum.memory <= value(allocatable['memory'] ?? '0') &&
      sum.pods <= value(allocatable['pods'] ?? '0');
    if (byName.has(name) && !fits) yield `${name} is over its size: ${JSON.stringify(sum)}`;
  }
}

function* counts(pods: readonly Pod[], store: Store): Iterable<string> {
  for (const set of [...store.all<ReplicaSet>('replicasets'), ...store.all<StatefulSet>('statefulsets')]) {
    const own = pods.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid));
    const active = own.filter((pod) => !isDone(pod) && (set.kind === 'StatefulSet' || pod.metadata.deletionTimestamp === undefined));
    const ready = active.filter(isReady).length;
    const name = `${set.kind} ${keyOf(set)}`;
    if ((set.status?.replicas ?? 0) !== active.length) yield `${name} says ${set.status?.replicas} replicas, there are ${active.length}`;
    if ((set.status?.readyReplicas ?? 0) !== ready) yield `${name} says ${set.status?.readyReplicas} ready, there are ${ready}`;
    if (set.kind === 'ReplicaSet' && active.length !== set.spec?.replicas)
      yield `${name} has ${active.length} pods of ${set.spec?.replicas}`;
  }
}

function* endpoints(pods: readonly Pod[], store: Store): Iterable<string> {
  const slices = store.all<EndpointSlice>('endpointslices');
  for (const service of store.all<Service>('services/specs')) {
    const { selector } = service.spec;
    if (!selector) continue;
    const wanted = pods.filter(
      (pod) =>
        pod.metadata.namespace === service.metadata.namespace &&
        isReady(pod) &&
        !isDone(pod) &&
        pod.metadata.deletionTimestamp === undefined,
    );
    const ips = wanted.filter((pod) => selectorFromSet(selector).matches(pod.metadata.labels)).map(({ status }) => status?.podIP ?? '');
    const own = slices.filter(
      ({ metadata }) =>
        metadata.namespace === service.metadata.namespace && metadata.labels?.['kubernetes.io/service-name'] === service.metadata.name,
    );
    const found = own.flatMap(({ endpoints: list = [] }) =>
      list.filter(({ conditions }) => conditions?.ready).flatMap((endpoint) => endpoint.addresses),
    );
    if (JSON.stringify([...new Set(ips)].sort()) !== JSON.stringify([...found].sort()))
      yield `Service ${keyOf(service)} has endpoints ${found.join()} for pods ${ips.join()}`;
  }
}

function* volumes(store: Store): Iterable<string> {
  const claims = store.all<PersistentVolumeClaim>('persistentvolumeclaims');
  const all = store.all<PersistentVolume>('persistentvolumes');
  for (const claim of claims) {
    if (claim.status?.phase !== 'Bound') continue;
    const volume = all.find(({ metadata }) => metadata.name === claim.spec?.volumeName);
    if (volume?.spec?.claimRef?.uid !== claim.metadata.uid)
      yield `claim ${keyOf(claim)} is bound to ${claim.spec?.volumeName}, which is not bound to it`;
  }
  for (const { metadata, spec, status } of all) {
    if (status?.phase === 'Bound' && !claims.some((claim) => claim.metadata.uid === spec?.claimRef?.uid))
      yield `volume ${metadata.name} is bound to a claim that does not exist`;
  }
}
