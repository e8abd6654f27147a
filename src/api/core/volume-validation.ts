/** Rules of PersistentVolumes and claims (`ValidatePersistentVolume`, `ValidatePersistentVolumeClaimSpec` and their updates). */
import { broken, IMMUTABLE, immutable, oneOf, validateLabelSelector } from '../validation/common.ts';
import { compareQuantities, tryParseQuantity } from '../../apimachinery/quantity.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { isDNS1123Subdomain } from '../../apimachinery/names.ts';
import { validateAmount } from '../validation/resources.ts';
import { validateNodeSelector } from '../validation/scheduling.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeSpec } from '../generated/types.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
const VOLUME_MODES = ['Block', 'Filesystem'];
const SPEC_UPDATE = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** Fields of a volume's spec that are not its source. */
const NOT_A_SOURCE = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

function validateAccessModes(modes: readonly string[] | undefined, path: string, whenNone: string): FieldError[] {
  if (!modes?.length) return [required(path, whenNone)];
  const errors = modes.flatMap((mode) => oneOf(path, mode, ACCESS_MODES));
  if (modes.length > 1 && modes.includes('ReadWriteOncePod')) {
    errors.push(forbiddenField(path, 'may not use ReadWriteOncePod with other access modes'));
  }
  return errors;
}

function validateSize(amount: string, path: string): FieldError[] {
  const errors = validateAmount(path, 'storage', amount);
  const zero = errors.length === 0 && tryParseQuantity(amount)?.nano === 0n;
  return zero ? [invalidValue(path, amount, 'must be greater than zero')] : errors;
}

/** `ValidatePersistentVolumeClaimSpec`. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const { storageClassName } = spec;
  const storage = spec.resources?.requests?.['storage'];
  return [
    ...validateLabelSelector(spec.selector, `${path}.selector`),
    ...validateAccessModes(spec.accessModes, `${path}.accessModes`, 'at least 1 access mode is required'),
    ...(storage === undefined ? [required(`${path}.resources[storage]`)] : validateSize(storage, `${path}.resources[storage]`)),
    ...(storageClassName ? broken(`${path}.storageClassName`, storageClassName, isDNS1123Subdomain(storageClassName)) : []),
    ...oneOf(`${path}.volumeMode`, spec.volumeMode, VOLUME_MODES),
  ];
}

/** `ValidatePersistentVolumeClaimUpdate`: a claim may be bound, and may grow once it is. */
export function validateClaimUpdate({ spec: next }: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const { spec, status } = old;
  const bound = status?.phase === 'Bound';
  const comparable: PersistentVolumeClaimSpec = {
    ...next,
    volumeName: spec.volumeName ? next.volumeName : spec.volumeName,
    // A claim without class gets the default class once there is one.
    storageClassName: spec.storageClassName === undefined ? undefined : next.storageClassName,
    ...(bound && {
      resources: { ...next.resources, requests: spec.resources?.requests },
      volumeAttributesClassName: spec.volumeAttributesClassName,
    }),
  };
  if (!deepEqual(comparable, spec)) return [forbiddenField('spec', SPEC_UPDATE)];
  const [wanted, had] = [next.resources?.requests?.['storage'], spec.resources?.requests?.['storage']].map((amount) =>
    tryParseQuantity(amount ?? '0'),
  );
  const capacity = tryParseQuantity(status?.capacity?.['storage'] ?? '0');
  const shrinks = wanted && had && capacity && compareQuantities(wanted, had) < 0 && compareQuantities(wanted, capacity) <= 0;
  return shrinks ? [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')] : [];
}

/** The names of the sources that a volume has: one, when it is well formed. */
export function volumeSources(spec: PersistentVolumeSpec): string[] {
  return Object.keys(spec).filter((key) => !NOT_A_SOURCE.has(key) && spec[key as keyof PersistentVolumeSpec] !== undefined);
}

function validateSource(spec: PersistentVolumeSpec): FieldError[] {
  const sources = volumeSources(spec);
  const errors = sources.slice(1).map((source) => forbiddenField(`spec.${source}`, 'may not specify more than 1 volume type'));
  if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
  if (spec.hostPath && !spec.hostPath.path) errors.push(required('spec.hostPath.path'));
  if (spec.local && !spec.local.path) errors.push(required('spec.local.path'));
  if (spec.local && !spec.nodeAffinity) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
  return errors;
}

/** `ValidatePersistentVolume`. */
export function validateVolume({ spec }: PersistentVolume): FieldError[] {
  const { capacity = {}, nodeAffinity, storageClassName } = spec;
  const names = Object.keys(capacity);
  const errors = validateAccessModes(spec.accessModes, 'spec.accessModes', '');
  if (names.length === 0) errors.push(required('spec.capacity'));
  else if (capacity['storage'] === undefined || names.length > 1) errors.push(...oneOf('spec.capacity', names.join(','), ['storage']));
  for (const name of names) errors.push(...validateSize(capacity[name] ?? '', `spec.capacity[${name}]`));
  errors.push(...oneOf('spec.persistentVolumeReclaimPolicy', spec.persistentVolumeReclaimPolicy, ['Delete', 'Recycle', 'Retain']));
  if (nodeAffinity) {
    errors.push(
      ...(nodeAffinity.required
        ? validateNodeSelector(nodeAffinity.required, 'spec.nodeAffinity.required')
        : [required('spec.nodeAffinity.required', 'must specify required node constraints')]),
    );
  }
  errors.push(...validateSource(spec));
  if (storageClassName) errors.push(...broken('spec.storageClassName', storageClassName, isDNS1123Subdomain(storageClassName)));
  return [...errors, ...oneOf('spec.volumeMode', spec.volumeMode, VOLUME_MODES)];
}

/** `ValidatePersistentVolumeUpdate`. */
export function validateVolumeUpdate({ spec: next }: PersistentVolume, { spec: old }: PersistentVolume): FieldError[] {
  const sources = new Set([...volumeSources(next), ...volumeSources(old)]) as Set<keyof PersistentVolumeSpec>;
  const errors: FieldError[] = [];
  if ([...sources].some((source) => !deepEqual(next[source], old[source]))) {
    errors.push(forbiddenField('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
  }
  errors.push(...immutable('spec.volumeMode', next.volumeMode, old.volumeMode));
  if (old.nodeAffinity !== undefined && !deepEqual(next.nodeAffinity, old.nodeAffinity)) {
    errors.push(invalidValue('spec.nodeAffinity', next.nodeAffinity ?? null, IMMUTABLE));
  }
  return errors;
}
