/** The kind CertificateSigningRequest. */
import { ageColumn, nameColumn } from '../columns.ts';
import { notSupported, required, invalidValue } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { CertificateSigningRequest } from '../generated/types.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const LEAST_SECONDS = 600;

/** "Approved", "Pending", "Approved,Issued" … (`extractCSRStatus`). */
function conditionText({ status }: CertificateSigningRequest): string {
  const types = new Set((status?.conditions ?? []).map(({ type }) => type));
  const parts = [types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'];
  if (types.has('Failed')) parts.push('Failed');
  if (status?.certificate) parts.push('Issued');
  return parts.join(',');
}

function durationText(seconds: number | undefined): string {
  if (seconds === undefined) return '<none>';
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${Math.floor(seconds / 60)}m`;
}

/** certificates.k8s.io/v1 CertificateSigningRequest. */
export const CertificateSigningRequestResource = defineResource<CertificateSigningRequest>({
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  namespaced: false,
  schema: 'certificates.v1.CertificateSigningRequest',
  subresources: { status: true },
  generation: false,
  prepareForUpdate: (next, old) => ({ ...next, spec: old.spec }),
  validate({ spec }) {
    const errors: FieldError[] = [];
    if (!spec?.request) errors.push(required('spec.request'));
    if (!spec?.signerName) errors.push(required('spec.signerName'));
    else if (!/^[a-z0-9.-]+\.[a-z0-9.-]+\/[a-z0-9./-]+$/.test(spec.signerName))
      errors.push(
        invalidValue('spec.signerName', spec.signerName, 'must be a fully qualified domain and path of the form "example.com/signer-name"'),
      );
    if (!spec?.usages?.length) errors.push(required('spec.usages'));
    spec?.usages?.forEach((usage, index) => {
      if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
    });
    if (spec?.expirationSeconds !== undefined && spec.expirationSeconds < LEAST_SECONDS)
      errors.push(
        invalidValue('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
      );
    return errors;
  },
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
  // Differs: requests are approved and denied, but no signer issues certificates.
  notSimulated: [],
  columns: [
    nameColumn,
    ageColumn,
    { name: 'SignerName', value: ({ spec }) => spec.signerName || '<none>' },
    { name: 'Requestor', value: ({ spec }) => spec.username ?? '' },
    { name: 'RequestedDuration', value: ({ spec }) => durationText(spec.expirationSeconds) },
    { name: 'Condition', value: conditionText },
  ],
});
