/**
 * Writes into each ValidatingAdmissionPolicy's status what the type check found (`pkg/controller/validatingadmissionpolicystatus`).
 * Differs: upstream's controller manager does it; here it is the apiserver, which has the engine at hand.
 */
import { ValidatingAdmissionPolicyResource } from '../../api/admissionregistration/validating-admission-policy.ts';
import type { ValidatingAdmissionPolicy } from '../../api/generated/types.ts';
import type { UserInfo, WatchEvent } from '../../api/request.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Simulation } from '../../sim/simulation.ts';
import type { ApiServer } from '../server.ts';
import { policyEngine } from './engine.ts';

const AGENT = 'validatingadmissionpolicy-status';
const USER: UserInfo = { name: 'system:apiserver', groups: ['system:masters'] };
const RETRY_MS = 1000;

/** Follows the policies of one apiserver. */
export function followPolicies(sim: Simulation, server: ApiServer): void {
  const { group, version, plural: resource } = ValidatingAdmissionPolicyResource;
  const again = () =>
    sim.schedule(RETRY_MS, 'kube-apiserver', 'watch policies', resource, () => followPolicies(sim, server), { background: true });
  if (!server.running) {
    again();
    return;
  }
  const events = (batch: readonly WatchEvent[]) => batch.forEach((event) => follow(server, event));
  server.watch({ group, version, resource, user: USER, userAgent: AGENT }, { events, closed: again });
}

function follow(server: ApiServer, { type, object }: WatchEvent): void {
  if (type !== 'ADDED' && type !== 'MODIFIED') return;
  const policy = object as ValidatingAdmissionPolicy;
  const { generation } = policy.metadata;
  if (policy.status?.observedGeneration === generation) return;
  const typeChecking = policyEngine().typeChecking(policy, server.resources());
  const { group, version, plural: resource } = ValidatingAdmissionPolicyResource;
  const body = { ...policy, status: { ...policy.status, observedGeneration: generation, typeChecking } };
  try {
    server.request({
      verb: 'update',
      group,
      version,
      resource,
      subresource: 'status',
      name: policy.metadata.name,
      body,
      user: USER,
      userAgent: AGENT,
    });
  } catch (error) {
    // Somebody wrote in between: the next event has it.
    if (!(error instanceof StatusError)) throw error;
  }
}
