/**
 * What kube-proxy answers to health checks (`pkg/proxy/healthcheck`): its own at port 10256, and one port for each
 * load-balanced Service of policy Local, by which load balancers find the nodes that have endpoints.
 */
import { formatTime } from '../apimachinery/durations.ts';
import type { Endpoint } from './endpoints.ts';
import type { ServiceModel } from './service-model.ts';
import { usesLocalEndpoints } from './service-port.ts';

/** An HTTP answer. */
export interface HealthAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const HEADERS = { 'Content-Type': 'application/json', 'X-Content-Type-Options': 'nosniff' };

/** GET /healthz. Unhealthy when rules have been waiting to be written for two sync periods. */
export function healthzAnswer(state: { healthy: boolean; lastUpdatedMs: number; nowMs: number; nodeEligible: boolean }): HealthAnswer {
  const lastUpdated = formatTime(state.healthy ? state.nowMs : state.lastUpdatedMs);
  const body = JSON.stringify({ lastUpdated, currentTime: formatTime(state.nowMs), nodeEligible: state.nodeEligible });
  return { status: state.healthy && state.nodeEligible ? 200 : 503, headers: HEADERS, body };
}

/** The health check node ports of a node, with the Service ("namespace/name") of each. */
export function healthCheckPorts(model: ServiceModel): Map<number, string> {
  const ports = new Map<number, string>();
  for (const { info } of model.entries.values()) if (info.healthCheckNodePort !== 0) ports.set(info.healthCheckNodePort, info.service);
  return ports;
}

/** GET / at a health check node port: 200 when the Service has ready endpoints on this node, 503 when it has none. */
export function healthCheckAnswer(model: ServiceModel, service: string, nodeName: string, proxyHealthy: boolean): HealthAnswer {
  // Several ports of a Service lead to the same pods: addresses are counted, not endpoints.
  const local = new Set<string>();
  const isLocal = (endpoint: Endpoint) => endpoint.ready && endpoint.nodeName === nodeName;
  for (const { info, endpoints } of model.entries.values()) {
    if (info.service !== service || !usesLocalEndpoints(info)) continue;
    for (const endpoint of endpoints.filter(isLocal)) local.add(endpoint.ip);
  }
  const [namespace = '', name = ''] = service.split('/');
  const body = { service: { namespace, name }, localEndpoints: local.size, serviceProxyHealthy: proxyHealthy };
  return {
    status: local.size > 0 && proxyHealthy ? 200 : 503,
    headers: { ...HEADERS, 'X-Load-Balancing-Endpoint-Weight': String(local.size) },
    body: `${JSON.stringify(body, undefined, '\t')}\n`,
  };
}
