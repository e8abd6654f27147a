/** Addresses and ports of a Service that the allocators give. */
import type { Service, ServiceSpec } from '../generated/types.ts';
import { isLocal } from './service-type-change.ts';

/** No cluster IP: the name resolves to the pods themselves. */
export const isHeadless = ({ clusterIP, clusterIPs }: ServiceSpec): boolean => clusterIP === 'None' || clusterIPs?.[0] === 'None';

/** What the allocators gave and the update leaves out (`patchAllocatedValues` in `pkg/registry/core/service/storage`). */
export function keepAllocated(next: Service, old: Service): Service {
  const needsIP = (type: string | undefined) => type !== 'ExternalName';
  let spec = next.spec ?? {};
  if (needsIP(spec.type) && needsIP(old.spec.type)) {
    const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = old.spec;
    if (!spec.clusterIP && !spec.clusterIPs?.length) spec = { ...spec, clusterIP, clusterIPs };
    else if (spec.clusterIP === clusterIP && !spec.clusterIPs) spec = { ...spec, clusterIPs };
    else if (!spec.clusterIP && spec.clusterIPs?.[0] === clusterIP) spec = { ...spec, clusterIP };
    spec = { ...spec, ipFamilies: spec.ipFamilies ?? ipFamilies, ipFamilyPolicy: spec.ipFamilyPolicy ?? ipFamilyPolicy };
  }
  if ((spec.type === 'NodePort' || spec.type === 'LoadBalancer') && (old.spec.type === 'NodePort' || old.spec.type === 'LoadBalancer')) {
    const taken = new Map(old.spec.ports?.map(({ port, protocol = 'TCP', nodePort }) => [`${protocol}/${port}`, nodePort]));
    const ports = spec.ports?.map((port) => {
      const nodePort = port.nodePort || taken.get(`${port.protocol ?? 'TCP'}/${port.port}`);
      return nodePort === port.nodePort ? port : { ...port, nodePort };
    });
    spec = { ...spec, ports };
  }
  if (isLocal(spec) && isLocal(old.spec)) spec = { ...spec, healthCheckNodePort: spec.healthCheckNodePort || old.spec.healthCheckNodePort };
  return { ...next, spec };
}
