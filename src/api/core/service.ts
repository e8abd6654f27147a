/** The kind Service. */
import { mapField, mapItems, withDefaults, withField, withSpec } from '../defaulting.ts';
import { ageColumn, formatLabels, nameColumn } from '../columns.ts';
import { loadBalancerAddresses } from './load-balancer.ts';
import { isDNS1035Label } from '../../apimachinery/names.ts';
import { dropTypeDependentFields } from './service-type-change.ts';
import { isHeadless, keepAllocated } from './service-ips.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts';

const CLIENT_IP_TIMEOUT_SECONDS = 3 * 60 * 60;

function defaultAffinity(spec: ServiceSpec): ServiceSpec {
  if (spec.sessionAffinity === 'None') return withField(spec, 'sessionAffinityConfig', undefined);
  if (spec.sessionAffinity !== 'ClientIP' || spec.sessionAffinityConfig?.clientIP?.timeoutSeconds !== undefined) return spec;
  return { ...spec, sessionAffinityConfig: { clientIP: { timeoutSeconds: CLIENT_IP_TIMEOUT_SECONDS } } };
}

/** `SetDefaults_Service`. Addresses, families and node ports come from the allocators. */
function defaultSpec(spec: ServiceSpec): ServiceSpec {
  let next = defaultAffinity(withDefaults(spec, { sessionAffinity: 'None', type: 'ClusterIP' }));
  next = mapField(next, 'ports', (ports) =>
    mapItems(ports, (port) => {
      const typed = withDefaults(port, { protocol: 'TCP', targetPort: port.port });
      return typed.targetPort === 0 ? { ...typed, targetPort: port.port } : typed;
    }),
  );
  const external =
    next.type === 'NodePort' || next.type === 'LoadBalancer' || (next.type === 'ClusterIP' && (next.externalIPs?.length ?? 0) > 0);
  if (external) next = withDefaults(next, { externalTrafficPolicy: 'Cluster' });
  if (next.type !== 'ExternalName') next = withDefaults(next, { internalTrafficPolicy: 'Cluster' });
  return next.type === 'LoadBalancer' ? withDefaults(next, { allocateLoadBalancerNodePorts: true }) : next;
}

const portText = ({ port, nodePort, protocol }: ServicePort): string => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`;

/** `getServiceExternalIP`. */
function externalIP({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case 'ClusterIP':
    case 'NodePort':
      return own.join(',') || '<none>';
    case 'LoadBalancer':
      return [...loadBalancerAddresses(status?.loadBalancer), ...own].join(',') || '<pending>';
    case 'ExternalName':
      return spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

const NO_LOAD_BALANCER: NonNullable<Service['status']> = { loadBalancer: {} };

/** v1 Service. */
export const ServiceResource = defineResource<Service>({
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: 'core.v1.Service',
  subresources: { status: true },
  defaults: (service) => mapField(withSpec(service), 'spec', defaultSpec),
  prepareForCreate: (service) => ({ ...service, status: NO_LOAD_BALANCER }),
  prepareForUpdate: (next, old) => keepAllocated(dropTypeDependentFields(next, old), old),
  validate: (...given) => checks.get().validateService(...given),
  validateUpdate: (...given) => checks.get().validateServiceUpdate(...given),
  validateName: isDNS1035Label,
  selectableFields: ({ spec }) => ({ 'spec.clusterIP': spec.clusterIP ?? '', 'spec.type': spec.type ?? '' }),
  warnings: ({ spec }) =>
    isHeadless(spec) && spec.sessionAffinity === 'ClientIP' ? ['spec.SessionAffinity is ignored for headless services'] : [],
  columns: [
    nameColumn,
    { name: 'Type', value: ({ spec }) => spec.type ?? '' },
    { name: 'Cluster-IP', value: ({ spec }) => spec.clusterIPs?.[0] || spec.clusterIP || '<none>' },
    { name: 'External-IP', value: externalIP },
    { name: 'Port(s)', value: ({ spec }) => spec.ports?.map(portText).join(',') || '<none>' },
    ageColumn,
    { name: 'Selector', priority: 1, value: ({ spec }) => formatLabels(spec.selector) },
  ],
});
