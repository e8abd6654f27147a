/** Puts in place what only requests and kinds of users need. */
import { decodeBody } from '../api/decode.ts';
import { checkBody } from '../api/schema-check.ts';
import { conversionOf } from './custom-resources/convert.ts';
import { customDefinition } from './custom-resources/definition.ts';
import { customKinds } from './custom-resources/kinds.ts';
import { namedStatus } from './custom-resources/naming.ts';
import { applied, recorded } from './managed-fields.ts';
import { patchObject } from './patch.ts';
import { checkCertificateRequest } from './admission/certificate-checks.ts';
import { nodeSubresourceProblem } from './admission/node-subresources.ts';
import { podSecurityViolations } from './admission/pod-security-checks.ts';
import { approvalSubresource } from './subresources/approval.ts';
import { lateSubresources } from './subresources/late-subresources.ts';
import { ephemeralContainersSubresource, resizeSubresource } from './subresources/pod-spec.ts';
import { bindingSubresource, evictionSubresource } from './subresources/pods.ts';
import { scaleSubresource } from './subresources/scale.ts';
import { userRequests } from './user-requests.ts';

/** Call once per process, before users send requests. */
export function installUserRequests(): void {
  userRequests.install({
    decodeBody,
    checkBody,
    patchObject,
    recorded,
    applied,
    checkCertificateRequest,
    nodeSubresourceProblem,
    podSecurityViolations,
  });
  const subresources = [
    bindingSubresource,
    evictionSubresource,
    ephemeralContainersSubresource,
    resizeSubresource,
    approvalSubresource,
    scaleSubresource,
  ];
  lateSubresources.install(new Map(subresources.map((each) => [`${each.resource}/${each.name}`, each])));
  customKinds.install({ customDefinition, conversionOf, namedStatus });
}
