/** The plugins of admission that ask policies and webhooks. While there are none, they cost one look at a counter. */
import { ValidatingAdmissionPolicyBindingResource } from '../../api/admissionregistration/validating-admission-policy-binding.ts';
import {
  MutatingWebhookConfigurationResource,
  ValidatingWebhookConfigurationResource,
} from '../../api/admissionregistration/webhook-configurations.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission/admission.ts';
import { policyEngine } from './engine.ts';
import type { PolicyDependencies } from './engine.ts';

/** Whether there are objects of a kind; looked up again only after a write. */
function presence(definition: ResourceDefinition): (request: AdmissionRequest) => boolean {
  let writes = -1;
  let found = false;
  return ({ reader }) => {
    const current = reader.counter(definition).writes;
    if (current !== writes || found) {
      writes = current;
      found = reader.list(definition).length > 0;
    }
    return found;
  };
}

/** In upstream's order: mutating webhooks, then policies, then validating webhooks. `deps` is asked for once there is something to do. */
export function policyPlugins(deps: () => PolicyDependencies): AdmissionPlugin[] {
  const anyMutating = presence(MutatingWebhookConfigurationResource as unknown as ResourceDefinition);
  const anyPolicy = presence(ValidatingAdmissionPolicyBindingResource as unknown as ResourceDefinition);
  const anyValidating = presence(ValidatingWebhookConfigurationResource as unknown as ResourceDefinition);
  return [
    {
      name: 'MutatingAdmissionWebhook',
      seesSubresources: true,
      admit: (request, object, again) => (anyMutating(request) ? policyEngine().mutateByWebhooks(request, object, deps(), again) : object),
    },
    {
      name: 'ValidatingAdmissionPolicy',
      seesSubresources: true,
      validate: (request) => (anyPolicy(request) ? policyEngine().validateByPolicies(request, deps()) : undefined),
    },
    {
      name: 'ValidatingAdmissionWebhook',
      seesSubresources: true,
      validate: (request) => (anyValidating(request) ? policyEngine().validateByWebhooks(request, deps()) : undefined),
    },
  ];
}
