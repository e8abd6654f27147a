/** Puts the late parts of this room in place. */
import { admissionWebhook } from '../addons/admission-webhook/program.ts';
import { IngressControllers } from '../addons/ingress-nginx/controller.ts';
import { nginxIngressController } from '../addons/ingress-nginx/program.ts';
import { staticUsers } from '../apiserver/authentication/static-users.ts';
import { abacAuthorizer } from '../apiserver/authorization/abac.ts';
import { reconcilePolicy } from '../apiserver/authorization/reconcile-policy.ts';
import { webhookAuthorizer } from '../apiserver/authorization/webhook.ts';
import { Felix } from '../cni/calico/felix.ts';
import { PolicyIndex } from '../cni/calico/policy-index.ts';
import { startDocker } from '../cni/docker/docker-bridge.ts';
import { startApproving } from '../controller-manager/certificates/approver.ts';
import { startCleaning } from '../controller-manager/certificates/cleaner.ts';
import { startSigning } from '../controller-manager/certificates/signer.ts';
import { certificateControllers } from '../controller-manager/certificates/with-first-request.ts';
import { applyAll } from '../scenario/apply-all.ts';
import { UserSchedulers } from '../scheduler/user-schedulers.ts';
import { createGrants } from './bootstrap/rbac-objects.ts';
import { createSystemObjects } from './bootstrap/system-objects.ts';
import { authorityOf } from './certificate-authority.ts';
import { beginFault } from './faults/effects.ts';
import { imageSpecsOf } from './image-spec.ts';
import { certificates, furtherAccess, networkParts, seeding, userWorld } from './late-parts.ts';
import { carriedOut } from './packet-traces/carried-out.ts';
import { RequestSender } from './traffic/request-sender.ts';
import { newWebhookCaller } from './webhook-caller.ts';

/** Call once per process, before a cluster boots from nothing and before users send requests. */
export function installClusterParts(): void {
  seeding.install({ createSystemObjects, createGrants, reconcilePolicy });
  userWorld.install({
    applyAll,
    beginFault,
    imageSpecsOf,
    carriedOut,
    RequestSender,
    newWebhookCaller,
    UserSchedulers,
    admissionWebhook,
    IngressControllers,
    nginxIngressController,
  });
  networkParts.install({ Felix, PolicyIndex, startDocker });
  certificates.install({ authorityOf });
  certificateControllers.install({ startApproving, startCleaning, startSigning });
  furtherAccess.install({ staticUsers, abacAuthorizer, webhookAuthorizer });
}
