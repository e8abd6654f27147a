/**
 * JSON patch, RFC 6902 (`--type=json`), with the texts and habits of the library the apiserver uses
 * (`gopkg.in/evanphx/json-patch.v4`): negative indexes count from the end, a test of null passes on a missing key.
 */
import { deepEqual } from '../freeze.ts';
import { badRequest, StatusError } from '../status.ts';
import { unprocessable } from './errors.ts';
import { isList, isObject } from './schema.ts';
import type { Json } from './schema.ts';

/** One step of a patch. */
export interface JsonPatchOperation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** `maxJSONPatchOperations` of the apiserver. */
const MAX_OPERATIONS = 10_000;
const MISSING = 'missing value';
const INVALID_INDEX = 'invalid index referenced';

const decode = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

/** The tokens of a JSON pointer; undefined when it does not start with a slash. */
function tokensOf(pointer: string): string[] | undefined {
  const parts = pointer.split('/');
  return parts.length < 2 ? undefined : parts.slice(1).map(decode);
}

function indexOf(list: readonly Json[], token: string, inserting: boolean): number {
  if (inserting && token === '-') return list.length;
  if (!/^[+-]?[0-9]+$/.test(token)) throw unprocessable(`strconv.Atoi: parsing ${JSON.stringify(token)}: invalid syntax`);
  const limit = inserting ? list.length : list.length - 1;
  const index = Number(token) < 0 ? limit + 1 + Number(token) : Number(token);
  if (index < 0 || index > limit) throw unprocessable(`Unable to access invalid index: ${token}: ${INVALID_INDEX}`);
  return index;
}

function childOf(container: Json | undefined, token: string): Json | undefined {
  if (isObject(container)) return Object.hasOwn(container, token) ? container[token] : undefined;
  return isList(container) && /^-?[0-9]+$/.test(token) ? container.at(Number(token)) : undefined;
}

type Edit = (container: Json, token: string) => Json;

/** Rebuilds the containers on the way to the last token's container, which `edit` replaces. `missing` is thrown when there is no such container. */
function edit(document: Json, tokens: readonly string[], change: Edit, missing: string): Json {
  const [token = '', ...rest] = tokens;
  if (rest.length === 0) {
    if (!isObject(document) && !isList(document)) throw unprocessable(missing);
    return change(document, token);
  }
  const child = childOf(document, token);
  if (child === undefined || child === null) throw unprocessable(missing);
  const next = edit(child, rest, change, missing);
  if (next === child) return document;
  return isList(document) ? document.with(Number(token), next) : { ...(document as object), [token]: next };
}

const addTo =
  (value: Json): Edit =>
  (container, token) =>
    isList(container) ? container.toSpliced(indexOf(container, token, true), 0, value) : { ...(container as object), [token]: value };

const removeFrom =
  (path: string): Edit =>
  (container, token) => {
    if (isList(container)) return container.toSpliced(indexOf(container, token, false), 1);
    if (!Object.hasOwn(container as object, token)) {
      throw unprocessable(`error in remove for path: '${path}': Unable to remove nonexistent key: ${token}: ${MISSING}`);
    }
    const { [token]: _removed, ...others } = container as Record<string, Json>;
    return others;
  };

const replaceIn =
  (path: string, value: Json): Edit =>
  (container, token) => {
    if (childOf(container, token) === undefined)
      throw unprocessable(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
    return isList(container) ? container.with(indexOf(container, token, false), value) : { ...(container as object), [token]: value };
  };

/** The value at a pointer; undefined when a part of the way is missing. */
function read(document: Json, pointer: string): Json | undefined {
  if (pointer === '') return document;
  return tokensOf(pointer)?.reduce<Json | undefined>((value, token) => childOf(value, token), document);
}

function hasParent(document: Json, pointer: string): boolean {
  const parent = tokensOf(pointer)?.slice(0, -1);
  const value = parent?.reduce<Json | undefined>((current, token) => childOf(current, token), document);
  return isObject(value) || isList(value);
}

function test(document: Json, { path, value = null }: JsonPatchOperation): Json {
  if (path !== '' && !hasParent(document, path)) throw unprocessable(`test operation does not apply: is missing path: ${path}: ${MISSING}`);
  if (!deepEqual(read(document, path) ?? null, value)) throw unprocessable(`testing value ${path} failed: test failed`);
  return document;
}

function relocate(document: Json, { op, path, from }: JsonPatchOperation): Json {
  if (from === undefined) throw unprocessable(`${op} operation failed to decode from: operation, missing from field: ${MISSING}`);
  if (!hasParent(document, from)) throw unprocessable(`${op} operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
  const value = read(document, from);
  if (value === undefined) throw unprocessable(`error in ${op} for path: '${from}': unable to get nonexistent key: ${from}: ${MISSING}`);
  const missing = `${op} operation does not apply: doc is missing destination path: ${path}: ${MISSING}`;
  const source = op === 'move' ? edit(document, tokensOf(from) ?? [], removeFrom(from), missing) : document;
  return edit(source, tokensOf(path) ?? [], addTo(value), missing);
}

function applyOperation(document: Json, operation: JsonPatchOperation): Json {
  const { op, path, value = null } = operation;
  if (typeof path !== 'string') throw unprocessable(`${op} operation failed to decode path: ${MISSING}`);
  const tokens = tokensOf(path);
  const missing = (quoted: string) => `${op} operation does not apply: doc is missing path: ${quoted}: ${MISSING}`;
  switch (op) {
    case 'add':
      if (!tokens) throw unprocessable(missing(JSON.stringify(path)));
      return edit(document, tokens, addTo(value), missing(JSON.stringify(path)));
    case 'remove':
      if (!tokens) throw unprocessable(missing(JSON.stringify(path)));
      return edit(document, tokens, removeFrom(path), missing(JSON.stringify(path)));
    case 'replace':
      if (path === '') return value;
      return edit(document, tokens ?? [], replaceIn(path, value), missing(path));
    case 'test':
      return test(document, operation);
    case 'move':
    case 'copy':
      return relocate(document, operation);
    default:
      throw unprocessable(`Unexpected kind: ${op}`);
  }
}

/**
 * Applies all operations in order, or none. Parts that no operation touches are shared with `document`.
 * Throws BadRequest for something that is no patch, 413 for more than 10,000 operations, 422 when one does not apply.
 */
export function applyJsonPatch(document: Json, patch: unknown): Json {
  if (!Array.isArray(patch) || !patch.every(isObject)) {
    throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    throw new StatusError(413, 'RequestEntityTooLarge', message);
  }
  return (patch as unknown as JsonPatchOperation[]).reduce(applyOperation, document);
}
