/**
 * The place of everything that runs expressions or calls webhooks: rules of custom resources, ValidatingAdmissionPolicies, webhook
 * configurations. It is large and an idle cluster needs none of it, so it is loaded apart; see `installPolicyEngine`.
 */
import { assert } from '../../apimachinery/assert.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { TypeChecking, ValidatingAdmissionPolicy } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { AdmissionNote, AdmissionRequest } from '../admission/admission.ts';
import type { Authorizer } from '../authorization/attributes.ts';
import type { CustomSchema } from '../custom-resources/schema.ts';
import type { WebhookCaller } from './webhook-caller.ts';

/** What policies and webhooks need of the cluster. */
export interface PolicyDependencies {
  readonly authorizer: Authorizer;
  readonly caller: WebhookCaller | undefined;
  /** All kinds served. */
  resources(): readonly ResourceDefinition[];
  /** A uid for the next AdmissionReview. */
  nextUid(): string;
}

/** The engine. */
export interface PolicyEngine {
  /** Findings of the CEL rules of a schema. */
  ruleErrors(schema: CustomSchema, object: unknown, old: unknown, warn?: (text: string) => void): FieldError[];
  /** Runs all ValidatingAdmissionPolicies; throws the refusal. */
  validateByPolicies(request: AdmissionRequest, deps: PolicyDependencies): AdmissionNote | undefined;
  /** Calls all mutating webhooks; returns the object to go on with. `inTree` runs the apiserver's own mutating plugins once more. */
  mutateByWebhooks(
    request: AdmissionRequest,
    object: KubernetesObject,
    deps: PolicyDependencies,
    inTree: (object: KubernetesObject) => KubernetesObject,
  ): KubernetesObject;
  /** Calls all validating webhooks; throws the refusal. */
  validateByWebhooks(request: AdmissionRequest, deps: PolicyDependencies): AdmissionNote | undefined;
  /** What a policy's expressions mean for the kinds that it names. */
  typeChecking(policy: ValidatingAdmissionPolicy, resources: readonly ResourceDefinition[]): TypeChecking;
}

let installed: PolicyEngine | undefined;

/** Puts the engine in place, for all clusters of this process. */
export function installEngine(engine: PolicyEngine): void {
  installed = engine;
}

/** The engine. */
export function policyEngine(): PolicyEngine {
  assert(installed !== undefined, 'the policy engine has not been installed: call installPolicyEngine() before users send requests');
  return installed;
}
