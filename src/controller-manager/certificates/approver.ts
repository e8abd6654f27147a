/** Approves kubelets' requests for client certificates, where a role allows that (`pkg/controller/certificates/approver/sarapprove.go`). */
import { CertificateSigningRequestResource } from '../../api/certificates/certificate-signing-request.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import { defineResource } from '../../api/resource.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Client } from '../../client/client.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import { commonNameOf } from '../../pki/names.ts';
import type { ControllerDeps } from '../deps.ts';
import { hasCondition, KUBELET_CLIENT_SIGNER, kubeletClientProblem, parsed } from './requests.ts';

type AccessReview = KubernetesObject & { spec: object; status?: { allowed?: boolean } };

const AccessReviewResource = defineResource<AccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
  schema: 'authorization.v1.SubjectAccessReview',
  columns: [],
});
const AGAIN_MS = 60_000;

/** Starts the controller. */
export function startApproving({ scope, client, informers }: ControllerDeps): void {
  const requests = informers.informer(CertificateSigningRequestResource);
  const controller = startController(scope, 'certificatesigningrequests', reconcile, [requests]);
  const enqueue = ({ metadata }: CertificateSigningRequest) => controller.enqueue(metadata.name);
  requests.addHandler({ add: enqueue, update: enqueue }, scope);

  function reconcile(name: string): Requeue | undefined {
    const request = requests.get(name);
    if (request === undefined || request.status?.certificate || hasCondition(request, 'Approved') || hasCondition(request, 'Denied'))
      return undefined;
    const rights = rightsToAsk(request);
    const right = rights.find(({ subresource }) => isAllowed(client, request, subresource));
    // Upstream asks again after growing delays: a role may come later.
    if (right === undefined) return rights.length > 0 ? requeueAfter(AGAIN_MS, { background: true }) : undefined;
    const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message: right.message };
    const conditions = [...(request.status?.conditions ?? []), approved];
    const body = { ...request, status: { ...request.status, conditions } };
    client.updateSubresource(CertificateSigningRequestResource, request.metadata, 'approval', body);
    return undefined;
  }
}

/** The rights of which one is enough; none for requests that are left to people. */
function rightsToAsk(request: CertificateSigningRequest): { subresource: string; message: string }[] {
  const { spec } = request;
  if (spec.signerName !== KUBELET_CLIENT_SIGNER) return [];
  const asked = parsed(request);
  if (kubeletClientProblem(asked, spec.usages ?? []) !== undefined) return [];
  const own = {
    subresource: 'selfnodeclient',
    message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
  };
  const any = { subresource: 'nodeclient', message: 'Auto approving kubelet client certificate after SubjectAccessReview.' };
  return commonNameOf(asked.subject) === spec.username ? [own, any] : [any];
}

function isAllowed(client: Client, { spec }: CertificateSigningRequest, subresource: string): boolean {
  const resourceAttributes = { group: 'certificates.k8s.io', resource: 'certificatesigningrequests', verb: 'create', subresource };
  const { username: user, uid, groups, extra } = spec;
  const review = { metadata: { name: '' }, spec: { user, uid, groups, extra, resourceAttributes } };
  return client.create(AccessReviewResource, review).status?.allowed ?? false;
}
