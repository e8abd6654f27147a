/** Certificate signing requests (PKCS #10, RFC 2986), as Go's `x509.ParseCertificateRequest` reads them. */
import { contextTag, dottedOid, elementsOf, fields, onlyElement, TAG } from './der.ts';
import type { Element } from './der.ts';
import type { Signed } from './keys.ts';
import { alternativeNamesOf, nameOf, NO_NAMES } from './names.ts';
import type { AlternativeNames, Name } from './names.ts';

/** What somebody asks to have certified. */
export interface CertificateRequest extends Signed {
  readonly subject: Name;
  /** SubjectPublicKeyInfo, as it came. */
  readonly publicKey: Uint8Array;
  readonly names: AlternativeNames;
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';
const SUBJECT_ALT_NAME = '2.5.29.17';

/** Reads a request. Throws a `DerError`. The signature is not checked: see `signatureProblem`. */
export function readCertificateRequest(bytes: Uint8Array): CertificateRequest {
  const [info, algorithm, signature] = fields(onlyElement(bytes, TAG.sequence), [TAG.sequence, TAG.sequence, TAG.bitString]);
  const [, name, publicKey] = fields(info, [TAG.integer, TAG.sequence, TAG.sequence]);
  const attributes = elementsOf(info.content)[3];
  return {
    subject: nameOf(name),
    publicKey: publicKey.raw,
    names: attributes?.tag === contextTag(0, true) ? requestedNames(attributes) : NO_NAMES,
    signed: info.raw,
    algorithm: dottedOid(fields(algorithm, [TAG.oid])[0]),
    signature: signature.content.subarray(1),
  };
}

function requestedNames(attributes: Element): AlternativeNames {
  for (const attribute of elementsOf(attributes.content)) {
    const [type, values] = fields(attribute, [TAG.oid, TAG.set]);
    const [extensions] = elementsOf(values.content);
    if (dottedOid(type) === EXTENSION_REQUEST && extensions !== undefined) return namesAmong(extensions);
  }
  return NO_NAMES;
}

/** The alternative names among extensions; each is a sequence of identifier, perhaps "critical", and content. Throws a `DerError`. */
function namesAmong(extensions: Element): AlternativeNames {
  for (const extension of elementsOf(extensions.content)) {
    const parts = elementsOf(extension.content);
    const [type] = fields(extension, [TAG.oid]);
    const value = parts.at(-1);
    if (dottedOid(type) === SUBJECT_ALT_NAME && value?.tag === TAG.octetString)
      return alternativeNamesOf(onlyElement(value.content, TAG.sequence));
  }
  return NO_NAMES;
}
