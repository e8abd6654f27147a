/** Volumes of a pod and the mounts of its containers (`ValidateVolumes`, `ValidateVolumeMounts`). */
import { broken, oneOf, requiredLabel } from './common.ts';
import { duplicate, fieldNotFound, forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { isConfigMapKey } from '../../apimachinery/names.ts';
import { tryParseQuantity } from '../../apimachinery/quantity.ts';
import { validateFieldRef, validateResourceFieldRef } from './env.ts';
import type { Container, DownwardAPIVolumeFile, KeyToPath, Volume, VolumeProjection } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

const MODE_TEXT = 'must be a number between 0 and 0777 (octal), both inclusive';
const HOST_PATH_TYPES = ['', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket'];

function validateMode(path: string, mode: number | undefined): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777) ? [invalidValue(path, mode, MODE_TEXT)] : [];
}

const hasBackstep = (path: string): boolean => path.split('/').includes('..');

/** A path below a mount: relative, without "..". */
export function validateDescendingPath(path: string, value: string): FieldError[] {
  const errors: FieldError[] = [];
  if (value.startsWith('/')) errors.push(invalidValue(path, value, 'must be a relative path'));
  if (hasBackstep(value)) errors.push(invalidValue(path, value, "must not contain '..'"));
  return errors;
}

function validateFilePath(path: string, value: string | undefined): FieldError[] {
  if (!value) return [required(path)];
  const errors = validateDescendingPath(path, value);
  if (value.startsWith('..') && !value.startsWith('../')) errors.push(invalidValue(path, value, "must not start with '..'"));
  return errors;
}

function validateItems(items: readonly KeyToPath[] | undefined, path: string): FieldError[] {
  return (items ?? []).flatMap(({ key, path: file, mode }, index) => [
    ...(key ? broken(`${path}[${index}].key`, key, isConfigMapKey(key)) : [required(`${path}[${index}].key`)]),
    ...validateFilePath(`${path}[${index}].path`, file),
    ...validateMode(`${path}[${index}].mode`, mode),
  ]);
}

function validateDownwardItems(items: readonly DownwardAPIVolumeFile[] | undefined, path: string): FieldError[] {
  return (items ?? []).flatMap(({ path: file, fieldRef, resourceFieldRef, mode }, index) => {
    const at = `${path}[${index}]`;
    const errors = validateFilePath(`${at}.path`, file);
    if (fieldRef) {
      errors.push(...validateFieldRef(fieldRef, `${at}.fieldRef`, 'volume'));
      if (resourceFieldRef) errors.push(invalidValue(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (resourceFieldRef) errors.push(...validateResourceFieldRef(resourceFieldRef, `${at}.resourceFieldRef`, 'volume'));
    else errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
    return [...errors, ...validateMode(`${at}.mode`, mode)];
  });
}

function validateProjection(source: VolumeProjection, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  if (secret) errors.push(...named(`${path}.secret.name`, secret.name), ...validateItems(secret.items, `${path}.secret.items`));
  if (configMap)
    errors.push(...named(`${path}.configMap.name`, configMap.name), ...validateItems(configMap.items, `${path}.configMap.items`));
  if (downwardAPI) errors.push(...validateDownwardItems(downwardAPI.items, `${path}.downwardAPI.items`));
  if (serviceAccountToken) {
    const { expirationSeconds = 3600 } = serviceAccountToken;
    const at = `${path}.serviceAccountToken`;
    if (expirationSeconds < 600)
      errors.push(invalidValue(`${at}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'));
    errors.push(...validateFilePath(`${at}.path`, serviceAccountToken.path));
  }
  const kinds = [secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle].filter((kind) => kind !== undefined).length;
  if (kinds > 1) errors.push(forbiddenField(path, 'may not specify more than 1 volume type'));
  if (kinds === 0) errors.push(required(path, 'must specify one of secret, configMap, downwardAPI, serviceAccountToken'));
  return errors;
}

const named = (path: string, name: string | undefined): FieldError[] => (name ? [] : [required(path)]);

/** Rules of the sources that have any besides being the only one. */
const SOURCES: { [K in keyof Volume]?: (source: NonNullable<Volume[K]>, path: string) => FieldError[] } = {
  emptyDir({ sizeLimit }, path) {
    const limit = sizeLimit === undefined ? undefined : tryParseQuantity(sizeLimit);
    return limit && limit.nano < 0n ? [forbiddenField(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [];
  },
  hostPath({ path: host, type = '' }, path) {
    if (!host) return [required(`${path}.path`)];
    const errors = hasBackstep(host) ? [invalidValue(`${path}.path`, host, "must not contain '..'")] : [];
    return [...errors, ...oneOf(`${path}.type`, type, HOST_PATH_TYPES)];
  },
  secret: ({ secretName, defaultMode, items }, path) => [
    ...named(`${path}.secretName`, secretName),
    ...validateMode(`${path}.defaultMode`, defaultMode),
    ...validateItems(items, `${path}.items`),
  ],
  configMap: ({ name, defaultMode, items }, path) => [
    ...named(`${path}.name`, name),
    ...validateMode(`${path}.defaultMode`, defaultMode),
    ...validateItems(items, `${path}.items`),
  ],
  nfs({ server, path: exported }, path) {
    const errors = [...named(`${path}.server`, server), ...named(`${path}.path`, exported)];
    return exported && !exported.startsWith('/') ? [...errors, invalidValue(`${path}.path`, exported, 'must be an absolute path')] : errors;
  },
  persistentVolumeClaim: ({ claimName }, path) => named(`${path}.claimName`, claimName),
  downwardAPI: ({ defaultMode, items }, path) => [
    ...validateMode(`${path}.defaultMode`, defaultMode),
    ...validateDownwardItems(items, `${path}.items`),
  ],
  projected: ({ defaultMode, sources = [] }, path) => [
    ...validateMode(`${path}.defaultMode`, defaultMode),
    ...sources.flatMap((source, index) => validateProjection(source, `${path}.sources[${index}]`)),
  ],
  csi: ({ driver }, path) => named(`${path}.driver`, driver),
  image: ({ reference }, path) => named(`${path}.reference`, reference),
};

function validateSource(volume: Volume, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const sources = (Object.keys(volume) as (keyof Volume)[]).filter((key) => key !== 'name' && volume[key] !== undefined);
  sources.forEach((source, index) => {
    const rule = SOURCES[source] as ((value: unknown, path: string) => FieldError[]) | undefined;
    if (index > 0) errors.push(forbiddenField(`${path}.${source}`, 'may not specify more than 1 volume type'));
    else if (rule) errors.push(...rule(volume[source], `${path}.${source}`));
  });
  if (sources.length === 0) errors.push(required(path, 'must specify a volume type'));
  return errors;
}

/** Findings, and the volumes that containers may mount: only those without findings. */
export function validateVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
): { errors: FieldError[]; known: ReadonlyMap<string, Volume> } {
  const errors: FieldError[] = [];
  const known = new Map<string, Volume>();
  volumes?.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const found = [...validateSource(volume, at), ...requiredLabel(`${at}.name`, volume.name)];
    if (known.has(volume.name)) found.push(duplicate(`${at}.name`, volume.name));
    if (found.length === 0) known.set(volume.name, volume);
    errors.push(...found);
  });
  return { errors, known };
}

const PROPAGATION = ['Bidirectional', 'HostToContainer', 'None'];

/** `ValidateVolumeMounts`. */
export function validateMounts(container: Container, known: ReadonlyMap<string, Volume>, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const paths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  container.volumeMounts?.forEach(({ name, mountPath, subPath, subPathExpr, mountPropagation }, index) => {
    const at = `${path}[${index}]`;
    if (!name) errors.push(required(`${at}.name`));
    if (!known.has(name)) errors.push(fieldNotFound(`${at}.name`, name ?? ''));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((device) => device.name === name))
      errors.push(invalidValue(`${at}.name`, name, 'must not already exist in volumeDevices'));
    if (devices.some(({ devicePath }) => devicePath === mountPath)) {
      errors.push(invalidValue(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    }
    if (subPath) errors.push(...validateDescendingPath(`${path}.subPath`, subPath));
    if (subPathExpr) {
      if (subPath) errors.push(invalidValue(`${at}.subPathExpr`, subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      errors.push(...validateDescendingPath(`${path}.subPathExpr`, subPathExpr));
    }
    errors.push(...oneOf(`${at}.mountPropagation`, mountPropagation, PROPAGATION));
  });
  return errors;
}
