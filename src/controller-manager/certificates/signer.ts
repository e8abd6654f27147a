/** Issues the certificates of approved requests (`pkg/controller/certificates/signer`, `…/authority`). */
import { CertificateSigningRequestResource } from '../../api/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import { encodeBase64 } from '../../apimachinery/base64.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { startController } from '../../client/controller.ts';
import { BACKDATE_MS, CERTIFICATE_LIFE_MS } from '../../pki/authority.ts';
import type { CertificateAuthority } from '../../pki/authority.ts';
import { KEY_USAGE } from '../../pki/certificate.ts';
import type { CertificateRequest } from '../../pki/certificate-request.ts';
import type { Random } from '../../sim/random.ts';
import type { ControllerDeps } from '../deps.ts';
import { clientProblem, hasCondition, KUBELET_CLIENT_SIGNER, kubeletClientProblem, kubeletServingProblem, parsed } from './requests.ts';

const SERIAL_BYTES = 16;
const SHORT_LIFE_MS = 8 * 3_600_000;

/** The signers of this controller: why each would not issue what it is asked for. */
const SIGNERS: Readonly<Record<string, (request: CertificateRequest, usages: readonly string[]) => string | undefined>> = {
  'kubernetes.io/kubelet-serving': kubeletServingProblem,
  [KUBELET_CLIENT_SIGNER]: kubeletClientProblem,
  'kubernetes.io/kube-apiserver-client': clientProblem,
};

const KEY_USAGES: Readonly<Record<string, number>> = {
  signing: KEY_USAGE.digitalSignature,
  'digital signature': KEY_USAGE.digitalSignature,
  'content commitment': KEY_USAGE.contentCommitment,
  'key encipherment': KEY_USAGE.keyEncipherment,
  'key agreement': KEY_USAGE.keyAgreement,
  'data encipherment': KEY_USAGE.dataEncipherment,
  'cert sign': KEY_USAGE.certSign,
  'crl sign': KEY_USAGE.crlSign,
  'encipher only': KEY_USAGE.encipherOnly,
  'decipher only': KEY_USAGE.decipherOnly,
};
/** Purposes in Go's order, by the usages that mean them. */
const PURPOSES: readonly (readonly [string, readonly string[]])[] = [
  ['2.5.29.37.0', ['any']],
  ['1.3.6.1.5.5.7.3.1', ['server auth']],
  ['1.3.6.1.5.5.7.3.2', ['client auth']],
  ['1.3.6.1.5.5.7.3.3', ['code signing']],
  ['1.3.6.1.5.5.7.3.4', ['email protection', 's/mime']],
  ['1.3.6.1.5.5.7.3.5', ['ipsec end system']],
  ['1.3.6.1.5.5.7.3.6', ['ipsec tunnel']],
  ['1.3.6.1.5.5.7.3.7', ['ipsec user']],
  ['1.3.6.1.5.5.7.3.8', ['timestamping']],
  ['1.3.6.1.5.5.7.3.9', ['ocsp signing']],
  ['1.3.6.1.4.1.311.10.3.3', ['microsoft sgc']],
  ['2.16.840.1.113730.4.1', ['netscape sgc']],
];

/** Starts the controller. Upstream has one for each signer. */
export function startSigning({ scope, client, informers }: ControllerDeps, authority: () => CertificateAuthority): void {
  const requests = informers.informer(CertificateSigningRequestResource);
  const controller = startController(scope, 'certificatesigningrequests', reconcile, [requests]);
  const enqueue = ({ metadata }: CertificateSigningRequest) => controller.enqueue(metadata.name);
  requests.addHandler({ add: enqueue, update: enqueue }, scope);

  function reconcile(name: string): void {
    const request = requests.get(name);
    if (request === undefined || request.status?.certificate || !hasCondition(request, 'Approved')) return;
    if (hasCondition(request, 'Denied') || hasCondition(request, 'Failed')) return;
    const problemWith = SIGNERS[request.spec.signerName];
    if (problemWith === undefined) return;
    const asked = parsed(request);
    const problem = problemWith(asked, request.spec.usages ?? []);
    const status =
      problem === undefined
        ? { ...request.status, certificate: encodeBase64(issue(authority(), asked, request, { now: scope.now, random: scope.random })) }
        : { ...request.status, conditions: [...(request.status?.conditions ?? []), failure(problem, scope.now)] };
    client.updateStatus(CertificateSigningRequestResource, { ...request, status });
  }
}

function failure(message: string, now: number) {
  const at = formatTime(now);
  return { type: 'Failed', status: 'True', reason: 'SignerValidationFailure', message, lastUpdateTime: at, lastTransitionTime: at };
}

/**
 * The certificate, PEM. It is valid from five minutes ago; those five minutes count as a part of its life, unless that is shorter than eight
 * hours (`PermissiveSigningPolicy`): a year's ends a year less five minutes from now, an hour's in an hour. None outlives its issuer.
 */
function issue(
  authority: CertificateAuthority,
  asked: CertificateRequest,
  { spec }: CertificateSigningRequest,
  { now, random }: { now: number; random: Random },
): string {
  const usages = spec.usages ?? [];
  const askedMs = (spec.expirationSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  const lifeMs = Math.min(Math.max(askedMs, 2 * BACKDATE_MS), CERTIFICATE_LIFE_MS);
  const notAfter = now + lifeMs - (lifeMs < SHORT_LIFE_MS ? 0 : BACKDATE_MS);
  return authority.issue({
    serial: Uint8Array.from({ length: SERIAL_BYTES }, () => random.uint32() & 0xff),
    subject: asked.subject,
    publicKey: asked.publicKey,
    names: asked.names,
    notBefore: now - BACKDATE_MS,
    notAfter: Math.min(notAfter, authority.notAfter),
    keyUsages: usages.flatMap((usage) => KEY_USAGES[usage] ?? []),
    purposes: PURPOSES.flatMap(([purpose, names]) => (names.some((name) => usages.includes(name)) ? [purpose] : [])),
  });
}
