/**
 * Request bodies in Kubernetes' protobuf encoding, as kubectl 1.32 and newer send them from typed clients, into the JSON form of the same
 * object (`k8s.io/apimachinery/pkg/runtime/serializer/protobuf`). fields.json holds the field numbers of upstream's generated.proto files
 * (Apache-2.0, The Kubernetes Authors): message → number → "name type", with "*" behind repeated types.
 */
import { readFileSync } from 'node:fs';
import { badRequest } from '../../apimachinery/status.ts';

/** Thrown away below: wire data that is not protobuf. */
class WireError extends Error {
  override readonly name = 'WireError';
}

interface Field {
  name: string;
  /** "string", "bool", "int32", "int64", "bytes", or a message's full name. */
  type: string;
  repeated: boolean;
}

interface Message {
  fields: Map<number, Field>;
  map: boolean;
}

const API = 'k8s.io.api.';
const UTIL = 'k8s.io.apimachinery.pkg.';
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** Go structs that are embedded: messages of their own in protobuf, flat in JSON. */
const EMBEDDED = new Set(['volumeSource', 'persistentVolumeSource', 'handler', 'ephemeralContainerCommon']);

/**
 * Scalars that are pointers in Go, by field name: for them zero says something. Everything else that is zero was not set.
 * Differs: the field numbers do not tell pointers from values, so the list is by name, of the fields that generators can set to zero.
 */
const POINTERS = new Set([
  'replicas',
  'minReplicas',
  'partition',
  'revisionHistoryLimit',
  'progressDeadlineSeconds',
  'backoffLimit',
  'completions',
  'parallelism',
  'suspend',
  'activeDeadlineSeconds',
  'ttlSecondsAfterFinished',
  'startingDeadlineSeconds',
  'successfulJobsHistoryLimit',
  'failedJobsHistoryLimit',
  'terminationGracePeriodSeconds',
  'gracePeriodSeconds',
  'automountServiceAccountToken',
  'enableServiceLinks',
  'tolerationSeconds',
  'immutable',
  'optional',
  'runAsUser',
  'runAsGroup',
  'runAsNonRoot',
  'fsGroup',
  'privileged',
  'allowPrivilegeEscalation',
  'readOnlyRootFilesystem',
  'defaultMode',
  'mode',
  'controller',
  'blockOwnerDeletion',
  'allocateLoadBalancerNodePorts',
  'expirationSeconds',
  'averageUtilization',
  'stabilizationWindowSeconds',
  'allowVolumeExpansion',
]);

let messages: Map<string, Message> | undefined;

function messageOf(name: string): Message | undefined {
  messages ??= readMessages();
  return messages.get(name);
}

function readMessages(): Map<string, Message> {
  const table = JSON.parse(readFileSync(new URL('fields.json', import.meta.url), 'utf8')) as Record<string, Record<string, string | true>>;
  return new Map(
    Object.entries(table).map(([name, { map, ...fields }]) => {
      const numbered = Object.entries(fields as Record<string, string>).map(([number, text]): [number, Field] => {
        const [field = '', type = ''] = text.split(' ');
        return [Number(number), { name: field, type: type.replace('*', ''), repeated: type.endsWith('*') }];
      });
      return [name, { fields: new Map(numbered), map: map === true }];
    }),
  );
}

/** "apps/v1", "Deployment" → its message */
function messageNameOf(apiVersion: string, kind: string): string {
  const [group, version] = apiVersion.includes('/') ? (apiVersion.split('/') as [string, string]) : ['core', apiVersion];
  if (group === 'meta.k8s.io') return `${UTIL}apis.meta.${version}.${kind}`;
  if (group === 'apiextensions.k8s.io') return `k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  const short = group === 'rbac.authorization.k8s.io' ? 'rbac' : (group.split('.', 1)[0] ?? '');
  return `${API}${short}.${version}.${kind}`;
}

/** Decodes "k8s\0" and `runtime.Unknown`. Throws 400. */
export function decodeProtobuf(body: Uint8Array): unknown {
  if (!MAGIC.every((byte, index) => body[index] === byte))
    throw badRequest("couldn't get version/kind; the body does not begin with the protobuf prefix");
  try {
    const envelope = new Reader(body.subarray(MAGIC.length)).parts();
    const raw = envelope.get(2)?.[0];
    const identity = envelope.get(1)?.[0];
    if (!(raw instanceof Uint8Array) || !(identity instanceof Uint8Array)) throw new WireError('the envelope is not complete');
    const type = new Reader(identity).parts();
    const [apiVersion, kind] = [textOf(type.get(1)?.[0]), textOf(type.get(2)?.[0])];
    const message = messageNameOf(apiVersion, kind);
    if (messageOf(message) === undefined) throw new WireError(`no kind "${kind}" is registered for version "${apiVersion}"`);
    return { apiVersion, kind, ...(decodeMessage(raw, message) as object) };
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError) throw badRequest(`couldn't decode the body: ${error.message}`);
    throw error;
  }
}

const textOf = (part: Part | undefined): string => (part instanceof Uint8Array ? Buffer.from(part).toString('utf8') : '');

function decodeMessage(bytes: Uint8Array, name: string): unknown {
  const special = SPECIAL[name];
  if (special !== undefined) return special(new Reader(bytes).parts());
  const message = messageOf(name);
  if (message === undefined) throw new WireError(`unknown message ${name}`);
  const result: Record<string, unknown> = {};
  for (const [number, parts] of new Reader(bytes).parts()) {
    const field = message.fields.get(number);
    if (field === undefined) continue;
    const values = parts.flatMap((part) => valuesOf(part, field));
    if (field.repeated) setRepeated(result, field, values);
    else setSingle(result, field, values.at(-1));
  }
  return result;
}

function setRepeated(result: Record<string, unknown>, { name, type }: Field, values: unknown[]): void {
  if (!messageOf(type)?.map) {
    result[name] = values;
    return;
  }
  const entries = (values as { key?: string; value?: unknown }[]).map(({ key = '', value = '' }): [string, unknown] => [key, value]);
  result[name] = Object.fromEntries(entries);
}

function setSingle(result: Record<string, unknown>, { name, type }: Field, value: unknown): void {
  if (value === undefined || value === '') return;
  if ((value === 0 || value === false) && !POINTERS.has(name)) return;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  // An inlined LocalObjectReference: selectors, sources and projections carry its name themselves.
  if (isObject && (EMBEDDED.has(name) || (name === 'localObjectReference' && type.endsWith('LocalObjectReference'))))
    Object.assign(result, value);
  else result[name] = value;
}

function valuesOf(part: Part, { type }: Field): unknown[] {
  switch (type) {
    case 'string':
      return [textOf(part)];
    case 'bytes':
      return [part instanceof Uint8Array ? Buffer.from(part).toString('base64') : ''];
    case 'bool':
      return [part === 1n];
    case 'int32':
    case 'int64':
      if (part instanceof Uint8Array) return new Reader(part).packed().map(signed);
      return [signed(part)];
    default:
      if (!(part instanceof Uint8Array)) throw new WireError(`a message of type ${type} was expected`);
      return [decodeMessage(part, type)];
  }
}

const signed = (value: bigint): number => Number(BigInt.asIntN(64, value));

type Part = bigint | Uint8Array;
type Parts = Map<number, Part[]>;

const numberAt = (parts: Parts, field: number): number => {
  const part = parts.get(field)?.at(-1);
  return typeof part === 'bigint' ? signed(part) : 0;
};

function timeOf(parts: Parts, digits: 0 | 6): string | undefined {
  const [seconds, nanos] = [numberAt(parts, 1), numberAt(parts, 2)];
  if (parts.size === 0) return undefined;
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return digits === 0 ? `${whole}Z` : `${whole}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`;
}

const jsonAt = (parts: Parts, field: number): unknown => {
  const text = textOf(parts.get(field)?.at(-1));
  return text === '' ? undefined : (JSON.parse(text) as unknown);
};

const listAt = (parts: Parts): string[] => (parts.get(1) ?? []).map(textOf);

/** Messages with a JSON form of their own. */
const SPECIAL: Readonly<Record<string, (parts: Parts) => unknown>> = {
  [`${UTIL}api.resource.Quantity`]: (parts) => textOf(parts.get(1)?.at(-1)) || '0',
  [`${UTIL}util.intstr.IntOrString`]: (parts) => (numberAt(parts, 1) === 1 ? textOf(parts.get(3)?.at(-1)) : numberAt(parts, 2)),
  [`${UTIL}apis.meta.v1.Time`]: (parts) => timeOf(parts, 0),
  [`${UTIL}apis.meta.v1.MicroTime`]: (parts) => timeOf(parts, 6),
  [`${UTIL}apis.meta.v1.Duration`]: (parts) => `${numberAt(parts, 1) / 1e9}s`,
  [`${UTIL}apis.meta.v1.FieldsV1`]: (parts) => jsonAt(parts, 1),
  [`${UTIL}runtime.RawExtension`]: (parts) => jsonAt(parts, 1),
  [`${UTIL}apis.meta.v1.Verbs`]: listAt,
  [`${API}authentication.v1.ExtraValue`]: listAt,
  [`${API}authorization.v1.ExtraValue`]: listAt,
  [`${API}certificates.v1.ExtraValue`]: listAt,
};

/** Reads one message's fields off the wire. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  parts(): Parts {
    const parts: Parts = new Map();
    while (this.#at < this.#bytes.length) {
      const tag = this.#varint();
      const number = Number(tag >> 3n);
      const part = this.#part(Number(tag & 7n));
      const known = parts.get(number);
      if (known === undefined) parts.set(number, [part]);
      else known.push(part);
    }
    return parts;
  }

  /** A packed list of numbers. */
  packed(): bigint[] {
    const values: bigint[] = [];
    while (this.#at < this.#bytes.length) values.push(this.#varint());
    return values;
  }

  #part(wireType: number): Part {
    if (wireType === 0) return this.#varint();
    const length = wireType === 2 ? Number(this.#varint()) : wireType === 1 ? 8 : wireType === 5 ? 4 : -1;
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new WireError('unexpected end of data');
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new WireError('unexpected end of data');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new WireError('a number is too long');
  }
}
