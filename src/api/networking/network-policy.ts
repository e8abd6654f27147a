/** The kind NetworkPolicy. */
import { mapField, mapItems, withDefaults, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabelSelector, nameColumn } from '../columns.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicySpec } from '../generated/types.ts';

const defaultPorts = <R extends NetworkPolicyIngressRule | NetworkPolicyEgressRule>(rule: R): R =>
  mapField<NetworkPolicyIngressRule, 'ports'>(rule, 'ports', (ports) =>
    mapItems(ports, (port) => withDefaults(port, { protocol: 'TCP' })),
  ) as R;

/** `SetDefaults_NetworkPolicy`: both directions only where there are egress rules. */
function defaultSpec(spec: NetworkPolicySpec): NetworkPolicySpec {
  const next = mapField(
    mapField(spec, 'ingress', (rules) => mapItems(rules, defaultPorts)),
    'egress',
    (rules) => mapItems(rules, defaultPorts),
  );
  if (next.policyTypes?.length) return next;
  return { ...next, policyTypes: next.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'] };
}

/** networking.k8s.io/v1 NetworkPolicy. */
export const NetworkPolicyResource = defineResource<NetworkPolicy>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  namespaced: true,
  schema: 'networking.v1.NetworkPolicy',
  defaults: (policy) => mapField(withSpec(policy), 'spec', defaultSpec),
  validate: (...given) => checks.get().validateNetworkPolicy(...given),
  generation: true,
  notSimulated: [],
  columns: [nameColumn, { name: 'Pod-Selector', value: ({ spec }) => formatLabelSelector(spec?.podSelector ?? {}) }, ageColumn],
});
