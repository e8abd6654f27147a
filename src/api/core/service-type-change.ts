/** Fields that go by themselves when a Service becomes one that has them not (`pkg/registry/core/service/strategy.go`, dropTypeDependentFields). */
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { Service, ServiceSpec } from '../generated/types.ts';

const needsClusterIP = ({ type }: ServiceSpec): boolean => type !== 'ExternalName';
const needsNodePort = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean =>
  type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
const isLoadBalancer = ({ type }: ServiceSpec): boolean => type === 'LoadBalancer';
/** Its nodes tell a load balancer whether they have endpoints, each at the same port (`NeedsHealthCheck`). */
export const isLocal = (spec: ServiceSpec): boolean => isLoadBalancer(spec) && spec.externalTrafficPolicy === 'Local';
const isExternal = ({ type, externalIPs = [] }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0);

/** Which fields depend on what. They go when it is given up and the user did not change them in the same request. */
const DEPENDENT: readonly { needs(spec: ServiceSpec): boolean; fields: readonly (keyof ServiceSpec)[] }[] = [
  { needs: needsClusterIP, fields: ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] },
  { needs: isLocal, fields: ['healthCheckNodePort'] },
  { needs: isLoadBalancer, fields: ['allocateLoadBalancerNodePorts', 'loadBalancerClass'] },
  { needs: isExternal, fields: ['externalTrafficPolicy'] },
];

/** The Service without what its old type left behind. */
export function dropTypeDependentFields(next: Service, old: Service): Service {
  const { type, externalTrafficPolicy } = old.spec;
  if (next.spec === undefined || (next.spec.type === type && next.spec.externalTrafficPolicy === externalTrafficPolicy)) return next;
  let spec = next.spec;
  for (const { needs, fields } of DEPENDENT) {
    const givenUp = needs(old.spec) && !needs(spec) && fields.every((field) => deepEqual(spec[field], old.spec[field]));
    if (givenUp) spec = { ...spec, ...Object.fromEntries(fields.map((field) => [field, undefined])) };
  }
  const nodePorts = ({ ports = [] }: ServiceSpec) => ports.map(({ nodePort = 0 }) => nodePort);
  if (needsNodePort(old.spec) && !needsNodePort(spec) && deepEqual(nodePorts(spec), nodePorts(old.spec)))
    spec = { ...spec, ports: spec.ports?.map(({ nodePort: _given, ...port }) => port) };
  return spec === next.spec ? next : { ...next, spec };
}
