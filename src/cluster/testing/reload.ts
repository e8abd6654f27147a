/** A page that was closed and opened again. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { KeyValue } from '../../etcd/etcd.ts';
import { Cluster } from '../cluster.ts';

/** The cluster as it goes on from what storage gives back: copies of what was there, so nothing is shared. */
export function reloaded({ etcd, sim, layout }: Cluster): Cluster {
  const kvs = JSON.parse(JSON.stringify(etcd.range({ key: '\0', end: '\0' }).kvs)) as KeyValue<KubernetesObject>[];
  const saved = { snapshot: { revision: etcd.revision, at: sim.now, kvs }, journal: [] };
  const next = Cluster.restore({ seed: sim.seed, layout }, saved);
  next.startComponents();
  return next;
}
