/** The request inside a CertificateSigningRequest: base 64 of a PEM text of a PKCS #10 request (`pkg/apis/certificates/helpers.go` ParseCSR). */
import { decodeBase64 } from '../../apimachinery/base64.ts';
import { readCertificateRequest } from '../../pki/certificate-request.ts';
import type { CertificateRequest } from '../../pki/certificate-request.ts';
import { DerError } from '../../pki/der.ts';
import { firstPemBlock } from '../../pki/pem.ts';
import type { PemBlock } from '../../pki/pem.ts';

/** The first PEM block of a field that holds bytes; undefined when there is none. */
export function pemBlockOf(base64: string | undefined): PemBlock | undefined {
  return firstPemBlock(Array.from(decodeBase64(base64 ?? '') ?? [], (byte) => String.fromCharCode(byte)).join(''));
}

/** Reads `spec.request`. Throws a `DerError`. */
export function parseRequest(base64: string | undefined): CertificateRequest {
  const block = pemBlockOf(base64);
  if (block?.type !== 'CERTIFICATE REQUEST') throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  return readCertificateRequest(block.bytes);
}
