/**
 * Binds claims and volumes to each other and sees to what is left of a claim (`pkg/controller/volume/persistentvolume`).
 * Left out: recycling, and provisioning by in-tree plugins, which no longer exist.
 */
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../../api/core/persistent-volume.ts';
import { StorageClassResource } from '../../api/storage/storage-class.ts';
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { startController } from '../../client/controller.ts';
import type { Controller } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import { classOf, findMatchingVolume, mismatch, refersTo } from './matching.ts';

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BOUND_BY_CONTROLLER = 'pv.kubernetes.io/bound-by-controller';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const BETA_PROVISIONER = 'volume.beta.kubernetes.io/storage-provisioner';
/** How often claims that wait are looked at again, which also repeats their events (`--pvclaimbinder-sync-period`). */
const RESYNC_MS = 15_000;

/** Starts the controller. */
export function startPersistentVolumeBinder(deps: ControllerDeps): void {
  new VolumeBinder(deps);
}

class VolumeBinder {
  readonly #deps: ControllerDeps;
  readonly #claims: Informer<PersistentVolumeClaim>;
  readonly #volumes: Informer<PersistentVolume>;
  readonly #classes: Informer<StorageClass>;
  readonly #claimQueue: Controller;
  readonly #volumeQueue: Controller;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#claims = deps.informers.informer(PersistentVolumeClaimResource);
    this.#volumes = deps.informers.informer(PersistentVolumeResource);
    this.#classes = deps.informers.informer(StorageClassResource);
    const caches = [this.#claims, this.#volumes, this.#classes];
    this.#claimQueue = startController(deps.scope, 'persistentvolumeclaims', (key) => this.#syncClaim(key), caches);
    this.#volumeQueue = startController(deps.scope, 'persistentvolumes', (key) => this.#syncVolume(key), caches);
    const volumeChanged = (volume: PersistentVolume) => this.#volumeChanged(volume);
    this.#volumes.addHandler({ add: volumeChanged, update: volumeChanged, delete: volumeChanged }, deps.scope);
    const claimChanged = (claim: PersistentVolumeClaim) => this.#claimChanged(claim);
    this.#claims.addHandler({ add: claimChanged, update: claimChanged, delete: claimChanged }, deps.scope);
    deps.scope.every(RESYNC_MS, 'resync', 'persistentvolumeclaims', () => this.#retryPending());
  }

  #retryPending(): void {
    for (const claim of this.#claims.list())
      if (claim.metadata.annotations?.[BIND_COMPLETED] === undefined) this.#claimQueue.enqueue(keyOf(claim));
  }

  #volumeChanged({ metadata, spec }: PersistentVolume): void {
    this.#volumeQueue.enqueue(metadata.name);
    const { claimRef } = spec ?? {};
    if (claimRef !== undefined) this.#claimQueue.enqueue(`${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`);
    else this.#retryPending();
  }

  #claimChanged(claim: PersistentVolumeClaim): void {
    this.#claimQueue.enqueue(keyOf(claim));
    if (claim.spec?.volumeName) this.#volumeQueue.enqueue(claim.spec.volumeName);
  }

  #event(object: PersistentVolumeClaim | PersistentVolume, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#deps.recorder.event(object, type, reason, message);
  }

  #syncClaim(key: string): void {
    const claim = this.#claims.get(key);
    if (claim === undefined) return;
    if (claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return this.#syncBound(claim);
    if (claim.spec?.volumeName) return this.#syncNamed(claim, claim.spec.volumeName);
    const storageClass = this.#classes.get(classOf(claim));
    const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer' && claim.metadata.annotations?.[SELECTED_NODE] === undefined;
    const volume = findMatchingVolume(claim, this.#volumes.list(), delayed);
    if (volume !== undefined) return this.#bind(volume, claim);
    if (delayed) this.#event(claim, 'Normal', 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
    else if (classOf(claim) !== '') return this.#provision(claim, storageClass);
    else this.#event(claim, 'Normal', 'FailedBinding', 'no persistent volumes available for this claim and no storage class is set');
    this.#setClaimPhase(claim, 'Pending', undefined);
  }

  /** The claim asks for one certain volume. */
  #syncNamed(claim: PersistentVolumeClaim, name: string): void {
    const volume = this.#volumes.get(name);
    if (volume === undefined) return this.#setClaimPhase(claim, 'Pending', undefined);
    if (volume.spec?.claimRef !== undefined && !refersTo(volume.spec.claimRef, claim)) {
      this.#event(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
      return this.#setClaimPhase(claim, 'Pending', undefined);
    }
    const why = volume.spec?.claimRef === undefined ? mismatch(volume, claim) : undefined;
    if (why === undefined) return this.#bind(volume, claim);
    this.#event(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${why}`);
    this.#setClaimPhase(claim, 'Pending', undefined);
  }

  #syncBound(claim: PersistentVolumeClaim): void {
    const name = claim.spec?.volumeName;
    if (!name) return this.#lose(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
    const volume = this.#volumes.get(name);
    if (volume === undefined)
      return this.#lose(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
    const { claimRef } = volume.spec ?? {};
    if (claimRef === undefined || refersTo(claimRef, claim)) return this.#bind(volume, claim);
    this.#lose(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
  }

  #lose(claim: PersistentVolumeClaim, reason: string, message: string): void {
    if (claim.status?.phase === 'Lost') return;
    this.#event(claim, 'Warning', reason, message);
    this.#setClaimPhase(claim, 'Lost', undefined);
  }

  /** Leaves the claim to an external provisioner, and tells it so by annotation (`provisionClaimOperationExternal`). */
  #provision(claim: PersistentVolumeClaim, storageClass: StorageClass | undefined): void {
    if (storageClass === undefined) {
      this.#event(claim, 'Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${classOf(claim)}" not found`);
      return this.#setClaimPhase(claim, 'Pending', undefined);
    }
    const { provisioner } = storageClass;
    if (provisioner.startsWith('kubernetes.io/')) {
      this.#event(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
      return this.#setClaimPhase(claim, 'Pending', undefined);
    }
    const { annotations } = claim.metadata;
    let current = claim;
    if (annotations?.[PROVISIONER] !== provisioner) {
      const metadata = { ...claim.metadata, annotations: { ...annotations, [BETA_PROVISIONER]: provisioner, [PROVISIONER]: provisioner } };
      current = this.#deps.client.update(PersistentVolumeClaimResource, { ...claim, metadata });
    }
    this.#event(
      claim,
      'Normal',
      'ExternalProvisioning',
      `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
    );
    this.#setClaimPhase(current, 'Pending', undefined);
  }

  /** Volume first, then claim; each step is repeated by a later sync if it fails now. */
  #bind(volume: PersistentVolume, claim: PersistentVolumeClaim): void {
    const bound = this.#bindVolume(volume, claim);
    this.#setVolumePhase(bound, 'Bound', undefined);
    this.#setClaimPhase(this.#bindClaim(bound, claim), 'Bound', bound);
  }

  #bindVolume(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolume {
    const { claimRef } = volume.spec ?? {};
    if (claimRef?.uid === claim.metadata.uid) return volume;
    const annotations =
      claimRef === undefined ? { ...volume.metadata.annotations, [BOUND_BY_CONTROLLER]: 'yes' } : volume.metadata.annotations;
    const next = { ...volume, metadata: { ...volume.metadata, annotations }, spec: { ...volume.spec, claimRef: referenceTo(claim) } };
    return this.#deps.client.update(PersistentVolumeResource, next);
  }

  #bindClaim(volume: PersistentVolume, claim: PersistentVolumeClaim): PersistentVolumeClaim {
    const { annotations } = claim.metadata;
    const { name } = volume.metadata;
    if (claim.spec?.volumeName === name && annotations?.[BIND_COMPLETED] !== undefined) return claim;
    const chosen: Record<string, string> = claim.spec?.volumeName ? {} : { [BOUND_BY_CONTROLLER]: 'yes' };
    const metadata = { ...claim.metadata, annotations: { ...annotations, [BIND_COMPLETED]: 'yes', ...chosen } };
    return this.#deps.client.update(PersistentVolumeClaimResource, { ...claim, metadata, spec: { ...claim.spec, volumeName: name } });
  }

  #setClaimPhase(claim: PersistentVolumeClaim, phase: string, volume: PersistentVolume | undefined): void {
    const status = {
      ...claim.status,
      phase,
      ...(volume && { accessModes: volume.spec?.accessModes, capacity: claim.status?.capacity ?? volume.spec?.capacity }),
    };
    if (!deepEqual(claim.status, status)) this.#deps.client.updateStatus(PersistentVolumeClaimResource, { ...claim, status });
  }

  #setVolumePhase(volume: PersistentVolume, phase: string, message: string | undefined): void {
    if (volume.status?.phase === phase) return;
    const status = { phase, ...(message !== undefined && { message }), lastPhaseTransitionTime: formatTime(this.#deps.scope.now) };
    this.#deps.client.updateStatus(PersistentVolumeResource, { ...volume, status });
  }

  #syncVolume(name: string): void {
    const volume = this.#volumes.get(name);
    if (volume === undefined) return;
    const { claimRef } = volume.spec ?? {};
    if (!claimRef?.uid) {
      this.#setVolumePhase(volume, 'Available', undefined);
      if (claimRef === undefined) this.#retryPending();
      return;
    }
    const key = `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`;
    const claim = this.#claims.get(key);
    if (claim === undefined || claim.metadata.uid !== claimRef.uid) return this.#release(volume, claimRef);
    if (claim.spec?.volumeName === name) return this.#setVolumePhase(volume, 'Bound', undefined);
    if (!claim.spec?.volumeName) return this.#claimQueue.enqueue(key);
    // The claim found another volume: a provisioned one is useless now, a chosen one is free again.
    if (volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return this.#setVolumePhase(volume, 'Released', undefined);
    this.#unbind(volume);
  }

  #unbind(volume: PersistentVolume): void {
    const { [BOUND_BY_CONTROLLER]: byController, ...annotations } = volume.metadata.annotations ?? {};
    const { claimRef, ...spec } = volume.spec ?? {};
    const { uid: _uid, ...prebound } = claimRef ?? {};
    const next = {
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec: byController === undefined ? { ...spec, claimRef: prebound } : spec,
    };
    this.#setVolumePhase(this.#deps.client.update(PersistentVolumeResource, next), 'Available', undefined);
  }

  /** The claim is gone (`reclaimVolume`). */
  #release(volume: PersistentVolume, claimRef: ObjectReference): void {
    // The cache of claims may be behind that of volumes.
    const fresh = this.#deps.client.find(PersistentVolumeClaimResource, { namespace: claimRef.namespace, name: claimRef.name ?? '' });
    if (fresh?.metadata.uid === claimRef.uid) return;
    if (volume.status?.phase === 'Failed') return;
    this.#setVolumePhase(volume, 'Released', undefined);
    if (volume.spec?.persistentVolumeReclaimPolicy !== 'Delete' || volume.metadata.annotations?.[PROVISIONED_BY] !== undefined) return;
    if (volume.spec.hostPath?.path.startsWith('/tmp/')) return this.#deleteVolume(volume);
    const why = `error getting deleter volume plugin for volume "${volume.metadata.name}": no deletable volume plugin matched`;
    this.#event(volume, 'Warning', 'VolumeFailedDelete', why);
    this.#setVolumePhase(this.#deps.client.get(PersistentVolumeResource, volume.metadata), 'Failed', why);
  }

  #deleteVolume({ metadata }: PersistentVolume): void {
    try {
      this.#deps.client.delete(PersistentVolumeResource, metadata);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

function referenceTo({ apiVersion, kind, metadata }: PersistentVolumeClaim): ObjectReference {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { apiVersion, kind, name, namespace, uid, resourceVersion };
}
