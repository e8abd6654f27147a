/** Services and EndpointSlices for tests of this room. */
import type { EndpointSlice, Service, ServicePort, ServiceSpec } from '../../api/generated/types.ts';

/** A Service of namespace default with one port, 80 → 8080, named "http". */
export function service(name: string, clusterIP: string, spec: Partial<ServiceSpec> = {}, status: Service['status'] = {}): Service {
  const ports: ServicePort[] = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2025-01-01T00:00:00Z' },
    spec: { type: 'ClusterIP', clusterIP, ports, ...spec },
    status,
  } as Service;
}

/** An endpoint of `slice`: "10.244.1.3", on a node, with conditions. */
export interface TestEndpoint {
  ip: string;
  node?: string;
  ready?: boolean;
  serving?: boolean;
  terminating?: boolean;
  zones?: string[];
}

/** The slice of a Service of namespace default, port "http" 8080 unless said otherwise. */
export function slice(
  owner: string,
  endpoints: readonly TestEndpoint[],
  ports: EndpointSlice['ports'] = [{ name: 'http', protocol: 'TCP', port: 8080 }],
): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${owner}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': owner } },
    addressType: 'IPv4',
    ports,
    endpoints: endpoints.map(({ ip, node, ready = true, serving = ready, terminating = false, zones }) => ({
      addresses: [ip],
      conditions: { ready, serving, terminating },
      nodeName: node,
      ...(zones === undefined ? {} : { hints: { forZones: zones.map((name) => ({ name })) } }),
    })),
  } as unknown as EndpointSlice;
}
