/** What the controllers of certificates ask of requests (`pkg/apis/certificates/helpers.go`, `pkg/controller/certificates/certificate_controller_utils.go`). */
import { parseRequest } from '../../api/certificates/request-text.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { CertificateRequest } from '../../pki/certificate-request.ts';
import { DerError } from '../../pki/der.ts';
import { commonNameOf, organizationsOf } from '../../pki/names.ts';

export const KUBELET_CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet';
const CLIENT_AUTH = 'client auth';

/** Whether the request has a condition of this type. */
export const hasCondition = ({ status }: CertificateSigningRequest, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type) ?? false;

/** What is asked for. Throws a `StatusError`, after which the request is looked at again and again, as upstream does. */
export function parsed({ metadata, spec }: CertificateSigningRequest): CertificateRequest {
  try {
    return parseRequest(spec.request);
  } catch (error) {
    if (error instanceof DerError)
      throw new StatusError(500, 'InternalError', `unable to parse csr ${JSON.stringify(metadata.name)}: ${error.message}`);
    throw error;
  }
}

/** The usages must be these, with or without "key encipherment", which only RSA keys can do. */
function hasUsages(usages: readonly string[], ...wanted: readonly string[]): boolean {
  const given = new Set(usages);
  given.delete('key encipherment');
  return given.size === wanted.length && wanted.every((usage) => given.has(usage));
}

const isNodesOnly = (organizations: readonly string[]): boolean => organizations.length === 1 && organizations[0] === 'system:nodes';

/** Why a kubelet's client certificate cannot be issued; undefined when it can (`ValidateKubeletClientCSR`). */
export function kubeletClientProblem({ subject, names }: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isNodesOnly(organizationsOf(subject))) return 'subject organization is not system:nodes';
  if (names.dns.length > 0) return 'DNS subjectAltNames are not allowed';
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.ips.length > 0) return 'IP subjectAltNames are not allowed';
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!commonNameOf(subject).startsWith('system:node:')) return 'subject common name does not begin with system:node:';
  return hasUsages(usages, 'digital signature', CLIENT_AUTH)
    ? undefined
    : 'usages did not match [client auth digital signature key encipherment]';
}

/** The same of the certificate that a kubelet serves with (`ValidateKubeletServingCSR`). */
export function kubeletServingProblem({ subject, names }: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isNodesOnly(organizationsOf(subject))) return 'subject organization is not system:nodes';
  if (names.dns.length === 0 && names.ips.length === 0) return 'DNS or IP subjectAltName is required';
  if (names.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed';
  if (!hasUsages(usages, 'digital signature', 'server auth'))
    return 'usages did not match [digital signature key encipherment server auth]';
  return commonNameOf(subject).startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
}

/** The same of anybody's client certificate (`validAPIServerClientUsages`). */
export function clientProblem(_request: CertificateRequest, usages: readonly string[]): string | undefined {
  const other = usages.find((usage) => ![CLIENT_AUTH, 'digital signature', 'key encipherment'].includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes(CLIENT_AUTH) ? undefined : `missing required usage for client certificate: ${CLIENT_AUTH}`;
}
