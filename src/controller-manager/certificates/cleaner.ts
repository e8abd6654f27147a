/**
 * Clears requests away (`pkg/controller/certificates/cleaner/cleaner.go`): an hour after they were answered, a day after nobody answered.
 * Differs: the hours at which it looks count from the first request.
 */
import { CertificateSigningRequestResource } from '../../api/certificates/certificate-signing-request.ts';
import { pemBlockOf } from '../../api/certificates/request-text.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { readCertificate } from '../../pki/certificate.ts';
import { DerError } from '../../pki/der.ts';
import type { ControllerDeps } from '../deps.ts';

const HOUR_MS = 3_600_000;
const ANSWERED_MS = HOUR_MS;
const UNANSWERED_MS = 24 * HOUR_MS;

/** Starts the controller. */
export function startCleaning({ scope, client, informers }: ControllerDeps): void {
  const requests = informers.informer(CertificateSigningRequestResource);
  scope.every(HOUR_MS, 'clean', 'certificatesigningrequests', () => {
    for (const request of [...requests.list()]) {
      if (!isDue(request, scope.now)) continue;
      try {
        client.delete(CertificateSigningRequestResource, request.metadata);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
  });
}

function isDue({ metadata, status }: CertificateSigningRequest, now: number): boolean {
  const { conditions = [], certificate } = status ?? {};
  const isOld = (time: string | undefined, ms: number) => time !== undefined && now - Date.parse(time) > ms;
  if (conditions.length === 0) return isOld(metadata.creationTimestamp, UNANSWERED_MS);
  if (certificate !== undefined && hasExpired(certificate, now)) return true;
  return conditions.some(({ type, lastUpdateTime }) =>
    isOld(lastUpdateTime, type === 'Approved' && !certificate ? UNANSWERED_MS : ANSWERED_MS),
  );
}

function hasExpired(certificate: string, now: number): boolean {
  const block = pemBlockOf(certificate);
  try {
    return block !== undefined && readCertificate(block.bytes).notAfter < now;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}
