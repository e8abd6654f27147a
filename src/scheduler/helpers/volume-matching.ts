/**
 * Which volume fits which claim on which node (`k8s.io/component-helpers/storage/volume/pv_helpers.go`, FindMatchingVolume;
 * `plugins/volumebinding/binder.go`).
 */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/generated/types.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { nodeSelectorMatches } from '../../api/core/node-selector.ts';

/** Where the scheduler tells the provisioner which node a claim's first consumer will run on. */
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed';
const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** Finds a StorageClass by name. */
type StorageClasses = Pick<ReadonlyMap<string, StorageClass>, 'get'>;

/** Name of the claim's StorageClass; "" for none. */
export const classOfClaim = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '';
const classOfVolume = ({ metadata, spec }: PersistentVolume): string => metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '';

/** Whether the volume controller has bound the claim completely. */
export const isFullyBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;

/** Whether the claim's class leaves binding until a pod uses it. */
export function waitsForFirstConsumer(claim: PersistentVolumeClaim, classes: StorageClasses): boolean {
  const name = classOfClaim(claim);
  return name !== '' && classes.get(name)?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** Whether the volume's node affinity admits the node. */
export function volumeReachable({ spec }: PersistentVolume, node: NodeInfo): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || nodeSelectorMatches(required, node);
}

function matches(claim: PersistentVolumeClaim, volume: PersistentVolume, node: NodeInfo): boolean {
  const { spec } = volume;
  if (volume.status?.phase !== undefined && volume.status.phase !== 'Available') return false;
  if (volume.metadata.deletionTimestamp !== undefined || spec.claimRef !== undefined) return false;
  if ((spec.volumeMode ?? 'Filesystem') !== (claim.spec.volumeMode ?? 'Filesystem')) return false;
  if (classOfVolume(volume) !== classOfClaim(claim)) return false;
  if (claim.spec.selector !== undefined && !labelSelectorAsSelector(claim.spec.selector).matches(volume.metadata.labels)) return false;
  const modes = spec.accessModes ?? [];
  if (!(claim.spec.accessModes ?? []).every((mode) => modes.includes(mode))) return false;
  const wanted = parseQuantity(claim.spec.resources?.requests?.['storage'] ?? '0');
  return compareQuantities(capacityOf(volume), wanted) >= 0 && volumeReachable(volume, node);
}

const capacityOf = ({ spec }: PersistentVolume) => parseQuantity(spec.capacity?.['storage'] ?? '0');

const isPreBoundTo = ({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean =>
  claimRef !== undefined &&
  claimRef.name === metadata.name &&
  claimRef.namespace === metadata.namespace &&
  (!claimRef.uid || claimRef.uid === metadata.uid);

/** The volume already meant for the claim, or the smallest free one that fits it and the node. */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  candidates: Iterable<PersistentVolume>,
  node: NodeInfo,
  isFree: (volume: PersistentVolume) => boolean,
): PersistentVolume | undefined {
  let smallest: PersistentVolume | undefined;
  for (const volume of candidates) {
    if (!isFree(volume)) continue;
    if (isPreBoundTo(volume, claim)) return volumeReachable(volume, node) ? volume : undefined;
    if (!matches(claim, volume, node)) continue;
    if (smallest === undefined || compareQuantities(capacityOf(volume), capacityOf(smallest)) < 0) smallest = volume;
  }
  return smallest;
}

/** Whether the claim's class can make a volume for the node. */
export function provisionable(claim: PersistentVolumeClaim, node: NodeInfo, classes: StorageClasses): boolean {
  const storageClass = classes.get(classOfClaim(claim));
  if (storageClass === undefined || storageClass.provisioner === '' || storageClass.provisioner === NO_PROVISIONER) return false;
  const terms = storageClass.allowedTopologies ?? [];
  if (terms.length === 0) return true;
  return terms.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(node.labels?.[key] ?? '')),
  );
}
