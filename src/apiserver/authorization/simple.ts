/** Authorizers without objects of their own: AlwaysAllow, AlwaysDeny and the privileged group (`k8s.io/apiserver/pkg/authorization/authorizerfactory`). */
import type { Authorizer } from './attributes.ts';

export const alwaysAllow: Authorizer = { authorize: () => ({ allowed: true, reason: '', authorizer: 'AlwaysAllow' }) };
export const alwaysDeny: Authorizer = {
  authorize: () => ({ allowed: false, reason: 'Everything is forbidden.', authorizer: 'AlwaysDeny' }),
};

const SUPERUSERS = 'system:masters';
const NO_OPINION = { allowed: false, reason: '' } as const;

/** Before all modes: members of system:masters may do everything. */
export const privilegedGroup: Authorizer = {
  authorize: ({ user }) => (user.groups.includes(SUPERUSERS) ? { allowed: true, reason: '', authorizer: 'PrivilegedGroup' } : NO_OPINION),
};
