/**
 * The controllers of certificates (`pkg/controller/certificates`) wait for the first CertificateSigningRequest: their code, with all
 * cryptography, is loaded apart, and few clusters ever need it.
 */
import { CertificateSigningRequestResource } from '../../api/certificates/certificate-signing-request.ts';
import { LatePart } from '../../apimachinery/late-part.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';
import type { ControllerDeps } from '../deps.ts';
import type { startApproving } from './approver.ts';
import type { startCleaning } from './cleaner.ts';
import type { startSigning } from './signer.ts';

/** See the functions themselves. */
export interface CertificateControllers {
  readonly startApproving: typeof startApproving;
  readonly startCleaning: typeof startCleaning;
  readonly startSigning: typeof startSigning;
}

/** Approve, sign and clear away requests. */
export const certificateControllers = new LatePart<CertificateControllers>('the controllers of certificates');

/** Starts one of them once there is a request. */
export function withFirstRequest(which: keyof CertificateControllers) {
  return (deps: ControllerDeps, { authority }: { authority: () => CertificateAuthority }): void => {
    let started = false;
    const add = () => {
      if (started) return;
      started = true;
      certificateControllers.get()[which](deps, authority);
    };
    deps.informers.informer(CertificateSigningRequestResource).addHandler({ add }, deps.scope);
  };
}
