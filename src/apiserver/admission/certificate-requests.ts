/**
 * CertificateSigningRequests: writes into them who asked (upstream: `pkg/registry/certificates/certificates/strategy.go`, PrepareForCreate,
 * which knows the user; strategies here do not, so it is a step of admission), and lets nobody ask, approve or sign beyond their rights.
 */
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import type { Authorizer } from '../authorization/attributes.ts';
import { userRequests } from '../user-requests.ts';
import type { AdmissionPlugin } from './admission.ts';

const KIND = 'CertificateSigningRequest';

export function certificateRequests(authorizer: () => Authorizer): AdmissionPlugin {
  return {
    name: KIND,
    seesSubresources: true,
    admit({ operation, resource, user }, object) {
      if (operation !== 'CREATE' || resource.kind !== KIND) return object;
      const request = object as CertificateSigningRequest;
      const { name, groups, uid, extra } = user;
      const requestor = { username: name, groups: [...groups], ...(uid && { uid }), ...(extra && { extra }) };
      return { ...request, spec: { ...request.spec, ...requestor } } as CertificateSigningRequest;
    },
    validate(request) {
      if (request.external && request.resource.kind === KIND) userRequests.get().checkCertificateRequest(request, authorizer());
    },
  };
}
