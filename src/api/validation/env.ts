/** Environment variables and references to fields, ConfigMaps and Secrets (`ValidateEnv`, `ValidateEnvFrom`). */
import { broken, requiredSubdomain } from './common.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { isConfigMapKey, isDNS1123Subdomain, isQualifiedName, isRelaxedEnvVarName } from '../../apimachinery/names.ts';
import type { EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const VOLUME_FIELDS = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
const ALL_FIELDS = new Set([...ENV_FIELDS, ...VOLUME_FIELDS, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase']);
const RESOURCE_FIELDS = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** A reference of the downward API to a field of the pod. Volumes may also take all labels or annotations. */
export function validateFieldRef(ref: ObjectFieldSelector, path: string, use: 'env' | 'volume'): FieldError[] {
  if (!ref.apiVersion) return [required(`${path}.apiVersion`)];
  if (!ref.fieldPath) return [required(`${path}.fieldPath`)];
  const [, subscripted, key] = /^(.*)\['(.*)'\]$/.exec(ref.fieldPath) ?? [];
  const name = subscripted ?? ref.fieldPath;
  if (!ALL_FIELDS.has(name)) {
    return [invalidValue(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: field label not supported: ${ref.fieldPath}`)];
  }
  if (key !== undefined) {
    if (name === 'metadata.labels') return broken(path, key, isQualifiedName(key));
    if (name === 'metadata.annotations') return broken(path, key, isQualifiedName(key.toLowerCase()));
    return [invalidValue(path, name, 'does not support subscript')];
  }
  const supported = use === 'env' ? ENV_FIELDS : VOLUME_FIELDS;
  return supported.includes(name) ? [] : [notSupported(`${path}.fieldPath`, name, supported)];
}

/** A reference of the downward API to a container's requests or limits. */
export function validateResourceFieldRef(ref: ResourceFieldSelector, path: string, use: 'env' | 'volume'): FieldError[] {
  if (use === 'volume' && !ref.containerName) return [required(`${path}.containerName`)];
  if (!ref.resource) return [required(`${path}.resource`)];
  const known = RESOURCE_FIELDS.includes(ref.resource) || /^(limits|requests)\.hugepages-/.test(ref.resource);
  return known ? [] : [notSupported(`${path}.resource`, ref.resource, RESOURCE_FIELDS)];
}

function validateKeyRef({ name = '', key }: { name?: string; key: string }, path: string): FieldError[] {
  const errors = broken(`${path}.name`, name, isDNS1123Subdomain(name));
  errors.push(...(key ? broken(`${path}.key`, key, isConfigMapKey(key)) : [required(`${path}.key`)]));
  return errors;
}

function validateValueFrom(source: EnvVarSource, value: string | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, `${path}.fieldRef`, 'env'));
  if (resourceFieldRef) errors.push(...validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`, 'env'));
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef].filter((candidate) => candidate !== undefined).length;
  if (sources === 0) {
    errors.push(invalidValue(path, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`'));
  } else if (value) errors.push(invalidValue(path, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

/** `ValidateEnv`. */
export function validateEnv(variables: readonly EnvVar[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  variables?.forEach(({ name, value, valueFrom }, index) => {
    const at = `${path}[${index}]`;
    errors.push(...(name ? broken(`${at}.name`, name, isRelaxedEnvVarName(name)) : [required(`${at}.name`)]));
    if (valueFrom) errors.push(...validateValueFrom(valueFrom, value, `${at}.valueFrom`));
  });
  return errors;
}

/** `ValidateEnvFrom`. */
export function validateEnvFrom(sources: readonly EnvFromSource[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  sources?.forEach(({ prefix, configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`;
    if (prefix) errors.push(...broken(`${at}.prefix`, prefix, isRelaxedEnvVarName(prefix)));
    if (configMapRef) errors.push(...requiredSubdomain(`${at}.configMapRef.name`, configMapRef.name));
    if (secretRef) errors.push(...requiredSubdomain(`${at}.secretRef.name`, secretRef.name));
    if (!configMapRef && !secretRef) errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef && secretRef) errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
  });
  return errors;
}
