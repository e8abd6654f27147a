import { deflateSync, strToU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';
import { DICTIONARY_V1 } from './share-dictionary.ts';
import { decodeShareLink, encodeShareLink, LIMITS } from './share-link.ts';

const object = (value: object) => value as KubernetesObject;
const pod = object({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'hello' },
  spec: { containers: [{ name: 'hello', image: 'nginx:1.25' }] },
});
const deployment = object({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'shop' },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'shop' } },
    template: {
      metadata: { labels: { app: 'shop' } },
      spec: { containers: [{ name: 'shop', image: 'example/shop:2', ports: [{ containerPort: 8080 }] }] },
    },
  },
});
const service = object({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop' },
  spec: { selector: { app: 'shop' }, ports: [{ port: 80, targetPort: 8080 }] },
});

function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A well-formed frame around any text, as a hostile author would make it. */
function frame(text: string): string {
  const bytes = strToU8(text);
  const packed = deflateSync(bytes, { level: 9, dictionary: strToU8(DICTIONARY_V1) });
  const framed = new Uint8Array(packed.length + 4);
  new DataView(framed.buffer).setUint32(0, crc32(bytes));
  framed.set(packed, 4);
  return `1${encodeBase64Url(framed)}`;
}
const faultOf = (payload: string) => {
  const read = decodeShareLink(payload);
  return read.ok ? 'ok' : read.fault;
};

describe('base64url', () => {
  it.each([[[]], [[0]], [[255, 0]], [[1, 2, 3]], [[251, 239, 190, 0, 7]]])('gives back %j', (bytes) => {
    expect([...(decodeBase64Url(encodeBase64Url(Uint8Array.from(bytes))) ?? [])]).toEqual(bytes);
  });
});

describe('share link', () => {
  it('gives back what was put in', () => {
    const scenario = { seed: 42, objects: [pod, deployment, service] };
    expect(decodeShareLink(encodeShareLink(scenario))).toEqual({ ok: true, scenario });
  });

  it('keeps texts of any language', () => {
    const scenario = { seed: 1, objects: [{ ...pod, metadata: { ...pod.metadata, annotations: { note: '节点宕机 ✓ 🚀' } } }] };
    expect(decodeShareLink(encodeShareLink(scenario))).toEqual({ ok: true, scenario });
  });

  it.each([
    ['one Pod', [pod], 90],
    ['a Deployment and a Service', [deployment, service], 160],
  ])('stays short: %s', (_what, objects, characters) => {
    expect(encodeShareLink({ seed: 1, objects }).length).toBeLessThan(characters);
  });

  it('reads a link of the first release', () => {
    expect(decodeShareLink(FIRST_RELEASE)).toEqual({ ok: true, scenario: { seed: 7, objects: [pod] } });
  });

  it('says what is wrong with a damaged link, wherever it is cut or changed', () => {
    const payload = encodeShareLink({ seed: 1, objects: [deployment, service] });
    for (let length = 1; length < payload.length; length++) expect(faultOf(payload.slice(0, length))).toBe('damaged');
    for (let at = 1; at < payload.length; at++) {
      const changed = payload.slice(0, at) + (payload[at] === 'A' ? 'B' : 'A') + payload.slice(at + 1);
      const fault = faultOf(changed);
      // The last character may hold bits that belong to no byte.
      expect(at === payload.length - 1 ? ['damaged', 'ok'] : ['damaged']).toContain(fault);
    }
  });

  it('shows what could be read of a damaged link', () => {
    const payload = encodeShareLink({ seed: 1, objects: [deployment, service] });
    const read = decodeShareLink(`${payload.slice(0, 1)}AAAA${payload.slice(5)}`);
    expect(read).toMatchObject({ ok: false, fault: 'damaged', readable: expect.stringContaining('Deployment') });
  });

  it.each([
    ['nothing', '', 'empty'],
    ['another alphabet', '1%3Cscript%3E', 'damaged'],
    ['no version', '~abc', 'damaged'],
    ['a version to come', '2AAAAAAAA', 'newer-version'],
    ['a text as long as a book', `1${'A'.repeat(LIMITS.characters)}`, 'too-large'],
    ['a bomb', frame('a'.repeat(64 * 1024 * 1024)), 'too-large'],
    [
      'more objects than a cluster of this size holds',
      frame(JSON.stringify({ objects: Array(LIMITS.objects + 1).fill(pod) })),
      'too-large',
    ],
    ['endless nesting', frame('['.repeat(200_000)), 'too-large'],
    ['no JSON', frame('hello'), 'damaged'],
    ['a list', frame('[]'), 'not-objects'],
    ['no list of objects', frame('{"objects":{}}'), 'not-objects'],
    ['an object without a kind', frame('{"objects":[{"apiVersion":"v1","metadata":{"name":"a"}}]}'), 'not-objects'],
    ['an object without a name', frame('{"objects":[{"apiVersion":"v1","kind":"Pod","metadata":{}}]}'), 'not-objects'],
    ['a seed that is no number', frame('{"seed":"7","objects":[]}'), 'not-objects'],
    [
      'a prototype',
      frame('{"objects":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","\\u005f_proto__":{"x":1}}}]}'),
      'not-objects',
    ],
  ])('refuses %s', (_what, payload, fault) => {
    expect(faultOf(payload)).toBe(fault);
  });
});

const FIRST_RELEASE = '1bPWDgYOpNydSPc50lZEKbOgh5yTs4QdRhjUEwR23WgA';
