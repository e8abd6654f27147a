/** Rules of ConfigMaps and Secrets: keys, size, immutability (`ValidateConfigMap`, `ValidateSecret` and their updates). */
import { ownEntry } from '../../apimachinery/own-entry.ts';
import { broken } from '../validation/common.ts';
import { decodedLength } from '../../apimachinery/base64.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { forbiddenField, invalidValue, required, tooLong } from '../../apimachinery/status.ts';
import { isConfigMapKey } from '../../apimachinery/names.ts';
import { utf8Length } from '../../apimachinery/utf8.ts';
import type { ConfigMap, Secret } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

/** All values together (`MaxSecretSize`). */
const MAX_BYTES = 1024 * 1024;
const IMMUTABLE_SET = 'field is immutable when `immutable` is set';

type Values = Readonly<Record<string, string>>;

const checkKeys = (values: Values | undefined, path: string): FieldError[] =>
  Object.keys(values ?? {}).flatMap((key) => broken(`${path}[${key}]`, key, isConfigMapKey(key)));

const sum = (values: Values | undefined, length: (value: string) => number): number =>
  Object.values(values ?? {}).reduce((total, value) => total + length(value), 0);

/** Upstream names the whole object "[]". */
const checkSize = (bytes: number): FieldError[] => (bytes > MAX_BYTES ? [tooLong('[]', MAX_BYTES)] : []);

/** `ValidateConfigMap`. */
export function validateConfigMap({ data, binaryData }: ConfigMap): FieldError[] {
  const errors = checkKeys(data, 'data');
  for (const key of Object.keys(data ?? {})) {
    if (binaryData?.[key] !== undefined) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
  }
  errors.push(...checkKeys(binaryData, 'binaryData'));
  return [...errors, ...checkSize(sum(data, utf8Length) + sum(binaryData, decodedLength))];
}

function checkImmutable<T extends { immutable?: boolean }>(next: T, old: T, fields: readonly (keyof T & string)[]): FieldError[] {
  if (!old.immutable) return [];
  const errors = next.immutable ? [] : [forbiddenField('immutable', IMMUTABLE_SET)];
  for (const field of fields) if (!deepEqual(next[field], old[field])) errors.push(forbiddenField(field, IMMUTABLE_SET));
  return errors;
}

/** `ValidateConfigMapUpdate`. */
export const validateConfigMapUpdate = (next: ConfigMap, old: ConfigMap): FieldError[] => checkImmutable(next, old, ['data', 'binaryData']);

/** Keys a Secret of the type must have. */
const REQUIRED_KEYS: Record<string, readonly string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function checkType({ type = '', data = {}, metadata }: Secret): FieldError[] {
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[SERVICE_ACCOUNT_NAME]) {
    return [required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`)];
  }
  if (type === 'kubernetes.io/basic-auth' && data['username'] === undefined && data['password'] === undefined) {
    return [required('data[username]'), required('data[password]')];
  }
  return (ownEntry(REQUIRED_KEYS, type) ?? []).filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
}

/** `ValidateSecret`. */
export function validateSecret(secret: Secret): FieldError[] {
  return [...checkKeys(secret.data, 'data'), ...checkSize(sum(secret.data, decodedLength)), ...checkType(secret)];
}

/** `ValidateSecretUpdate`. */
export function validateSecretUpdate(next: Secret, old: Secret): FieldError[] {
  const errors = next.type === old.type ? [] : [invalidValue('type', next.type ?? '', 'field is immutable')];
  return [...errors, ...checkImmutable(next, old, ['data'])];
}
