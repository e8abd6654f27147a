import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../apimachinery/base64.ts';
import { CertificateAuthority } from '../../pki/authority.ts';
import { requestPem } from '../../pki/testing/requests.ts';
import type { CertificateSigningRequest, CertificateSigningRequestSpec } from '../generated/types.ts';
import { validateSigningRequest, validateSigningRequestStatus } from './validation.ts';

const SIGNER = 'kubernetes.io/kube-apiserver-client';
const request = encodeBase64(requestPem({ commonName: 'jane' }));
const texts = (errors: readonly { field: string; detail: string }[]) => errors.map(({ field, detail }) => `${field}: ${detail}`);

function of(spec: Partial<CertificateSigningRequestSpec>): CertificateSigningRequest {
  const whole = { request, signerName: SIGNER, usages: ['client auth'], ...spec };
  return { metadata: { name: 'a' }, spec: whole } as unknown as CertificateSigningRequest;
}

describe('a new CertificateSigningRequest', () => {
  it.each<[string, Partial<CertificateSigningRequestSpec>, string[]]>([
    ['is fine', {}, []],
    ['lives ten minutes at least', { expirationSeconds: 600 }, []],
    [
      'has a PEM block',
      { request: 'aGk=' },
      ['spec.request: Invalid value: []byte{0x68, 0x69}: PEM block type must be CERTIFICATE REQUEST'],
    ],
    ['has a request', { request: undefined }, ['spec.request: Invalid value: []byte(nil): PEM block type must be CERTIFICATE REQUEST']],
    ['has usages', { usages: [] }, ['spec.usages: Required value']],
    ['has each usage once', { usages: ['client auth', 'client auth'] }, ['spec.usages[1]: Duplicate value: "client auth"']],
    [
      'has a longer life',
      { expirationSeconds: 599 },
      ['spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)'],
    ],
    ['has a signer', { signerName: '' }, ['spec.signerName: Required value']],
    [
      'has no signer of the past',
      { signerName: 'kubernetes.io/legacy-unknown' },
      ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version'],
    ],
    [
      'has a signer with a path',
      { signerName: 'example.com' },
      ['spec.signerName: Invalid value: "example.com": must be a fully qualified domain and path of the form "example.com/signer-name"'],
    ],
    [
      'has a signer of a domain',
      { signerName: 'example/a' },
      ['spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots'],
    ],
  ])('%s', (_name, spec, expected) => {
    expect(texts(validateSigningRequest(of(spec)))).toEqual(expected);
  });

  it('names usages that there are', () => {
    expect(texts(validateSigningRequest(of({ usages: ['drinking'] })))[0]).toMatch(
      /^spec\.usages\[0\]: Unsupported value: "drinking": supported values: "any", "cert sign", "client auth"/,
    );
  });

  it.each([
    ['signed by another key', encodeBase64(requestPem({ commonName: 'a', forged: true })), 'x509: ECDSA verification failure'],
    ['of another type', encodeBase64(requestPem({ commonName: 'a' }).replaceAll('CERTIFICATE REQUEST', 'NEW')), 'PEM block type must be'],
    ['that is no DER', encodeBase64(requestPem({ commonName: 'a' }).replace(/M[^-]*/, 'AAAA\n')), 'asn1: structure error'],
  ])('refuses one %s', (_name, wrong, message) => {
    expect(texts(validateSigningRequest(of({ request: wrong }))).join()).toContain(message);
  });
});

describe('the status of a CertificateSigningRequest', () => {
  const certificate = encodeBase64(new CertificateAuthority('kubernetes', '7', 0).certificate);
  const condition = (type: string, status = 'True') => ({ type, status });
  const withStatus = (status: object) => ({ ...of({}), status });

  it.each<[string, object, object, string[]]>([
    ['takes a certificate', { certificate }, {}, []],
    ['takes a failure', { conditions: [condition('Failed')] }, {}, []],
    [
      'takes no other text',
      { certificate: 'aGk=' },
      {},
      ['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'],
    ],
    [
      'takes no request in place of a certificate',
      { certificate: request },
      {},
      ['status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "CERTIFICATE REQUEST"'],
    ],
    ['keeps its certificate', {}, { certificate }, ['status.certificate: Forbidden: updates may not modify existing certificate content']],
    [
      'is not approved here',
      { conditions: [condition('Approved')] },
      {},
      ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    ],
    [
      'keeps what was decided',
      { conditions: [] },
      { conditions: [condition('Denied')] },
      ['status.conditions: Forbidden: updates may not remove a condition of type "Denied"'],
    ],
    [
      'has no failure that is false',
      { conditions: [condition('Failed', 'False')] },
      {},
      ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
    ],
  ])('%s', (_name, next, old, expected) => {
    expect(texts(validateSigningRequestStatus(withStatus(next), withStatus(old)))).toEqual(expected);
  });
});
