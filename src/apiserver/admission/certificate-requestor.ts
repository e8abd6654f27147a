/**
 * Writes into a CertificateSigningRequest who asked for it (upstream: `pkg/registry/certificates/certificates/strategy.go`, PrepareForCreate, which
 * knows the user; strategies here do not, so it is a step of admission).
 */
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import type { AdmissionPlugin } from './admission.ts';

export const certificateRequestor: AdmissionPlugin = {
  name: 'CertificateRequestor',
  admit({ operation, resource, user }, object) {
    if (operation !== 'CREATE' || resource.kind !== 'CertificateSigningRequest') return object;
    const request = object as CertificateSigningRequest;
    const { name, groups, uid } = user;
    return { ...request, spec: { ...request.spec, username: name, groups: [...groups], ...(uid && { uid }) } } as CertificateSigningRequest;
  },
};
