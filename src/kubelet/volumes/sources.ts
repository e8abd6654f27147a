/** Which volume sources the simulation can mount, and what it says of the others. */
import { UNMOUNTABLE_SOURCES } from '../../api/core/pod-fidelity.ts';
import type { PersistentVolume, PersistentVolumeSpec, Volume } from '../../api/generated/types.ts';

/** Sources that need an attacher: in-tree ones that 1.33 hands to a CSI driver, by the driver's name (`pkg/volume/csimigration`). */
const MIGRATED: Readonly<Record<string, string>> = {
  awsElasticBlockStore: 'ebs.csi.aws.com',
  azureDisk: 'disk.csi.azure.com',
  cinder: 'cinder.csi.openstack.org',
  gcePersistentDisk: 'pd.csi.storage.gke.io',
  portworxVolume: 'pxd.portworx.com',
  vsphereVolume: 'csi.vsphere.vmware.com',
};

/** The CSI driver that would have to attach the source; undefined when it needs none. */
export function attacherOf(source: Volume | PersistentVolumeSpec): string | undefined {
  const record = source as unknown as Record<string, unknown>;
  for (const name of Object.keys(MIGRATED)) if (record[name] !== undefined) return MIGRATED[name];
  return undefined;
}

/** True for a source that cannot be mounted here at all. */
export function isUnsupported(source: Volume | PersistentVolumeSpec): boolean {
  const record = source as unknown as Record<string, unknown>;
  return UNMOUNTABLE_SOURCES.some((name) => record[name] !== undefined);
}

/** True when the PersistentVolume's files exist on one node only. */
export const isNodeLocal = ({ spec }: PersistentVolume): boolean => spec?.hostPath !== undefined || spec?.local !== undefined;

/** Directories and files that every node has, for the type check of hostPath volumes. */
const NODE_DIRECTORIES =
  /^\/(?:$|bin|boot|dev|etc|home|lib|lib64|lib\/modules|media|mnt|opt|proc|root|run|sbin|srv|sys|sys\/fs\/(?:bpf|cgroup)|tmp|usr|usr\/.*|var|var\/(?:lib|log|run|tmp)|var\/lib\/(?:containerd|docker|kubelet)|var\/log\/(?:pods|containers)|etc\/(?:cni|kubernetes|ssl)(?:\/.*)?|opt\/cni\/bin)$/;
const NODE_FILES =
  /^\/(?:etc\/(?:hostname|hosts|localtime|machine-id|os-release|passwd|resolv\.conf)|etc\/kubernetes\/.*\.conf|run\/xtables\.lock)$/;
const NODE_SOCKETS = /^\/(?:var\/)?run\/(?:containerd\/containerd|docker|crio\/crio)\.sock$/;

/** Why a hostPath of the given type cannot be used; undefined when it can (`pkg/volume/hostpath/host_path.go`). `known`: made by an earlier volume. */
export function hostPathProblem(path: string, type: string, known: boolean): string | undefined {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  const isDirectory = known || NODE_DIRECTORIES.test(trimmed);
  const wrong = (what: string) => `hostPath type check failed: ${path} is not ${what}`;
  if (type === 'Directory') return isDirectory ? undefined : wrong('a directory');
  if (type === 'File') return NODE_FILES.test(trimmed) || known ? undefined : wrong('a file');
  if (type === 'Socket') return NODE_SOCKETS.test(trimmed) ? undefined : wrong('a socket file');
  if (type === 'CharDevice') return trimmed.startsWith('/dev/') ? undefined : wrong('a character device');
  if (type === 'BlockDevice') return trimmed.startsWith('/dev/') ? undefined : wrong('a block device');
  return undefined;
}
