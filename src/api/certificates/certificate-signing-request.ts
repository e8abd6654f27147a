/** The kind CertificateSigningRequest. */
import { isPathSegmentName } from '../../apimachinery/names.ts';
import { checks } from '../checks.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { defineResource } from '../resource.ts';
import type { CertificateSigningRequest } from '../generated/types.ts';

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
  validateName: isPathSegmentName,
  validateCreate: (request) => checks.get().validateSigningRequest(request),
  validateStatusUpdate: (next, old) => checks.get().validateSigningRequestStatus(next, old),
  selectableFields: ({ spec }) => ({ 'spec.signerName': spec?.signerName ?? '' }),
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
