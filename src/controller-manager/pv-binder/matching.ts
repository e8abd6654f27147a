/**
 * Which PersistentVolume a claim gets (`k8s.io/component-helpers/storage/volume/pv_helpers.go` FindMatchingVolume,
 * `pkg/controller/volume/persistentvolume/index.go`). Pure.
 */
import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '../../api/generated/types.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { compareQuantities, parseQuantity } from '../../apimachinery/quantity.ts';
import type { Quantity } from '../../apimachinery/quantity.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The class that the claim or volume names; "" for none. The old annotation goes first. */
export function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';
}

/** Whether the reference means this claim; without uid any claim of that name (`IsVolumeBoundToClaim`). */
export function refersTo(reference: ObjectReference | undefined, { metadata }: PersistentVolumeClaim): boolean {
  if (reference === undefined || reference.name !== metadata.name || reference.namespace !== metadata.namespace) return false;
  return !reference.uid || reference.uid === metadata.uid;
}

const capacityOf = ({ spec }: PersistentVolume): Quantity => parseQuantity(spec?.capacity?.['storage'] ?? '0');
const requestOf = ({ spec }: PersistentVolumeClaim): Quantity => parseQuantity(spec?.resources?.requests?.['storage'] ?? '0');

/** True when the volume is large enough, of the claim's class and mode. Why not, otherwise (`checkVolumeSatisfyClaim`). */
export function mismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (compareQuantities(capacityOf(volume), requestOf(claim)) < 0) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (!isSameMode(volume, claim)) return 'incompatible volumeMode';
  return hasModes(volume, claim) ? undefined : 'incompatible accessMode';
}

const isSameMode = (volume: PersistentVolume, claim: PersistentVolumeClaim): boolean =>
  (volume.spec?.volumeMode ?? 'Filesystem') === (claim.spec?.volumeMode ?? 'Filesystem');

function hasModes(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => (volume.spec?.accessModes ?? []).includes(mode));
}

/**
 * The volume for an unbound claim: one that names the claim already, or else the smallest available one that fits, and of
 * those with the fewest access modes first. `delayed`: only a volume that names the claim will do, as the pod's node is not yet known.
 */
export function findMatchingVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  delayed: boolean,
): PersistentVolume | undefined {
  const request = requestOf(claim);
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (!isSameMode(volume, claim) || volume.metadata.deletionTimestamp !== undefined) continue;
    if (!hasModes(volume, claim) || compareQuantities(capacityOf(volume), request) < 0) continue;
    if (volume.spec?.claimRef !== undefined) {
      if (refersTo(volume.spec.claimRef, claim)) return volume;
      continue;
    }
    if (delayed || volume.status?.phase !== 'Available' || classOf(volume) !== classOf(claim)) continue;
    const { selector } = claim.spec ?? {};
    if (selector !== undefined && !labelSelectorAsSelector(selector).matches(volume.metadata.labels)) continue;
    if (best === undefined || isBetter(volume, best)) best = volume;
  }
  return best;
}

function isBetter(volume: PersistentVolume, best: PersistentVolume): boolean {
  const modes = (volume.spec?.accessModes ?? []).length - (best.spec?.accessModes ?? []).length;
  return modes < 0 || (modes === 0 && compareQuantities(capacityOf(volume), capacityOf(best)) < 0);
}
