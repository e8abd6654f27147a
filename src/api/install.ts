/** Puts the larger checks of what users write in place. */
import { checks } from './checks.ts';
import { validateAutoscaler } from './autoscaling/validation.ts';
import { validateJob, validateJobSpec, validateJobUpdate } from './batch/job-validation.ts';
import { validateSigningRequest, validateSigningRequestStatus } from './certificates/validation.ts';
import { validateConfigMap, validateConfigMapUpdate, validateSecret, validateSecretUpdate } from './core/data-validation.ts';
import { validateLimitRange, validateResourceQuota, validateResourceQuotaUpdate } from './core/limits-validation.ts';
import { validatePodUpdate } from './core/pod-update.ts';
import { validateService, validateServiceUpdate } from './core/service-validation.ts';
import { validateClaimSpec, validateClaimUpdate, validateVolume, validateVolumeUpdate } from './core/volume-validation.ts';
import { validateIngress } from './networking/ingress-validation.ts';
import { validateNetworkPolicy } from './networking/network-policy-validation.ts';
import { validateBinding, validateBindingUpdate, validateRules } from './rbac/rules.ts';
import { validatePodSpec, validatePodTemplate } from './validation/pod-spec.ts';
import { nameWarnings, podSpecWarnings, workloadWarnings } from './validation/pod-warnings.ts';
import { templateMatches, validateReplicaTemplate, validateRestartingTemplate } from './validation/templates.ts';

/** Call once per process, before users send requests. */
export function installChecks(): void {
  checks.install({
    nameWarnings,
    podSpecWarnings,
    templateMatches,
    validateAutoscaler,
    validateBinding,
    validateBindingUpdate,
    validateClaimSpec,
    validateClaimUpdate,
    validateConfigMap,
    validateConfigMapUpdate,
    validateIngress,
    validateJob,
    validateJobSpec,
    validateJobUpdate,
    validateLimitRange,
    validateNetworkPolicy,
    validatePodSpec,
    validatePodTemplate,
    validatePodUpdate,
    validateReplicaTemplate,
    validateResourceQuota,
    validateResourceQuotaUpdate,
    validateRestartingTemplate,
    validateRules,
    validateSecret,
    validateSecretUpdate,
    validateService,
    validateServiceUpdate,
    validateSigningRequest,
    validateSigningRequestStatus,
    validateVolume,
    validateVolumeUpdate,
    workloadWarnings,
  });
}
