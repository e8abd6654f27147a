/** What a user made, as it would be applied again: for share links and files. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { LAST_APPLIED, lastApplied } from '../scenario/apply.ts';
import type { Cluster } from '../cluster/cluster.ts';

/** The manifests that were applied and whose objects still exist, in the order of their creation. */
export function createdObjects(cluster: Cluster): KubernetesObject[] {
  return cluster.etcd
    .range({ key: '/registry/', end: '/registry0' })
    .kvs.filter(({ value }) => value.metadata.annotations?.[LAST_APPLIED] !== undefined && value.metadata.deletionTimestamp === undefined)
    .sort((a, b) => a.createRevision - b.createRevision)
    .map(({ value }) => withoutAnnotation(lastApplied(value)));
}

function withoutAnnotation(manifest: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = manifest.metadata;
  return { ...manifest, metadata: annotations && Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata };
}
