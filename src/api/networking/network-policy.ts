/** The kind NetworkPolicy. */
import { defineResource } from '../resource.ts';
import type { NetworkPolicy } from '../generated/types.ts';

/** networking.k8s.io/v1 NetworkPolicy. */
export const NetworkPolicyResource = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  schema: 'networking.v1.NetworkPolicy',
  columns: [],
});
