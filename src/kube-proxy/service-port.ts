/**
 * One port of a Service as kube-proxy sees it: what remains of the object once defaults are applied and what has no
 * meaning on a node is left out (`pkg/proxy/serviceport.go`).
 */
// Differs: only the IPv4 addresses of a Service are served.
import type { Service, ServicePort } from '../api/generated/types.ts';
import { type Cidr, parseCidr, parseIpv4 } from '../linux/net/ipv4.ts';

/** Protocols as iptables spells them. */
export type ProxyProtocol = 'tcp' | 'udp' | 'sctp';

/** A parsed Service port. Shared by the proxiers of all nodes; never changed. */
export interface ServicePortInfo {
  /** "namespace/name:port", without the colon when the port has no name. */
  readonly name: string;
  /** "namespace/name" of the Service. */
  readonly service: string;
  readonly portName: string;
  readonly protocol: ProxyProtocol;
  readonly clusterIP: string;
  readonly port: number;
  /** 0: none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  /** Addresses of load balancers that hand packets on unchanged (ipMode VIP). */
  readonly loadBalancerVIPs: readonly string[];
  /** Networks as the Service spells them. */
  readonly sourceRanges: readonly string[];
  /** Seconds that a client stays with its endpoint; 0 without affinity. */
  readonly affinitySeconds: number;
  readonly externalPolicyLocal: boolean;
  readonly internalPolicyLocal: boolean;
  /** 0: none. */
  readonly healthCheckNodePort: number;
}

const DEFAULT_AFFINITY_SECONDS = 10_800;

/** Whether anything but the cluster address leads to the port. */
export const isExternallyAccessible = ({ nodePort, loadBalancerVIPs, externalIPs }: ServicePortInfo): boolean =>
  nodePort !== 0 || loadBalancerVIPs.length > 0 || externalIPs.length > 0;

/** Whether some traffic may go to endpoints anywhere. Local external policy needs them too, for pods and the node itself. */
export const usesClusterEndpoints = (info: ServicePortInfo): boolean => !info.internalPolicyLocal || isExternallyAccessible(info);

/** Whether some traffic may only go to endpoints of the same node. */
export const usesLocalEndpoints = (info: ServicePortInfo): boolean =>
  info.internalPolicyLocal || (info.externalPolicyLocal && isExternallyAccessible(info));

/** The networks that may use the load balancer's addresses, as numbers. */
export const sourceCidrs = ({ sourceRanges }: ServicePortInfo): Cidr[] => sourceRanges.flatMap((range) => parseCidr(range) ?? []);

/** Headless Services and aliases have nothing to translate (`proxyutil.ShouldSkipService`). */
export const isProxied = ({ spec }: Service): boolean =>
  spec.type !== 'ExternalName' && spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';

/** All ports of a Service; empty when kube-proxy has nothing to do with it. */
export function parseServicePorts(service: Service): ServicePortInfo[] {
  if (!isProxied(service)) return [];
  return (service.spec.ports ?? []).map((port) => parsePort(service, port));
}

function parsePort({ metadata, spec, status }: Service, port: ServicePort): ServicePortInfo {
  const service = `${metadata.namespace}/${metadata.name}`;
  const portName = port.name ?? '';
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || (spec.externalIPs?.length ?? 0) > 0;
  const externalPolicyLocal = external && spec.externalTrafficPolicy === 'Local';
  const timeout = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return {
    name: portName === '' ? service : `${service}:${portName}`,
    service,
    portName,
    protocol: (port.protocol ?? 'TCP').toLowerCase() as ProxyProtocol,
    clusterIP: [...(spec.clusterIPs ?? []), spec.clusterIP ?? ''].find(isIpv4) ?? '',
    port: port.port,
    nodePort: port.nodePort ?? 0,
    externalIPs: (spec.externalIPs ?? []).filter(isIpv4),
    loadBalancerVIPs: (status?.loadBalancer?.ingress ?? [])
      .filter(({ ip = '', ipMode }) => isIpv4(ip) && ipMode !== 'Proxy')
      .map(({ ip = '' }) => ip),
    sourceRanges: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter((range) => parseCidr(range) !== undefined),
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? timeout : 0,
    externalPolicyLocal,
    internalPolicyLocal: spec.internalTrafficPolicy === 'Local',
    healthCheckNodePort: spec.type === 'LoadBalancer' && externalPolicyLocal ? (spec.healthCheckNodePort ?? 0) : 0,
  };
}

const isIpv4 = (text: string): boolean => parseIpv4(text) !== undefined;
