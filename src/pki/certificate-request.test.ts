import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readCertificateRequest } from './certificate-request.ts';
import { signatureProblem } from './keys.ts';
import { commonNameOf, organizationsOf } from './names.ts';
import { firstPemBlock } from './pem.ts';
import { requestPem } from './testing/requests.ts';

const read = (text: string) => readCertificateRequest(firstPemBlock(text)!.bytes);
/** Made with `openssl req -new`. */
const fromFile = (name: string) => read(readFileSync(new URL(`testdata/request-${name}.pem`, import.meta.url), 'utf8'));

const KINDS: [name: string, failure: string][] = [
  ['rsa', 'crypto/rsa: verification error'],
  ['p256', 'x509: ECDSA verification failure'],
  ['p384', 'x509: ECDSA verification failure'],
  ['p521', 'x509: ECDSA verification failure'],
  ['ed25519', 'x509: Ed25519 verification failure'],
];

describe('a certificate request of openssl', () => {
  it.each(KINDS)('with a key of kind %s is read, and its signature found right', (name) => {
    const request = fromFile(name);
    expect(commonNameOf(request.subject)).toBe('jane');
    expect(organizationsOf(request.subject)).toContain('dev');
    expect(signatureProblem(request, request.publicKey)).toBeUndefined();
  });

  it.each(KINDS)('with a key of kind %s that was changed is found out', (name, failure) => {
    const request = fromFile(name);
    const signed = request.signed.slice();
    signed[20] = (signed[20] ?? 0) ^ 1;
    expect(signatureProblem({ ...request, signed }, request.publicKey)).toBe(failure);
    expect(signatureProblem({ ...request, signature: Uint8Array.of(1, 2, 3) }, request.publicKey)).toBe(failure);
  });

  it('has alternative names', () => {
    expect(fromFile('rsa').names).toEqual({ dns: ['a.b'], emails: [], ips: [Uint8Array.of(10, 0, 0, 1)], uris: [] });
  });

  it('signed with SHA-1 is refused, as is one whose algorithm and key differ, or whose algorithm nobody knows', () => {
    const old = fromFile('rsa-sha1');
    expect(signatureProblem(old, old.publicKey)).toBe('x509: cannot verify signature: insecure algorithm SHA1-RSA');
    expect(signatureProblem(fromFile('rsa'), fromFile('p256').publicKey)).toBe(
      'x509: signature algorithm specifies an RSA public key, but have public key of type *ecdsa.PublicKey',
    );
    expect(signatureProblem({ ...old, algorithm: '1.2.3' }, old.publicKey)).toBe('x509: cannot verify signature: algorithm unimplemented');
  });
});

describe('a certificate request of our own', () => {
  it('is read back', () => {
    const request = read(requestPem({ commonName: 'system:node:a', organizations: ['system:nodes'], dns: ['a', 'b.c'] }));
    expect(request).toMatchObject({ names: { dns: ['a', 'b.c'] } });
    expect(signatureProblem(request, request.publicKey)).toBeUndefined();
  });

  it('signed by another key is found out', () => {
    const request = read(requestPem({ commonName: 'a', forged: true }));
    expect(signatureProblem(request, request.publicKey)).toBe('x509: ECDSA verification failure');
  });

  it.each([0, 1, 4, 20, 60, 100, 150])('cut after %d bytes is refused', (length) => {
    const whole = firstPemBlock(requestPem({ commonName: 'a' }))!.bytes;
    expect(() => readCertificateRequest(whole.slice(0, length))).toThrow(/^asn1/);
  });
});
