/**
 * VolumeRestrictions (`plugins/volumerestrictions/volume_restrictions.go`): disks that only one machine may write to, and claims
 * with the access mode ReadWriteOncePod, which only one pod in the cluster may use. GCE disks, iSCSI targets and RBD images may
 * be shared when all uses are read-only, EBS volumes never.
 */
import type { Pod, Volume } from '../../api/generated/types.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { claimKeys } from '../cache/pod-claims.ts';
import { StateKey } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Handle, Plugin } from '../framework/interface.ts';
import { skip, unresolvable, unschedulable } from '../framework/status.ts';

const NAME = 'VolumeRestrictions';
const SKIP = skip(NAME);
const DISK_CONFLICT = unschedulable(NAME, 'node(s) had no available disk');
const ONCE_POD_CONFLICT = unschedulable(
  NAME,
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
);
const ONCE_POD = 'ReadWriteOncePod';

class ClaimConflicts {
  /** "namespace/claim" of the pod's ReadWriteOncePod claims. */
  readonly claims: ReadonlySet<string>;
  count: number;

  constructor(claims: ReadonlySet<string>, count: number) {
    this.claims = claims;
    this.count = count;
  }

  clone(): ClaimConflicts {
    return new ClaimConflicts(this.claims, this.count);
  }

  update({ pod }: PodInfo, delta: number): void {
    for (const key of claimKeys(pod)) if (this.claims.has(key)) this.count += delta;
  }
}

const conflicts = new StateKey<ClaimConflicts>(`PreFilter${NAME}`);

const isRestricted = (volume: Volume): boolean =>
  (volume.gcePersistentDisk ?? volume.awsElasticBlockStore ?? volume.rbd ?? volume.iscsi) !== undefined;

/** Whether the two volumes are the same disk, used in a way that excludes each other. */
function clash(a: Volume, b: Volume): boolean {
  if (a.gcePersistentDisk && b.gcePersistentDisk && a.gcePersistentDisk.pdName === b.gcePersistentDisk.pdName) {
    return !(a.gcePersistentDisk.readOnly && b.gcePersistentDisk.readOnly);
  }
  if (a.awsElasticBlockStore && b.awsElasticBlockStore) return a.awsElasticBlockStore.volumeID === b.awsElasticBlockStore.volumeID;
  if (a.iscsi && b.iscsi && a.iscsi.iqn === b.iscsi.iqn) return !(a.iscsi.readOnly && b.iscsi.readOnly);
  if (!a.rbd || !b.rbd || (a.rbd.pool ?? 'rbd') !== (b.rbd.pool ?? 'rbd') || a.rbd.image !== b.rbd.image) return false;
  const monitors = b.rbd.monitors;
  return a.rbd.monitors.some((monitor) => monitors.includes(monitor)) && !(a.rbd.readOnly && b.rbd.readOnly);
}

const restrictedVolumes = ({ spec }: Pod): readonly Volume[] => (spec.volumes ?? []).filter(isRestricted);

/** Makes the VolumeRestrictions plugin. */
export const volumeRestrictions = (_args: unknown, { informers, snapshot }: Handle): Plugin => ({
  name: NAME,
  events: [
    { event: { resource: 'AssignedPod', action: Action.Delete } },
    { event: { resource: 'Node', action: Action.Add } },
    { event: { resource: 'PersistentVolumeClaim', action: Action.Add } },
  ],
  preFilter(state, { pod }) {
    const once = new Set<string>();
    for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
      if (!persistentVolumeClaim) continue;
      const key = `${pod.metadata.namespace ?? ''}/${persistentVolumeClaim.claimName}`;
      const claim = informers.persistentVolumeClaims.get(key);
      if (claim === undefined) return unresolvable(NAME, `persistentvolumeclaim "${persistentVolumeClaim.claimName}" not found`);
      if (claim.spec.accessModes?.includes(ONCE_POD)) once.add(key);
    }
    const used = [...once].filter((key) => snapshot.isClaimUsed(key)).length;
    if (used === 0 && !(pod.spec.volumes ?? []).some(isRestricted)) return SKIP;
    state.write(conflicts, new ClaimConflicts(once, used));
    return undefined;
  },
  addPod(state, _pod, added) {
    state.read(conflicts)?.update(added, 1);
  },
  removePod(state, _pod, removed) {
    state.read(conflicts)?.update(removed, -1);
  },
  filter(state, { pod }, node) {
    const own = restrictedVolumes(pod);
    if (own.length > 0) {
      for (const other of node.pods.values()) {
        if (restrictedVolumes(other.pod).some((volume) => own.some((mine) => clash(mine, volume)))) return DISK_CONFLICT;
      }
    }
    return (state.read(conflicts)?.count ?? 0) > 0 ? ONCE_POD_CONFLICT : undefined;
  },
});
