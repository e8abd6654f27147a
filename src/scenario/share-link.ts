/**
 * The payload of a share link, in which a whole scenario travels in the URL fragment and is never sent to a server:
 * one character for the version, then base64url of CRC-32 (4 bytes) and JSON deflated with a preset dictionary.
 * Payloads come from strangers: reading one never throws and is bounded in memory, depth and number of objects.
 */
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';
import { DEFAULT_SEED } from './header.ts';
import { DICTIONARY_V1 } from './share-dictionary.ts';

/** What a link carries: the same as a fresh cluster starts from. */
export interface SharedScenario {
  seed: number;
  /** The `Scenario` first, if there is one. */
  objects: KubernetesObject[];
}

/** Why a payload cannot be opened. */
export type ShareLinkFault =
  /** No payload at all. */
  | 'empty'
  /** Cut off or changed on its way. */
  | 'damaged'
  /** Made by a newer release than this. */
  | 'newer-version'
  /** Beyond `LIMITS`. */
  | 'too-large'
  /** Intact, but not objects of Kubernetes. */
  | 'not-objects';

/** The result of reading a payload. With a fault, `readable` is the beginning of what could be made out, for display only. */
export type ReadShareLink = { ok: true; scenario: SharedScenario } | { ok: false; fault: ShareLinkFault; readable: string };

/** What is read at most. */
export const LIMITS = { characters: 256 * 1024, bytes: 4 * 1024 * 1024, objects: 5000, depth: 64 };

const VERSION = '1';
const KNOWN_VERSIONS = /^[0-9A-Za-z]/;
const CRC_BYTES = 4;
const READABLE = 2000;
/** A small input chunk keeps what one step can inflate to (at most about 1,032 times as much) below half a MiB. */
const CHUNK = 512;
const dictionary = strToU8(DICTIONARY_V1);

/** The payload for a scenario. The same scenario gives the same payload. */
export function encodeShareLink({ seed, objects }: SharedScenario): string {
  const bytes = strToU8(JSON.stringify({ seed, objects }));
  const packed = deflateSync(bytes, { level: 9, mem: 9, dictionary });
  const framed = new Uint8Array(packed.length + CRC_BYTES);
  new DataView(framed.buffer).setUint32(0, crc32(bytes));
  framed.set(packed, CRC_BYTES);
  return VERSION + encodeBase64Url(framed);
}

/** Reads a payload. */
export function decodeShareLink(payload: string): ReadShareLink {
  if (payload === '') return fault('empty');
  if (payload.length > LIMITS.characters) return fault('too-large');
  if (!KNOWN_VERSIONS.test(payload)) return fault('damaged');
  if (payload[0] !== VERSION) return fault('newer-version');
  const framed = decodeBase64Url(payload.slice(1));
  if (!framed || framed.length <= CRC_BYTES) return fault('damaged');
  const { bytes, fault: broken } = inflate(framed.subarray(CRC_BYTES));
  const text = strFromU8(bytes);
  if (broken) return fault(broken, text);
  if (new DataView(framed.buffer).getUint32(0) !== crc32(bytes)) return fault('damaged', text);
  if (depthOf(text) > LIMITS.depth) return fault('too-large', text);
  return readScenarioText(text);
}

function fault(kind: ShareLinkFault, readable = ''): ReadShareLink {
  return { ok: false, fault: kind, readable: readable.slice(0, READABLE) };
}

/** Inflates step by step and stops at the limit, so that a bomb costs no more than the limit. */
function inflate(packed: Uint8Array): { bytes: Uint8Array; fault?: ShareLinkFault } {
  const parts: Uint8Array[] = [];
  let size = 0;
  const stream = new Inflate({ dictionary }, (part) => {
    parts.push(part.slice());
    size += part.length;
  });
  let broken: ShareLinkFault | undefined;
  try {
    for (let at = 0; at < packed.length && size <= LIMITS.bytes; at += CHUNK) {
      stream.push(packed.subarray(at, at + CHUNK), at + CHUNK >= packed.length);
    }
  } catch {
    broken = 'damaged';
  }
  if (size > LIMITS.bytes) broken = 'too-large';
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, fault: broken };
}

function readScenarioText(text: string): ReadShareLink {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault('damaged', text);
  }
  if (!isRecord(value)) return fault('not-objects', text);
  const { seed = DEFAULT_SEED, objects } = value;
  if (!Number.isSafeInteger(seed) || !Array.isArray(objects)) return fault('not-objects', text);
  if (objects.length > LIMITS.objects) return fault('too-large', text);
  if (!objects.every(isObject) || holdsPrototype(text)) return fault('not-objects', text);
  return { ok: true, scenario: { seed: seed as number, objects } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObject(value: unknown): value is KubernetesObject {
  if (!isRecord(value) || !isRecord(value['metadata'])) return false;
  const { apiVersion, kind, metadata } = value;
  const named = [metadata['name'], metadata['generateName']].some((name) => typeof name === 'string' && name !== '');
  return named && typeof apiVersion === 'string' && apiVersion !== '' && typeof kind === 'string' && kind !== '';
}

/** A key that no manifest has and that could reach the prototype of objects. Escapes are undone first. */
function holdsPrototype(text: string): boolean {
  let found = false;
  JSON.parse(text, (key: string, value: unknown) => {
    found ||= key === '__proto__';
    return value;
  });
  return found;
}

/** How deep lists and maps are nested, found without recursion. */
function depthOf(text: string): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{' || character === '[') deepest = Math.max(deepest, ++depth);
    else if (character === '}' || character === ']') depth--;
  }
  return deepest;
}

/** CRC-32 as in zip (polynomial 0xEDB88320). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
