/**
 * What makes a StatefulSet's pod this one and no other: its name, host name and claims
 * (`pkg/controller/statefulset/stateful_set_utils.go`). Pure.
 */
import type { OwnerReference, PersistentVolumeClaim, Pod, PodTemplateSpec, StatefulSet, Volume } from '../../api/generated/types.ts';
import { newControllerRef } from '../../apimachinery/meta.ts';
import type { Input, KubernetesObject } from '../../apimachinery/meta.ts';
import { REVISION_HASH } from '../controller-history.ts';
import type { Sent } from '../../client/client.ts';

const POD_NAME = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX = 'apps.kubernetes.io/pod-index';

/** "web-0" (`getPodName`). */
export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The ordinal in the pod's name; -1 when it is not a name of this set. */
export function ordinalOf(set: StatefulSet, pod: Pod): number {
  const match = /^(.*)-([0-9]+)$/.exec(pod.metadata.name);
  return match?.[1] === set.metadata.name ? Number(match[2]) : -1;
}

/** "data-web-0" (`getPersistentVolumeClaimName`). */
export const claimName = (set: StatefulSet, template: string, ordinal: number): string => `${template}-${set.metadata.name}-${ordinal}`;

/** The pod of an ordinal, from the template of the revision that it is to have. */
export function podOf(set: StatefulSet, template: PodTemplateSpec, revision: string, ordinal: number): Sent<Pod> {
  const name = podName(set, ordinal);
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    metadata: {
      name,
      namespace: set.metadata.namespace,
      labels: { ...labels, [POD_NAME]: name, [POD_INDEX]: String(ordinal), [REVISION_HASH]: revision },
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [newControllerRef(set)],
    },
    spec: {
      ...template.spec,
      hostname: name,
      ...(set.spec.serviceName && { subdomain: set.spec.serviceName }),
      ...volumes(set, template, ordinal),
    },
  };
}

function volumes(set: StatefulSet, template: PodTemplateSpec, ordinal: number): { volumes?: Volume[] } {
  const claims = (set.spec.volumeClaimTemplates ?? []).map(({ metadata: { name = '' } }): Volume => ({
    name,
    persistentVolumeClaim: { claimName: claimName(set, name, ordinal) },
  }));
  if (claims.length === 0) return {};
  const others = (template.spec.volumes ?? []).filter(({ name }) => !claims.some((claim) => claim.name === name));
  return { volumes: [...claims, ...others] };
}

/** The claims of an ordinal as they are to be created. */
export function claimsOf(set: StatefulSet, ordinal: number): Sent<PersistentVolumeClaim>[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template: Input<PersistentVolumeClaim>) => {
    const { name = '', labels, annotations } = template.metadata;
    const ownerReferences = claimOwners(set, undefined);
    return {
      metadata: {
        name: claimName(set, name, ordinal),
        namespace: set.metadata.namespace,
        labels: { ...labels, ...set.spec.selector.matchLabels },
        ...(annotations && { annotations }),
        ...(ownerReferences.length > 0 && { ownerReferences }),
      },
      spec: template.spec,
    };
  });
}

/**
 * Whose deletion deletes the claim, by persistentVolumeClaimRetentionPolicy: the set's (whenDeleted), or that of the pod
 * which is being scaled away (whenScaled), `condemned`. Neither is its controller.
 */
export function claimOwners(set: StatefulSet, condemned: Pod | undefined): OwnerReference[] {
  const { whenDeleted = 'Retain', whenScaled = 'Retain' } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  if (condemned !== undefined && whenScaled === 'Delete') return [reference(condemned)];
  return whenDeleted === 'Delete' ? [reference(set)] : [];
}

function reference({ apiVersion, kind, metadata }: KubernetesObject): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}
