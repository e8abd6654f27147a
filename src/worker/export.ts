/** What a user made, as it would be applied again: for share links and files. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { withoutConsent } from '../scenario/consent.ts';
import { LAST_APPLIED, lastApplied } from '../scenario/last-applied.ts';
import type { Cluster } from '../cluster/cluster.ts';

/** The manifests that were applied, without consent to run scripts, and whose objects still exist, in the order of their creation. */
export function createdObjects(cluster: Cluster): KubernetesObject[] {
  const kvs = cluster.etcd
    .range({ key: '/registry/', end: '/registry0' })
    .kvs.filter(({ value }) => value.metadata.annotations?.[LAST_APPLIED] !== undefined);
  return appliedManifests(kvs.sort((a, b) => a.createRevision - b.createRevision).map(({ value }) => value));
}

/** The manifests in the annotations of live objects. The objects may come from anywhere; what cannot be read is left out. */
export function appliedManifests(values: readonly unknown[]): KubernetesObject[] {
  return values.flatMap((value) => {
    const { metadata } = (value ?? {}) as { metadata?: Partial<KubernetesObject['metadata']> };
    if (typeof metadata?.annotations?.[LAST_APPLIED] !== 'string' || metadata.deletionTimestamp !== undefined) return [];
    try {
      const manifest = lastApplied(value as KubernetesObject);
      return typeof manifest.kind === 'string' && typeof manifest.metadata === 'object'
        ? [withoutConsent(withoutAnnotation(manifest))]
        : [];
    } catch {
      return []; // the annotation is no JSON: somebody wrote it by hand, or it is damaged
    }
  });
}

function withoutAnnotation(manifest: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = manifest.metadata;
  return { ...manifest, metadata: annotations && Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata };
}
