/** Tells who stores a NetworkPolicy that nothing will enforce it, where the network add-on does not. */
import { NetworkPolicyResource } from '../api/networking/network-policy.ts';
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts';
import { enforcesPolicies, type NetworkPlan } from './network-plan.ts';

/** The admission plugin. It refuses nothing. */
// Differs: a real apiserver says nothing; whether a policy has an effect is found out by trying.
export function networkPolicyWarning(plan: NetworkPlan): AdmissionPlugin {
  const { addon } = plan;
  const who = addon === 'none' ? 'there is no network add-on' : `the network add-on ${addon} does not implement NetworkPolicy`;
  return {
    name: 'NetworkPolicyWarning',
    validate({ resource, object, warn }) {
      if (enforcesPolicies(plan) || resource !== NetworkPolicyResource || object === undefined) return;
      const { namespace = '', name } = object.metadata;
      warn?.(`NetworkPolicy ${namespace}/${name} is stored but not enforced: ${who}`);
    },
  };
}
