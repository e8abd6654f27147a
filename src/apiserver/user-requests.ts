/**
 * The place of what only requests from outside need: checks of bodies against the fields of their kinds, patches, server-side apply and
 * managedFields. Components send whole objects, so an idle cluster needs none of it, and the table of all fields is large.
 */
import { LatePart } from '../apimachinery/late-part.ts';
import type { decodeBody } from '../api/decode.ts';
import type { checkBody } from '../api/schema-check.ts';
import type { checkCertificateRequest } from './admission/certificate-checks.ts';
import type { nodeSubresourceProblem } from './admission/node-subresources.ts';
import type { podSecurityViolations } from './admission/pod-security-checks.ts';
import type { applied, recorded } from './managed-fields.ts';
import type { patchObject } from './patch.ts';

/** See the functions themselves. */
export interface UserRequests {
  readonly decodeBody: typeof decodeBody;
  readonly checkBody: typeof checkBody;
  readonly patchObject: typeof patchObject;
  readonly recorded: typeof recorded;
  readonly applied: typeof applied;
  readonly checkCertificateRequest: typeof checkCertificateRequest;
  readonly nodeSubresourceProblem: typeof nodeSubresourceProblem;
  readonly podSecurityViolations: typeof podSecurityViolations;
}

/** Bodies and patches of users. */
export const userRequests = new LatePart<UserRequests>('the checks of what users send');
