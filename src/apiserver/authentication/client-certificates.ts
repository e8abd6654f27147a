/** Users by their client certificates (`k8s.io/apiserver/pkg/authentication/request/x509`). */
import type { UserInfo } from '../../api/request.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';
import { PURPOSE } from '../../pki/certificate.ts';
import { sha256Of } from '../../pki/keys.ts';
import { commonNameOf, organizationsOf } from '../../pki/names.ts';

const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';

/** A certificate of the cluster's authority: whose it is, and when. */
export interface CertifiedUser {
  readonly user: UserInfo;
  /** ms. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/**
 * Whom a client certificate (DER) names: the common name is the user, the organizations are the groups. Undefined for one that the
 * authority did not sign, or not for clients, and for one without a common name.
 * Differs: certificates are recognized when the authority itself signed them; it has no intermediate ones.
 */
export function certifiedUser(bytes: Uint8Array, authority: CertificateAuthority): CertifiedUser | undefined {
  const certificate = authority.recognize(bytes);
  if (certificate === undefined) return undefined;
  const { subject, purposes, notBefore, notAfter } = certificate;
  const isForClients = purposes === undefined || purposes.includes(PURPOSE.clientAuth) || purposes.includes(PURPOSE.any);
  const name = commonNameOf(subject);
  if (!isForClients || name === '') return undefined;
  const fingerprint = Array.from(sha256Of(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const groups = [...organizationsOf(subject), 'system:authenticated'];
  return { user: { name, groups, extra: { [CREDENTIAL_ID]: [`X509SHA256=${fingerprint}`] } }, notBefore, notAfter };
}
