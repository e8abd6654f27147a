/**
 * VolumeZone (`plugins/volumezone/volume_zone.go`): a volume with zone or region labels is used in those zones only. Values are
 * joined with "__"; a beta label of the volume may be met by the node's GA label, not the other way round. A node without
 * any such label passes.
 */
import type { PersistentVolumeClaim, Pod } from '../../api/generated/types.ts';
import { StateKey } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Handle, Plugin } from '../framework/interface.ts';
import { skip, Status, unresolvable } from '../framework/status.ts';
import { classOfClaim } from '../helpers/volume-matching.ts';

const NAME = 'VolumeZone';
const SKIP = skip(NAME);
const CONFLICT = unresolvable(NAME, 'node(s) had no available volume zone');

/** Label → the label that replaced it. */
const GA_LABEL: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region': 'topology.kubernetes.io/region',
};
const TOPOLOGY_LABELS = Object.keys(GA_LABEL);

interface VolumeTopology {
  readonly key: string;
  readonly values: readonly string[];
}

const topologies = new StateKey<readonly VolumeTopology[]>(`PreFilter${NAME}`);

/** Zones and regions of the pod's bound volumes, or why they cannot be known. */
function topologiesOf(pod: Pod, informers: Handle['informers']): VolumeTopology[] | Status {
  const found: VolumeTopology[] = [];
  for (const { persistentVolumeClaim: source } of pod.spec.volumes ?? []) {
    if (!source) continue;
    if (source.claimName === '') return unresolvable(NAME, 'PersistentVolumeClaim had no name');
    const claim = informers.persistentVolumeClaims.get(`${pod.metadata.namespace ?? ''}/${source.claimName}`);
    if (claim === undefined) return unresolvable(NAME, `persistentvolumeclaim "${source.claimName}" not found`);
    const { volumeName } = claim.spec;
    if (!volumeName) {
      const fault = unboundFault(claim, informers);
      if (fault !== undefined) return unresolvable(NAME, fault);
      continue;
    }
    const volume = informers.persistentVolumes.get(volumeName);
    if (volume === undefined) return unresolvable(NAME, `persistentvolume "${volumeName}" not found`);
    for (const key of TOPOLOGY_LABELS) {
      const values = volume.metadata.labels?.[key]?.split('__').map((value) => value.trim());
      if (values !== undefined && !values.includes('')) found.push({ key, values });
    }
  }
  return found;
}

/** An unbound claim is fine only if its class waits for the first consumer. */
function unboundFault(claim: PersistentVolumeClaim, informers: Handle['informers']): string | undefined {
  const className = classOfClaim(claim);
  if (className === '') return 'PersistentVolumeClaim had no pv name and storageClass name';
  const storageClass = informers.storageClasses.get(className);
  if (storageClass === undefined) return `storageclasses.storage.k8s.io "${className}" not found`;
  if (storageClass.volumeBindingMode === undefined) return `VolumeBindingMode not set for StorageClass "${className}"`;
  return storageClass.volumeBindingMode === 'WaitForFirstConsumer' ? undefined : 'PersistentVolume had no name';
}

/** Makes the VolumeZone plugin. */
export const volumeZone = (_args: unknown, { informers }: Handle): Plugin => ({
  name: NAME,
  events: [
    { event: { resource: 'StorageClass', action: Action.Add } },
    { event: { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel } },
    { event: { resource: 'PersistentVolumeClaim', action: Action.Add | Action.Update } },
    { event: { resource: 'PersistentVolume', action: Action.Add | Action.Update } },
  ],
  preFilter(state, { pod }) {
    const found = topologiesOf(pod, informers);
    if (found instanceof Status) return found;
    if (found.length === 0) return SKIP;
    state.write(topologies, found);
    return undefined;
  },
  filter(state, _pod, { labels }) {
    if (!TOPOLOGY_LABELS.some((key) => labels?.[key] !== undefined)) return undefined;
    for (const { key, values } of state.read(topologies) ?? []) {
      const value = labels?.[key] ?? labels?.[GA_LABEL[key] ?? key];
      if (value === undefined || !values.includes(value)) return CONFLICT;
    }
    return undefined;
  },
});
