/**
 * Errors of patches, with upstream's texts (`k8s.io/apimachinery/pkg/util/mergepatch/errors.go`) and the codes the
 * apiserver answers with (`staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go`).
 */
import { badRequest, StatusError } from '../status.ts';
import { isList, isObject } from './schema.ts';
import type { Json } from './schema.ts';

/** A value as Go's `%v` prints it: "map[image:nginx name:web]", "[a b]", "<nil>". */
export function goText(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (isList(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((key) => `${key}:${goText(value[key])}`).join(' ')}]`;
}

function goType(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (isList(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}

/** 500: an error that the apiserver does not interpret. */
export const internalPatchError = (message: string): StatusError => new StatusError(500, '', message);

/** "map: map[…] does not contain declared merge key: name" */
export const noMergeKey = (item: Json, mergeKey: string): StatusError =>
  internalPatchError(`map: ${goText(item)} does not contain declared merge key: ${mergeKey}`);

/** A list where an object belongs and the like. */
export const badArgumentType = (expected: 'map[string]interface {}' | '[]interface {}', actual: Json | undefined): StatusError =>
  internalPatchError(`expected a ${expected}, but received a ${goType(actual)}`);

/** `$patch` with an unknown value. */
export const badPatchType = (directive: Json | undefined, patch: Json): StatusError =>
  internalPatchError(`unknown patch type: ${goText(directive)} in map: ${goText(patch)}`);

/** 400: a parallel list is malformed. */
export const badPatchFormat = (what: 'primitive list' | 'retainKeys' | 'setElementOrder list'): StatusError =>
  badRequest(`invalid patch format of ${what}`);

/** A merging list whose items are lists. */
export const noListOfLists = (): StatusError => unprocessable('lists of lists are not supported');

/** 422 without a resource, as the apiserver answers when a patch cannot be applied: kubectl prints only the message; the cause tells why. */
export function unprocessable(cause: string): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {
    causes: [{ reason: 'UnexpectedServerResponse', message: cause }],
  });
}
