/** Puts the late parts of this room in place. */
import { admissionWebhook } from '../addons/admission-webhook/program.ts';
import { IngressControllers } from '../addons/ingress-nginx/controller.ts';
import { nginxIngressController } from '../addons/ingress-nginx/program.ts';
import { staticUsers } from '../apiserver/authentication/static-users.ts';
import { abacAuthorizer } from '../apiserver/authorization/abac.ts';
import { reconcilePolicy } from '../apiserver/authorization/reconcile-policy.ts';
import { webhookAuthorizer } from '../apiserver/authorization/webhook.ts';
import { applyAll } from '../scenario/apply-all.ts';
import { createGrants } from './bootstrap/rbac-objects.ts';
import { createSystemObjects } from './bootstrap/system-objects.ts';
import { beginFault } from './faults/effects.ts';
import { imageSpecsOf } from './image-spec.ts';
import { furtherAccess, seeding, userWorld } from './late-parts.ts';
import { newWebhookCaller } from './webhook-caller.ts';

/** Call once per process, before a cluster boots from nothing and before users send requests. */
export function installClusterParts(): void {
  seeding.install({ createSystemObjects, createGrants, reconcilePolicy });
  userWorld.install({
    applyAll,
    beginFault,
    imageSpecsOf,
    newWebhookCaller,
    admissionWebhook,
    IngressControllers,
    nginxIngressController,
  });
  furtherAccess.install({ staticUsers, abacAuthorizer, webhookAuthorizer });
}
