/**
 * The volumes of the node's pods (`pkg/kubelet/volumemanager`): makes their file trees, keeps those that come from
 * ConfigMaps, Secrets and pod fields fresh, and tells why a volume cannot be mounted.
 */
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../../api/core/persistent-volume.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { PersistentVolume, Pod, Volume } from '../../api/generated/types.ts';
import type { Client } from '../../client/client.ts';
import type { VolumeTree } from '../../container-runtime/cri.ts';
import { configReferences } from '../config-cache.ts';
import type { Allocatable } from '../downward.ts';
import type { ConfigSource } from '../env.ts';
import { attacherOf, hostPathProblem, isNodeLocal, isUnsupported } from './sources.ts';
import { volumeContent } from './content.ts';

/** Why a volume is not there. */
export interface MountFailure {
  readonly volume: string;
  /** setUp: MountVolume.SetUp failed; attach: nothing will attach it; process: its claim cannot be used. */
  readonly stage: 'setUp' | 'attach' | 'process';
  readonly message: string;
}

/** The trees of a pod by volume name. */
export type PodVolumes = ReadonlyMap<string, VolumeTree>;

/** What the volume manager needs of its kubelet. */
export interface VolumeEnvironment {
  readonly client: Client;
  readonly config: ConfigSource;
  readonly allocatable: Allocatable;
  readonly nodeName: string;
  readonly hostPaths: Map<string, VolumeTree>;
  readonly sharedVolumes: Map<string, VolumeTree>;
  token(pod: Pod, audience: string, expirationSeconds: number): string;
}

interface MountedPod {
  pod: Pod;
  readonly trees: Map<string, VolumeTree>;
}

const isLive = ({ configMap, secret, projected, downwardAPI }: Volume): boolean =>
  configMap !== undefined || secret !== undefined || projected !== undefined || downwardAPI !== undefined;

const NO_VOLUMES: PodVolumes = new Map();

/** Makes and keeps volumes. */
export class VolumeManager {
  readonly #env: VolumeEnvironment;
  readonly #pods = new Map<string, MountedPod>();
  /** "configmap/ns/name" → uids of the pods whose files may come from it. */
  readonly #users = new Map<string, Set<string>>();

  constructor(env: VolumeEnvironment) {
    this.#env = env;
  }

  /** Mounts what is not mounted yet. No failures: all volumes are there. */
  mount(pod: Pod): MountFailure[] {
    if (!pod.spec.volumes?.length) return [];
    const mounted = this.#pods.get(pod.metadata.uid) ?? this.#add(pod);
    mounted.pod = pod;
    const failures: MountFailure[] = [];
    for (const volume of pod.spec.volumes) {
      if (mounted.trees.has(volume.name)) continue;
      const tree = this.#make(pod, volume);
      if ('stage' in tree) failures.push(tree);
      else mounted.trees.set(volume.name, tree);
    }
    return failures;
  }

  /** The pod's trees. */
  volumesOf(podUid: string): PodVolumes {
    return this.#pods.get(podUid)?.trees ?? NO_VOLUMES;
  }

  /** Drops the pod's trees. */
  unmount(pod: Pod): void {
    if (!this.#pods.delete(pod.metadata.uid)) return;
    for (const key of this.#keys(pod)) {
      const users = this.#users.get(key);
      users?.delete(pod.metadata.uid);
      if (users?.size === 0) this.#users.delete(key);
    }
  }

  /** Uids of the pods with volumes that come from the object. */
  users(key: string): readonly string[] {
    return [...(this.#users.get(key) ?? [])];
  }

  /** Swaps the files of the pod's volumes, after its labels or annotations or a source have changed. */
  refreshPod(uid: string, pod?: Pod): void {
    const mounted = this.#pods.get(uid);
    if (mounted === undefined) return;
    if (pod) mounted.pod = pod;
    for (const volume of mounted.pod.spec.volumes ?? []) {
      const tree = isLive(volume) ? mounted.trees.get(volume.name) : undefined;
      if (tree === undefined) continue;
      const next = this.#make(mounted.pod, volume);
      // A source that is gone leaves the old files.
      if (!('stage' in next)) tree.files = next.files;
    }
  }

  #add(pod: Pod): MountedPod {
    const mounted: MountedPod = { pod, trees: new Map() };
    this.#pods.set(pod.metadata.uid, mounted);
    for (const key of this.#keys(pod)) {
      let users = this.#users.get(key);
      if (users === undefined) this.#users.set(key, (users = new Set()));
      users.add(pod.metadata.uid);
    }
    return mounted;
  }

  #keys(pod: Pod): string[] {
    return [...configReferences(pod)].map((reference) => reference.replace('/', `/${pod.metadata.namespace ?? ''}/`));
  }

  #make(pod: Pod, volume: Volume): VolumeTree | MountFailure {
    if (volume.emptyDir || volume.image) return { kind: volume.emptyDir ? 'emptyDir' : 'image', files: new Map() };
    if (volume.hostPath) return this.#hostPath(volume.name, volume.hostPath.path, volume.hostPath.type ?? '');
    if (volume.nfs) return this.#shared(`nfs:${volume.nfs.server}:${volume.nfs.path}`, 'nfs');
    if (volume.persistentVolumeClaim) return this.#claim(pod, volume.name, volume.persistentVolumeClaim.claimName);
    if (volume.ephemeral) return this.#claim(pod, volume.name, `${pod.metadata.name}-${volume.name}`);
    if (isLive(volume)) return this.#content(pod, volume);
    const attacher = attacherOf(volume) ?? volume.csi?.driver;
    if (attacher !== undefined && !volume.csi) return this.#notAttached(volume.name, volume.name, attacher);
    if (volume.csi) {
      const message = `kubernetes.io/csi: mounter.SetUpAt failed to get CSI client: driver name ${volume.csi.driver} not found in the list of registered CSI drivers`;
      return { volume: volume.name, stage: 'setUp', message };
    }
    if (isUnsupported(volume)) return { volume: volume.name, stage: 'attach', message: '' };
    return { kind: 'emptyDir', files: new Map() };
  }

  #content(pod: Pod, volume: Volume): VolumeTree | MountFailure {
    const { config, allocatable } = this.#env;
    const context = { pod, config, allocatable, token: (audience: string, seconds: number) => this.#env.token(pod, audience, seconds) };
    try {
      const files = volumeContent(volume, context) ?? new Map<string, string>();
      const kind = volume.configMap ? 'configMap' : volume.secret ? 'secret' : volume.projected ? 'projected' : 'downwardAPI';
      return { kind, files };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { volume: volume.name, stage: 'setUp', message: error.message };
    }
  }

  #notAttached(volume: string, specName: string, driver: string): MountFailure {
    return {
      volume,
      stage: 'attach',
      message: `AttachVolume.Attach failed for volume ${JSON.stringify(specName)} : CSINode ${this.#env.nodeName} does not contain driver ${driver}`,
    };
  }

  #hostPath(volume: string, path: string, type: string): VolumeTree | MountFailure {
    const known = this.#env.hostPaths.get(path);
    const problem = hostPathProblem(path, type, known !== undefined);
    if (problem !== undefined) return { volume, stage: 'setUp', message: problem };
    if (known) return known;
    const tree: VolumeTree = { kind: 'hostPath', files: new Map() };
    this.#env.hostPaths.set(path, tree);
    return tree;
  }

  #shared(key: string, kind: string): VolumeTree {
    const known = this.#env.sharedVolumes.get(key);
    if (known) return known;
    const tree: VolumeTree = { kind, files: new Map() };
    this.#env.sharedVolumes.set(key, tree);
    return tree;
  }

  #claim(pod: Pod, volume: string, claimName: string): VolumeTree | MountFailure {
    const namespace = pod.metadata.namespace ?? '';
    const problem = (why: string): MountFailure => ({
      volume,
      stage: 'process',
      message: `error processing PVC ${namespace}/${claimName}: ${why}`,
    });
    try {
      const found = this.#boundVolume(namespace, claimName);
      return typeof found === 'string' ? problem(found) : this.#persistent(volume, found);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return problem(`failed to fetch PVC from API server: ${error.message}`);
    }
  }

  /** The volume a claim is bound to, or the text of why it has none (`getPVCExtractPV`). */
  #boundVolume(namespace: string, claimName: string): PersistentVolume | string {
    const { client } = this.#env;
    const claim = client.get(PersistentVolumeClaimResource, { namespace, name: claimName });
    if (claim.metadata.deletionTimestamp !== undefined) return 'PVC is being deleted';
    const name = claim.spec?.volumeName;
    if (claim.status?.phase !== 'Bound' || !name) return 'PVC is not bound';
    return (
      client.find(PersistentVolumeResource, { name }) ??
      `failed to fetch PV ${name} from API server: persistentvolumes ${JSON.stringify(name)} not found`
    );
  }

  #persistent(volume: string, persistent: PersistentVolume): VolumeTree | MountFailure {
    const { spec, metadata } = persistent;
    const attacher = spec && attacherOf(spec);
    if (attacher) return this.#notAttached(volume, metadata.name, attacher);
    if (spec && isUnsupported(spec)) return { volume, stage: 'attach', message: '' };
    if (spec?.hostPath) return this.#hostPath(volume, spec.hostPath.path, spec.hostPath.type ?? '');
    return this.#shared(isNodeLocal(persistent) ? `${this.#env.nodeName}/${metadata.name}` : metadata.name, 'persistentVolumeClaim');
  }
}
