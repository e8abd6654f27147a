/** The kind Ingress. */
import { ageColumn, formatList, nameColumn } from '../columns.ts';
import { loadBalancerAddresses } from '../core/load-balancer.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { Ingress, IngressRule } from '../generated/types.ts';

/** Hosts of the rules, "*" where none names one (`formatHosts`). */
function hostsText(rules: readonly IngressRule[] | undefined): string {
  const hosts = (rules ?? []).map(({ host }) => host ?? '').filter((host) => host !== '');
  return formatList(hosts, 3) || '*';
}

/** networking.k8s.io/v1 Ingress. */
export const IngressResource = defineResource<Ingress>({
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  namespaced: true,
  schema: 'networking.v1.Ingress',
  subresources: { status: true },
  validate: (...given) => checks.get().validateIngress(...given),
  // Without an ingress controller, which is no part of Kubernetes, an Ingress gets no address and routes nothing.
  notSimulated: ['spec.defaultBackend.resource', 'spec.rules[*].http.paths[*].backend.resource'],
  warnings: ({ metadata }) =>
    metadata.annotations?.['kubernetes.io/ingress.class'] === undefined
      ? []
      : [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`],
  columns: [
    nameColumn,
    { name: 'Class', value: ({ spec }) => spec?.ingressClassName ?? '<none>' },
    { name: 'Hosts', value: ({ spec }) => hostsText(spec?.rules) },
    { name: 'Address', value: ({ status }) => loadBalancerAddresses(status?.loadBalancer).join(',') },
    { name: 'Ports', value: ({ spec }) => (spec?.tls?.length ? '80, 443' : '80') },
    ageColumn,
  ],
});
