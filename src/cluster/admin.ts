/** The cluster's administrator, as kubeadm's admin.conf names him. */
import type { UserInfo } from '../api/request.ts';

export const CLUSTER_ADMIN: UserInfo = {
  name: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:authenticated', 'system:masters'],
};
