/**
 * A fingerprint of a whole store: every key with its value, revisions and version. Two clusters with equal
 * fingerprints went through the same history, for uids, times and revision numbers are part of it.
 * Two lanes of MurmurHash3's 32-bit mixing over UTF-16 units; not cryptographic, and synchronous on purpose.
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { Etcd } from '../etcd/etcd.ts';

const LANES = [0x9e3779b9, 0x85ebca6b] as const;

/** 16 hexadecimal digits. */
export function stateHash(etcd: Etcd<KubernetesObject>): string {
  let [a, b]: [number, number] = [LANES[0], LANES[1]];
  const add = (text: string) => {
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = mix(a, unit);
      b = mix(b, unit + 0x1_0000);
    }
  };
  add(String(etcd.revision));
  for (const { key, value, createRevision, modRevision, version } of etcd.range({ key: '\0', end: '\0' }).kvs) {
    add(`${key} ${createRevision} ${modRevision} ${version} `);
    add(JSON.stringify(value));
  }
  return hex(finish(a)) + hex(finish(b));
}

function mix(hash: number, unit: number): number {
  let k = Math.imul(unit, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

function finish(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (value: number) => value.toString(16).padStart(8, '0');
