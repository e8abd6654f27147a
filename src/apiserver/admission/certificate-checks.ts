/**
 * The steps of admission CertificateSubjectRestriction, CertificateApproval and CertificateSigning (`plugin/pkg/admission/certificates`): who
 * asks for a client certificate may not name the group that may do everything, and whoever approves or signs needs the right to, for the signer.
 */
import { parseRequest } from '../../api/certificates/request-text.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { forbidden } from '../../apimachinery/status.ts';
import { organizationsOf } from '../../pki/names.ts';
import type { Authorizer } from '../authorization/attributes.ts';
import type { AdmissionRequest } from './admission.ts';

const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client';
const MASTERS = 'system:masters';
const GROUP = 'certificates.k8s.io';

/** Checks a request about CertificateSigningRequests. Throws 403. */
export function checkCertificateRequest(request: AdmissionRequest, authorizer: Authorizer): void {
  const { operation, subresource } = request;
  const [object, old] = [request.object, request.old] as [CertificateSigningRequest | undefined, CertificateSigningRequest | undefined];
  if (operation === 'CREATE' && subresource === '' && object?.spec.signerName === CLIENT_SIGNER) {
    if (organizationsOf(parseRequest(object.spec.request).subject).includes(MASTERS))
      refuse(request, `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`);
  }
  if (operation !== 'UPDATE' || old === undefined || object === undefined) return;
  if (subresource === 'approval') mustHave('approve', request, old.spec.signerName, authorizer);
  if (subresource === 'status' && isSigning(object, old)) mustHave('sign', request, old.spec.signerName, authorizer);
}

/** Issues a certificate, or says that there will be none. */
function isSigning({ status: next }: CertificateSigningRequest, { status: old }: CertificateSigningRequest): boolean {
  const failures = (status: typeof next) => (status?.conditions ?? []).filter(({ type }) => type === 'Failed');
  return next?.certificate !== old?.certificate || !deepEqual(failures(next), failures(old));
}

/** The right is on the signer, or on all signers of its domain. */
function mustHave(verb: 'approve' | 'sign', request: AdmissionRequest, signer: string, authorizer: Authorizer): void {
  const names = [signer, `${signer.split('/', 1)[0] ?? ''}/*`];
  const attributes = { user: request.user, verb, group: GROUP, resource: 'signers', namespace: '' };
  if (names.some((name) => authorizer.authorize({ ...attributes, name }).allowed)) return;
  refuse(request, `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`);
}

function refuse({ resource, name }: AdmissionRequest, why: string): never {
  throw forbidden({ group: GROUP, resource: resource.plural }, name, why);
}
