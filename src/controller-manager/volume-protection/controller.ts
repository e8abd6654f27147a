/**
 * Claims in use by pods and volumes bound to claims are not deleted yet (`pkg/controller/volume/pvcprotection`,
 * `pvprotection`). The finalizers come from admission; here they are taken away again.
 */
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../../api/core/persistent-volume.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import type { Client } from '../../client/client.ts';
import { startController } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';
const BY_CLAIM = 'claim';

/** Starts the protection of claims. */
export function startClaimProtection(deps: ControllerDeps): void {
  const claims = deps.informers.informer(PersistentVolumeClaimResource);
  const pods = deps.informers.informer(PodResource).addIndex(BY_CLAIM, claimKeys);
  const controller = startController(deps.scope, 'persistentvolumeclaims', reconcile, [claims, pods]);
  const enqueue = (claim: KubernetesObject) => controller.enqueue(keyOf(claim));
  claims.addHandler({ add: enqueue, update: enqueue }, deps.scope);
  pods.addHandler({ delete: (pod) => claimKeys(pod).forEach((key) => controller.enqueue(key)) }, deps.scope);

  function reconcile(key: string): void {
    const claim = claims.get(key);
    if (claim === undefined || !isWaiting(claim, CLAIM_FINALIZER)) return;
    // A pod that no node has yet cannot use the claim.
    for (const pod of pods.byIndex(BY_CLAIM, key)) if (pod.spec.nodeName) return;
    removeFinalizer(deps.client, PersistentVolumeClaimResource, claim, CLAIM_FINALIZER);
  }
}

/** Starts the protection of volumes. */
export function startVolumeProtection(deps: ControllerDeps): void {
  const volumes = deps.informers.informer(PersistentVolumeResource);
  const controller = startController(deps.scope, 'persistentvolumes', reconcile, [volumes]);
  const enqueue = (volume: KubernetesObject) => controller.enqueue(keyOf(volume));
  volumes.addHandler({ add: enqueue, update: enqueue }, deps.scope);

  function reconcile(name: string): void {
    const volume = volumes.get(name);
    if (volume === undefined || !isWaiting(volume, VOLUME_FINALIZER) || volume.status?.phase === 'Bound') return;
    removeFinalizer(deps.client, PersistentVolumeResource, volume, VOLUME_FINALIZER);
  }
}

function claimKeys({ metadata, spec }: Pod): string[] {
  const keys: string[] = [];
  for (const { persistentVolumeClaim, ephemeral, name } of spec.volumes ?? []) {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral && `${metadata.name}-${name}`);
    if (claim !== undefined) keys.push(`${metadata.namespace ?? ''}/${claim}`);
  }
  return keys;
}

function isWaiting({ metadata }: KubernetesObject, finalizer: string): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes(finalizer);
}

function removeFinalizer<T extends KubernetesObject>(client: Client, resource: ResourceDefinition<T>, object: T, finalizer: string): void {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  try {
    client.update(resource, { ...object, metadata: { ...object.metadata, finalizers } });
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
