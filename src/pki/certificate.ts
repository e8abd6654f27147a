/** X.509 certificates (RFC 5280): written with the extensions, and in the order, that Go's `x509.CreateCertificate` has; read as far as needed. */
import {
  bitString,
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
  time,
  timeOf,
  TRUE,
} from './der.ts';
import type { Element } from './der.ts';
import { SIGNATURE_ALGORITHM } from './keys.ts';
import type { Signed, SigningKey } from './keys.ts';
import { encodeAlternativeNames, encodeName, nameOf } from './names.ts';
import type { AlternativeNames, Name } from './names.ts';

/** Bits of the extension keyUsage: number n is bit n of RFC 5280, 4.2.1.3. */
export const KEY_USAGE = {
  digitalSignature: 0,
  contentCommitment: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  certSign: 5,
  crlSign: 6,
  encipherOnly: 7,
  decipherOnly: 8,
} as const;

/** Purposes of the extension extKeyUsage. */
export const PURPOSE = { any: '2.5.29.37.0', serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' } as const;

const EXTENSION = {
  keyUsage: '2.5.29.15',
  purposes: '2.5.29.37',
  basicConstraints: '2.5.29.19',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
  alternativeNames: '2.5.29.17',
};

/** What is certified. Times in ms, cut to the second. */
export interface CertificateTemplate {
  /** Big-endian bytes of a number that is not negative. */
  readonly serial: Uint8Array;
  readonly subject: Name;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Bits: values of `KEY_USAGE`. */
  readonly keyUsages: readonly number[];
  /** Object identifiers. */
  readonly purposes: readonly string[];
  readonly names: AlternativeNames;
  /** A certificate authority's own: its key's identifier. */
  readonly subjectKeyId?: Uint8Array;
}

/** Who certifies it. */
export interface Issuer {
  readonly subject: Name;
  readonly key: SigningKey;
  /** Absent in its own certificate. */
  readonly keyId?: Uint8Array;
}

/** A certificate that was read. */
export interface Certificate extends Signed {
  readonly raw: Uint8Array;
  /** With tag and length. */
  readonly issuer: Uint8Array;
  readonly subject: Name;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Undefined without the extension: then it may be used for anything. */
  readonly purposes: readonly string[] | undefined;
}

const extension = (id: string, content: Uint8Array, critical = false): Uint8Array =>
  sequence(oid(id), ...(critical ? [TRUE] : []), octetString(content));

/** A bit string of the named bits, without trailing zeros. */
function bits(numbers: readonly number[]): Uint8Array {
  const highest = Math.max(...numbers);
  const bytes = new Uint8Array((highest >> 3) + 1);
  for (const number of numbers) bytes[number >> 3] = (bytes[number >> 3] ?? 0) | (0x80 >> (number & 7));
  return bitString(bytes, 7 - (highest & 7));
}

function extensions(template: CertificateTemplate, authorityKeyId: Uint8Array | undefined): Uint8Array[] {
  const { keyUsages, purposes, names, subjectKeyId } = template;
  const alternatives = encodeAlternativeNames(names);
  const all: Uint8Array[] = [];
  if (keyUsages.length > 0) all.push(extension(EXTENSION.keyUsage, bits(keyUsages), true));
  if (purposes.length > 0) all.push(extension(EXTENSION.purposes, sequence(...purposes.map(oid))));
  all.push(extension(EXTENSION.basicConstraints, sequence(...(subjectKeyId ? [TRUE] : [])), true));
  if (subjectKeyId) all.push(extension(EXTENSION.subjectKeyId, octetString(subjectKeyId)));
  if (authorityKeyId) all.push(extension(EXTENSION.authorityKeyId, sequence(element(contextTag(0), authorityKeyId))));
  if (alternatives.length > 0) all.push(extension(EXTENSION.alternativeNames, sequence(alternatives), template.subject.length === 0));
  return all;
}

/** Signs a certificate; the result is DER. */
export function writeCertificate(template: CertificateTemplate, { subject, key, keyId }: Issuer): Uint8Array {
  const signed = sequence(
    element(contextTag(0, true), integer(Uint8Array.of(2))),
    integer(template.serial),
    SIGNATURE_ALGORITHM,
    encodeName(subject),
    sequence(time(template.notBefore), time(template.notAfter)),
    encodeName(template.subject),
    template.publicKey,
    element(contextTag(3, true), sequence(...extensions(template, keyId))),
  );
  return sequence(signed, SIGNATURE_ALGORITHM, bitString(key.sign(signed)));
}

/** Reads a certificate. Throws a `DerError`. The signature is not checked: see `signatureProblem`. */
export function readCertificate(bytes: Uint8Array): Certificate {
  const [info, algorithm, signature] = fields(onlyElement(bytes, TAG.sequence), [TAG.sequence, TAG.sequence, TAG.bitString]);
  const [, , , issuer, validity, subject] = fields(info, [
    contextTag(0, true),
    TAG.integer,
    TAG.sequence,
    TAG.sequence,
    TAG.sequence,
    TAG.sequence,
    TAG.sequence,
  ]);
  const [from, until] = elementsOf(validity.content);
  return {
    raw: bytes,
    issuer: issuer.raw,
    subject: nameOf(subject),
    notBefore: from === undefined ? Number.NaN : timeOf(from),
    notAfter: until === undefined ? Number.NaN : timeOf(until),
    purposes: purposesOf(elementsOf(info.content).find(({ tag }) => tag === contextTag(3, true))),
    signed: info.raw,
    algorithm: dottedOid(fields(algorithm, [TAG.oid])[0]),
    signature: signature.content.subarray(1),
  };
}

function purposesOf(wrapped: Element | undefined): string[] | undefined {
  if (wrapped === undefined) return undefined;
  for (const each of elementsOf(onlyElement(wrapped.content, TAG.sequence).content)) {
    const value = elementsOf(each.content).at(-1);
    if (dottedOid(fields(each, [TAG.oid])[0]) === EXTENSION.purposes && value !== undefined)
      return elementsOf(onlyElement(value.content, TAG.sequence).content).map(dottedOid);
  }
  return undefined;
}
