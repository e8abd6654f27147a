/** PUT and PATCH of certificatesigningrequests/{name}/approval: the Approved and Denied conditions (`pkg/registry/certificates`). */
import { formatTime } from '../../apimachinery/durations.ts';
import { forbiddenField, invalid } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { CertificateSigningRequest } from '../../api/generated/types.ts';
import { withManagers } from '../field-managers.ts';
import { userRequests } from '../user-requests.ts';
import { subresourceRequest } from './admission.ts';
import type { Subresource } from './subresource.ts';

const DECISIONS = ['Approved', 'Denied'];

export const approvalSubresource: Subresource = {
  resource: 'certificatesigningrequests',
  name: 'approval',
  handle(call) {
    const { registry, context, request } = call;
    const old = registry.get(undefined, request.name ?? '') as CertificateSigningRequest;
    if (request.verb === 'get') return { code: 200, object: old, warnings: [] };
    if (request.verb !== 'update' && request.verb !== 'patch') return undefined;
    const sent = (
      request.verb === 'patch'
        ? userRequests.get().checkBody(registry.definition, userRequests.get().patchObject(registry.definition, old, request)).body
        : request.body
    ) as CertificateSigningRequest;
    const { admission } = registry.deps;
    const attributes = subresourceRequest(call, { operation: 'UPDATE', old }, sent);
    const asked = admission.mutate(attributes, sent) as CertificateSigningRequest;
    const now = formatTime(registry.deps.sim.now);
    const conditions = (asked.status?.conditions ?? []).map((condition) => ({
      lastUpdateTime: now,
      lastTransitionTime: now,
      ...condition,
    }));
    const errors = problems(conditions, old);
    if (errors.length > 0) throw invalid('certificates.k8s.io', 'CertificateSigningRequest', old.metadata.name, errors);
    const next = { ...old, status: { ...old.status, conditions } };
    admission.validate({ ...attributes, object: next });
    const manager = context.manager && { ...context.manager, subresource: 'approval' };
    return {
      code: 200,
      object: registry.commit(context, withManagers(registry.definition, old, next, manager, registry.deps.sim.now), old),
      warnings: [],
    };
  },
};

function problems(next: readonly { type: string }[], { status }: CertificateSigningRequest): FieldError[] {
  const path = 'status.conditions';
  const types = new Set(next.map(({ type }) => type));
  const errors = (status?.conditions ?? [])
    .filter(({ type }) => DECISIONS.includes(type) && !types.has(type))
    .map(({ type }) => forbiddenField(path, `updates may not remove a condition of type ${JSON.stringify(type)}`));
  if (types.has('Approved') && types.has('Denied'))
    errors.push({
      type: 'FieldValueInvalid',
      field: path,
      detail: 'Invalid value: "Approved": Approved and Denied conditions are mutually exclusive',
    });
  return errors;
}
