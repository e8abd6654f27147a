/**
 * The ephemeral volume controller (`pkg/controller/volume/ephemeral/controller.go`): for each `ephemeral` volume of a pod a
 * claim that the pod owns, named "<pod>-<volume>". With the pod, the garbage collector takes the claim away.
 */
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { PersistentVolumeClaim, Pod, Volume } from '../../api/generated/types.ts';
import { controllerOf, keyOf, newControllerRef } from '../../apimachinery/meta.ts';
import { badRequest } from '../../apimachinery/status.ts';
import { startController } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';

/** Starts the controller. */
export function startEphemeralVolumeController(deps: ControllerDeps): void {
  const { client, informers, scope } = deps;
  const pods = informers.informer(PodResource);
  const claims = informers.informer(PersistentVolumeClaimResource);
  const controller = startController(scope, 'pods', reconcile, [pods, claims]);
  pods.addHandler(
    {
      add(pod) {
        if (pod.metadata.deletionTimestamp === undefined && ephemeralVolumes(pod).length > 0) controller.enqueue(keyOf(pod));
      },
    },
    scope,
  );
  claims.addHandler(
    {
      delete(claim) {
        const owner = controllerOf(claim);
        if (owner?.kind === 'Pod') controller.enqueue(`${claim.metadata.namespace ?? ''}/${owner.name}`);
      },
    },
    scope,
  );

  function reconcile(key: string): void {
    const pod = pods.get(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
    for (const volume of ephemeralVolumes(pod)) ensureClaim(pod, volume);
  }

  function ensureClaim(pod: Pod, { name: volumeName, ephemeral }: Volume): void {
    const name = `${pod.metadata.name}-${volumeName}`;
    const { namespace } = pod.metadata;
    const known = claims.get(`${namespace ?? ''}/${name}`);
    if (known !== undefined) return checkOwner(known, pod);
    const { metadata, spec } = ephemeral?.volumeClaimTemplate ?? {};
    client.create<PersistentVolumeClaim>(PersistentVolumeClaimResource, {
      metadata: { ...metadata, name, namespace, ownerReferences: [newControllerRef(pod)] },
      spec,
    });
  }
}

const ephemeralVolumes = ({ spec }: Pod): readonly Volume[] => (spec.volumes ?? []).filter(({ ephemeral }) => ephemeral !== undefined);

/** A claim of that name that is not the pod's is never used (`VolumeIsForPod`). */
function checkOwner(claim: PersistentVolumeClaim, pod: Pod): void {
  if (controllerOf(claim)?.uid === pod.metadata.uid) return;
  throw badRequest(`PVC ${JSON.stringify(keyOf(claim))} was not created for pod ${JSON.stringify(keyOf(pod))} (pod is not owner)`);
}
