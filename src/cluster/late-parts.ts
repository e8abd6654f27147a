/**
 * The places of this room's parts that are loaded apart. The cluster that every first visitor gets is restored from what was shipped, so
 * nothing of it is seeded; what works for objects of users waits for them.
 */
import { LatePart } from '../apimachinery/late-part.ts';
import type { admissionWebhook } from '../addons/admission-webhook/program.ts';
import type { IngressControllers } from '../addons/ingress-nginx/controller.ts';
import type { nginxIngressController } from '../addons/ingress-nginx/program.ts';
import type { staticUsers } from '../apiserver/authentication/static-users.ts';
import type { abacAuthorizer } from '../apiserver/authorization/abac.ts';
import type { reconcilePolicy } from '../apiserver/authorization/reconcile-policy.ts';
import type { webhookAuthorizer } from '../apiserver/authorization/webhook.ts';
import type { Felix } from '../cni/calico/felix.ts';
import type { PolicyIndex } from '../cni/calico/policy-index.ts';
import type { startDocker } from '../cni/docker/docker-bridge.ts';
import type { applyAll } from '../scenario/apply-all.ts';
import type { createGrants } from './bootstrap/rbac-objects.ts';
import type { authorityOf } from './certificate-authority.ts';
import type { createSystemObjects } from './bootstrap/system-objects.ts';
import type { beginFault } from './faults/effects.ts';
import type { imageSpecsOf } from './image-spec.ts';
import type { carriedOut } from './packet-traces/carried-out.ts';
import type { RequestSender } from './traffic/request-sender.ts';
import type { UserSchedulers } from '../scheduler/user-schedulers.ts';
import type { newWebhookCaller } from './webhook-caller.ts';

/** What a cluster begins with; also the apiserver's own roles, which it mends when it starts. */
export interface Seeding {
  readonly createSystemObjects: typeof createSystemObjects;
  readonly createGrants: typeof createGrants;
  readonly reconcilePolicy: typeof reconcilePolicy;
}

/** What carries out objects of users, and what runs in images of theirs. */
export interface UserWorld {
  readonly applyAll: typeof applyAll;
  readonly beginFault: typeof beginFault;
  readonly imageSpecsOf: typeof imageSpecsOf;
  readonly carriedOut: typeof carriedOut;
  readonly RequestSender: typeof RequestSender;
  readonly newWebhookCaller: typeof newWebhookCaller;
  readonly UserSchedulers: typeof UserSchedulers;
  readonly admissionWebhook: typeof admissionWebhook;
  readonly IngressControllers: typeof IngressControllers;
  readonly nginxIngressController: typeof nginxIngressController;
}

/** Ways to authenticate and authorize that kubeadm does not set up. */
export interface FurtherAccess {
  readonly staticUsers: typeof staticUsers;
  readonly abacAuthorizer: typeof abacAuthorizer;
  readonly webhookAuthorizer: typeof webhookAuthorizer;
}

/** Network add-ons, and what enforces NetworkPolicies: the default cluster's flannel needs none of it. */
export interface NetworkParts {
  readonly Felix: typeof Felix;
  readonly PolicyIndex: typeof PolicyIndex;
  readonly startDocker: typeof startDocker;
}

/** The cluster's certificate authority. */
export interface Certificates {
  readonly authorityOf: typeof authorityOf;
}

/** Objects of a new cluster. */
export const seeding = new LatePart<Seeding>('what a new cluster begins with');
/** Faults, scenarios, images and servers of users. */
export const userWorld = new LatePart<UserWorld>('what carries out objects of users');
/** Static tokens and passwords, ABAC, webhooks. */
export const furtherAccess = new LatePart<FurtherAccess>('authentication and authorization beyond those of kubeadm');
/** Felix, and Docker's own network. */
export const networkParts = new LatePart<NetworkParts>('network add-ons beyond flannel');
/** Keys and certificates. */
export const certificates = new LatePart<Certificates>('keys and certificates');
