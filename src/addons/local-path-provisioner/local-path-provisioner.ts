/**
 * rancher.io/local-path, the provisioner behind the class "standard" of small clusters: makes a directory on the node that
 * the scheduler chose into a PersistentVolume (github.com/rancher/local-path-provisioner `provisioner.go`).
 * Differs: no helper pod makes the directory; it appears with the volume after the time that the pod would take.
 */
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../../api/core/persistent-volume.ts';
import { StorageClassResource } from '../../api/storage/storage-class.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import type { Client, Sent } from '../../client/client.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import { EventRecorder } from '../../client/event-recorder.ts';
import { InformerFactory } from '../../client/informer.ts';
import type { TaskScope } from '../../sim/task-scope.ts';

const LOCAL_PATH_PROVISIONER = 'rancher.io/local-path';
const PROVISIONER = 'volume.kubernetes.io/storage-provisioner';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';
const BASE_PATH = '/var/local-path-provisioner';
/** What the helper pod takes to make or remove the directory. */
const WORK_MS = 2000;

/** The provisioner, which runs in `scope` and acts as `client`. */
export class LocalPathProvisioner {
  readonly #scope: TaskScope;
  readonly #client: Client;

  constructor(scope: TaskScope, client: Client) {
    this.#scope = scope;
    this.#client = client;
  }

  start(): void {
    startLocalPathProvisioner(this.#scope, this.#client);
  }
}

function startLocalPathProvisioner(scope: TaskScope, client: Client): void {
  const informers = new InformerFactory(scope, client);
  const recorder = new EventRecorder(scope, client, { component: LOCAL_PATH_PROVISIONER });
  const claims = informers.informer(PersistentVolumeClaimResource);
  const volumes = informers.informer(PersistentVolumeResource);
  const classes = informers.informer(StorageClassResource);
  /** When the work on a claim or volume began. */
  const begun = new Map<string, number>();
  const caches = [claims, volumes, classes];
  const provisioning = startController(scope, 'persistentvolumeclaims', provision, caches);
  const deleting = startController(scope, 'persistentvolumes', reclaim, caches);
  const enqueueClaim = (claim: PersistentVolumeClaim) => {
    if (isOurs(claim)) provisioning.enqueue(keyOf(claim));
  };
  claims.addHandler({ add: enqueueClaim, update: enqueueClaim });
  const enqueueVolume = ({ metadata, status }: PersistentVolume) => {
    if (metadata.annotations?.[PROVISIONED_BY] === LOCAL_PATH_PROVISIONER && status?.phase === 'Released') deleting.enqueue(metadata.name);
  };
  volumes.addHandler({ add: enqueueVolume, update: enqueueVolume });
  informers.start();

  /** True while the work takes its time; the first call begins it. */
  function isAtWork(id: string): boolean {
    const since = begun.get(id) ?? scope.now;
    begun.set(id, since);
    return scope.now < since + WORK_MS;
  }

  function provision(key: string): Requeue | undefined {
    const claim = claims.get(key);
    const storageClass = claim && classes.get(claim.spec?.storageClassName ?? '');
    if (claim === undefined || storageClass === undefined || !isOurs(claim)) return undefined;
    const node = claim.metadata.annotations?.[SELECTED_NODE];
    const id = claim.metadata.uid;
    if (!begun.has(id)) recorder.event(claim, 'Normal', 'Provisioning', `External provisioner is provisioning volume for claim "${key}"`);
    if (node === undefined) {
      recorder.event(
        claim,
        'Warning',
        'ProvisioningFailed',
        `failed to provision volume with StorageClass "${storageClass.metadata.name}": configuration error, no node was specified`,
      );
      return requeueAfter(15_000, { background: true });
    }
    if (isAtWork(id)) return requeueAfter(WORK_MS);
    begun.delete(id);
    const volume = volumeFor(claim, storageClass, node);
    tolerate('AlreadyExists', () => client.create(PersistentVolumeResource, volume));
    recorder.event(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume.metadata.name ?? ''}`);
    return undefined;
  }

  function reclaim(name: string): Requeue | undefined {
    const volume = volumes.get(name);
    if (volume === undefined || volume.status?.phase !== 'Released' || volume.spec?.persistentVolumeReclaimPolicy !== 'Delete')
      return undefined;
    if (isAtWork(volume.metadata.uid)) return requeueAfter(WORK_MS);
    begun.delete(volume.metadata.uid);
    tolerate('NotFound', () => client.delete(PersistentVolumeResource, { name }));
    return undefined;
  }
}

function tolerate(reason: string, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!hasReason(error, reason)) throw error;
  }
}

function isOurs({ metadata, spec }: PersistentVolumeClaim): boolean {
  return metadata.annotations?.[PROVISIONER] === LOCAL_PATH_PROVISIONER && !spec?.volumeName && metadata.deletionTimestamp === undefined;
}

/** The volume of a claim: a host path that only pods on `node` can mount. */
export function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass, node: string): Sent<PersistentVolume> {
  const { name, namespace = '', uid, resourceVersion } = claim.metadata;
  const volumeName = `pvc-${uid}`;
  return {
    metadata: { name: volumeName, annotations: { 'local.path.provisioner/selected-node': node, [PROVISIONED_BY]: LOCAL_PATH_PROVISIONER } },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec?.accessModes,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion },
      hostPath: { path: `${BASE_PATH}/${volumeName}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] }] },
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec?.volumeMode ?? 'Filesystem',
    },
  };
}
