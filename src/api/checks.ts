/**
 * The place of the larger checks of what users write, which the kinds' definitions call. What an idle cluster writes (Leases, Nodes' statuses)
 * needs none of them.
 */
import { LatePart } from '../apimachinery/late-part.ts';
import type { validateAutoscaler } from './autoscaling/validation.ts';
import type { validateJob, validateJobSpec, validateJobUpdate } from './batch/job-validation.ts';
import type { validateSigningRequest, validateSigningRequestStatus } from './certificates/validation.ts';
import type { validateConfigMap, validateConfigMapUpdate, validateSecret, validateSecretUpdate } from './core/data-validation.ts';
import type { validateLimitRange, validateResourceQuota, validateResourceQuotaUpdate } from './core/limits-validation.ts';
import type { validatePodUpdate } from './core/pod-update.ts';
import type { validateService, validateServiceUpdate } from './core/service-validation.ts';
import type { validateClaimSpec, validateClaimUpdate, validateVolume, validateVolumeUpdate } from './core/volume-validation.ts';
import type { validateIngress } from './networking/ingress-validation.ts';
import type { validateNetworkPolicy } from './networking/network-policy-validation.ts';
import type { validateBinding, validateBindingUpdate, validateRules } from './rbac/rules.ts';
import type { validatePodSpec, validatePodTemplate } from './validation/pod-spec.ts';
import type { nameWarnings, podSpecWarnings, workloadWarnings } from './validation/pod-warnings.ts';
import type { templateMatches, validateReplicaTemplate, validateRestartingTemplate } from './validation/templates.ts';

/** See the functions themselves. */
export interface Checks {
  readonly nameWarnings: typeof nameWarnings;
  readonly podSpecWarnings: typeof podSpecWarnings;
  readonly templateMatches: typeof templateMatches;
  readonly validateAutoscaler: typeof validateAutoscaler;
  readonly validateBinding: typeof validateBinding;
  readonly validateBindingUpdate: typeof validateBindingUpdate;
  readonly validateClaimSpec: typeof validateClaimSpec;
  readonly validateClaimUpdate: typeof validateClaimUpdate;
  readonly validateConfigMap: typeof validateConfigMap;
  readonly validateConfigMapUpdate: typeof validateConfigMapUpdate;
  readonly validateIngress: typeof validateIngress;
  readonly validateJob: typeof validateJob;
  readonly validateJobSpec: typeof validateJobSpec;
  readonly validateJobUpdate: typeof validateJobUpdate;
  readonly validateLimitRange: typeof validateLimitRange;
  readonly validateNetworkPolicy: typeof validateNetworkPolicy;
  readonly validatePodSpec: typeof validatePodSpec;
  readonly validatePodTemplate: typeof validatePodTemplate;
  readonly validatePodUpdate: typeof validatePodUpdate;
  readonly validateReplicaTemplate: typeof validateReplicaTemplate;
  readonly validateResourceQuota: typeof validateResourceQuota;
  readonly validateResourceQuotaUpdate: typeof validateResourceQuotaUpdate;
  readonly validateRestartingTemplate: typeof validateRestartingTemplate;
  readonly validateRules: typeof validateRules;
  readonly validateSecret: typeof validateSecret;
  readonly validateSecretUpdate: typeof validateSecretUpdate;
  readonly validateService: typeof validateService;
  readonly validateServiceUpdate: typeof validateServiceUpdate;
  readonly validateSigningRequest: typeof validateSigningRequest;
  readonly validateSigningRequestStatus: typeof validateSigningRequestStatus;
  readonly validateVolume: typeof validateVolume;
  readonly validateVolumeUpdate: typeof validateVolumeUpdate;
  readonly workloadWarnings: typeof workloadWarnings;
}

/** Findings and warnings about pods, Services, volumes, quotas and more. */
export const checks = new LatePart<Checks>('the checks of objects');
