/**
 * Keys: P-256 keys that sign, and the check of signatures by the kinds of keys that people make: RSA, ECDSA and Ed25519
 * (Go's crypto/x509 `checkSignature`). Signatures are deterministic (RFC 6979): the same key and bytes, the same signature.
 * Differs: keys follow from the cluster's seed, so whoever knows the seed has them. RSA-PSS signatures are not checked but refused.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import {
  bitString,
  concat,
  contextTag,
  dottedOid,
  element,
  elementsOf,
  fields,
  integer,
  octetString,
  oid,
  onlyElement,
  sequence,
  TAG,
  utf8,
} from './der.ts';
import type { Element } from './der.ts';
import { pem } from './pem.ts';

const RSA = '1.2.840.113549.1.1.1';
const EC = '1.2.840.10045.2.1';
const ED25519 = '1.3.101.112';
const P256 = '1.2.840.10045.3.1.7';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
/** By curve. */
const CURVES = new Map([
  [P256, p256],
  ['1.3.132.0.34', p384],
  ['1.3.132.0.35', p521],
]);

type Hash = (bytes: Uint8Array) => Uint8Array;

/** Signature algorithms: the key that each takes, and its hash. */
const ALGORITHMS = new Map<string, { key: string; hash?: Hash; insecure?: string }>([
  ['1.2.840.113549.1.1.11', { key: RSA, hash: sha256 }],
  ['1.2.840.113549.1.1.12', { key: RSA, hash: sha384 }],
  ['1.2.840.113549.1.1.13', { key: RSA, hash: sha512 }],
  ['1.2.840.113549.1.1.4', { key: RSA, insecure: 'MD5-RSA' }],
  ['1.2.840.113549.1.1.5', { key: RSA, insecure: 'SHA1-RSA' }],
  [ECDSA_SHA256, { key: EC, hash: sha256 }],
  ['1.2.840.10045.4.3.3', { key: EC, hash: sha384 }],
  ['1.2.840.10045.4.3.4', { key: EC, hash: sha512 }],
  ['1.2.840.10045.4.1', { key: EC, insecure: 'ECDSA-SHA1' }],
  [ED25519, { key: ED25519 }],
]);
/** What Go calls a key, and says of a wrong signature by it. */
const KEY_TEXTS: Readonly<Record<string, { a: string; type: string; failure: string }>> = {
  [RSA]: { a: 'an RSA', type: '*rsa.PublicKey', failure: 'crypto/rsa: verification error' },
  [EC]: { a: 'an ECDSA', type: '*ecdsa.PublicKey', failure: 'x509: ECDSA verification failure' },
  [ED25519]: { a: 'an Ed25519', type: 'ed25519.PublicKey', failure: 'x509: Ed25519 verification failure' },
};
/** DigestInfo's object identifier of each hash, by its length in bytes (RFC 8017, 9.2). */
const DIGESTS: Readonly<Record<number, string>> = {
  32: '2.16.840.1.101.3.4.2.1',
  48: '2.16.840.1.101.3.4.2.2',
  64: '2.16.840.1.101.3.4.2.3',
};
/** Longer RSA keys are not made by anybody, and would cost time by the square of their length. */
const MAX_RSA_BYTES = 1024;

/** The SHA-256 hash of bytes. */
export const sha256Of = (bytes: Uint8Array): Uint8Array => sha256(bytes);

/** The AlgorithmIdentifier of the signatures made here. */
export const SIGNATURE_ALGORITHM: Uint8Array = sequence(oid(ECDSA_SHA256));

let isPrepared = false;

/** Small tables of multiples: larger ones save time only from some tens of signatures on, and cost more than all that a cluster makes. */
function prepareCurve(): void {
  if (!isPrepared) p256.Point.BASE.precompute(4);
  isPrepared = true;
}

/** A P-256 key that signs. */
export class SigningKey {
  readonly #secret: Uint8Array;
  readonly #point: Uint8Array;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;

  /** `seed`: a text that the key follows from. */
  constructor(seed: string) {
    prepareCurve();
    this.#secret = p256.utils.randomSecretKey(sha384(utf8(seed)));
    this.#point = p256.getPublicKey(this.#secret, false);
    this.publicKey = sequence(sequence(oid(EC), oid(P256)), bitString(this.#point));
  }

  /** ECDSA with SHA-256, as DER. */
  sign(bytes: Uint8Array): Uint8Array {
    return p256.sign(bytes, this.#secret, { lowS: false, format: 'der' });
  }

  /** As files have it ("EC PRIVATE KEY", RFC 5915). */
  get pem(): string {
    const curve = element(contextTag(0, true), oid(P256));
    const point = element(contextTag(1, true), bitString(this.#point));
    return pem('EC PRIVATE KEY', sequence(integer(Uint8Array.of(1)), octetString(this.#secret), curve, point));
  }
}

/** Whose signature stands under what. */
export interface Signed {
  /** The bytes that are signed, with tag and length. */
  readonly signed: Uint8Array;
  /** The algorithm's object identifier. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
}

/** What is wrong with a signature, in Go's words; undefined when it is right. `publicKey`: a SubjectPublicKeyInfo. Throws a `DerError`. */
export function signatureProblem({ signed, algorithm, signature }: Signed, publicKey: Uint8Array): string | undefined {
  const known = ALGORITHMS.get(algorithm);
  if (known?.insecure !== undefined) return `x509: cannot verify signature: insecure algorithm ${known.insecure}`;
  const [identifier, bits] = fields(onlyElement(publicKey, TAG.sequence), [TAG.sequence, TAG.bitString]);
  const [kindElement, parameters] = elementsOf(identifier.content);
  const kind = kindElement === undefined ? '' : dottedOid(kindElement);
  const texts = KEY_TEXTS[kind];
  if (known === undefined || texts === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  if (kind !== known.key)
    return `x509: signature algorithm specifies ${KEY_TEXTS[known.key]?.a ?? ''} public key, but have public key of type ${texts.type}`;
  return verifies(kind, { key: bits.content.subarray(1), parameters, hash: known.hash ?? sha256 }, signed, signature)
    ? undefined
    : texts.failure;
}

interface VerifyingKey {
  key: Uint8Array;
  parameters: Element | undefined;
  hash: Hash;
}

function verifies(kind: string, { key, parameters, hash }: VerifyingKey, signed: Uint8Array, signature: Uint8Array): boolean {
  if (kind === RSA) return rsaVerifies(key, hash(signed), signature);
  const curve = CURVES.get(parameters === undefined ? '' : dottedOid(parameters));
  try {
    if (kind === ED25519) return ed25519.verify(signature, signed, key, { zip215: false });
    return curve?.verify(signature, hash(signed), key, { lowS: false, format: 'der', prehash: false }) ?? false;
  } catch {
    // The library throws for points that are not on the curve and signatures that are no DER.
    return false;
  }
}

/** PKCS #1 v1.5 (RFC 8017, 8.2.2): signature^e mod n is 00 01 FF … FF 00 and the hash with its name. */
function rsaVerifies(key: Uint8Array, digest: Uint8Array, signature: Uint8Array): boolean {
  const [modulus, exponent] = fields(onlyElement(key, TAG.sequence), [TAG.integer, TAG.integer]);
  const n = numberOf(modulus.content);
  const size = modulus.content.length - (modulus.content[0] === 0 ? 1 : 0);
  if (size > MAX_RSA_BYTES || exponent.content.length > 4 || signature.length !== size || n === 0n) return false;
  const info = sequence(sequence(oid(DIGESTS[digest.length] ?? ''), Uint8Array.of(TAG.null, 0)), octetString(digest));
  if (size < info.length + 11) return false;
  const padded = concat([Uint8Array.of(0, 1), new Uint8Array(size - info.length - 3).fill(0xff), Uint8Array.of(0), info]);
  return power(numberOf(signature), numberOf(exponent.content), n) === numberOf(padded);
}

const numberOf = (bytes: Uint8Array): bigint =>
  bytes.length === 0 ? 0n : BigInt(`0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`);

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let square = base % modulus, rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
