/** Certificate requests as people make them with openssl, for tests. */
import { bitString, contextTag, element, integer, octetString, oid, sequence, setOf } from '../der.ts';
import { SIGNATURE_ALGORITHM, SigningKey } from '../keys.ts';
import { encodeAlternativeNames, encodeName, NO_NAMES, subject } from '../names.ts';
import { pem } from '../pem.ts';

/** What a test asks for. */
export interface AskedFor {
  commonName: string;
  organizations?: readonly string[];
  dns?: readonly string[];
  /** Signed by another key than the one that it holds. */
  forged?: boolean;
}

/** A request in PEM; the key follows from the common name. */
export function requestPem({ commonName, organizations = [], dns = [], forged = false }: AskedFor): string {
  const key = new SigningKey(commonName);
  const names = sequence(oid('2.5.29.17'), octetString(sequence(encodeAlternativeNames({ ...NO_NAMES, dns }))));
  const attribute = sequence(oid('1.2.840.113549.1.9.14'), setOf([sequence(names)]));
  const attributes = element(contextTag(0, true), ...(dns.length > 0 ? [attribute] : []));
  const info = sequence(integer(Uint8Array.of(0)), encodeName(subject(commonName, organizations)), key.publicKey, attributes);
  const signer = forged ? new SigningKey(`not ${commonName}`) : key;
  return pem('CERTIFICATE REQUEST', sequence(info, SIGNATURE_ALGORITHM, bitString(signer.sign(info))));
}
