/** Who the components of the cluster are (`k8s.io/apiserver/pkg/authentication/user`, `…/serviceaccount`). What each may do is in RBAC. */
import type { UserInfo } from '../api/request.ts';

const AUTHENTICATED = 'system:authenticated';

/** A component with a client certificate of its own. */
const component = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, AUTHENTICATED] });

export const CONTROLLER_MANAGER: UserInfo = component('system:kube-controller-manager');
export const SCHEDULER: UserInfo = component('system:kube-scheduler');

/** The kubelet of a node. */
export const nodeUser = (name: string): UserInfo => component(`system:node:${name}`, 'system:nodes');

/** The bearer of a service account's token. */
export const serviceAccountUser = (namespace: string, name: string): UserInfo =>
  component(`system:serviceaccount:${namespace}:${name}`, 'system:serviceaccounts', `system:serviceaccounts:${namespace}`);
