/**
 * UDP has no end that the kernel could see: as long as a client goes on sending, its packets follow the remembered
 * translation, even to an endpoint that is gone. So kube-proxy makes the kernel forget (`pkg/proxy/conntrack/cleanup.go`).
 */
import type { ServiceModel, ServicePortEntry } from './service-model.ts';

/** A translated UDP flow, as far as it matters here. Addresses as text. */
export interface UdpFlow {
  /** Where the client sends to. */
  readonly destination: string;
  readonly destinationPort: number;
  /** Who answers: the endpoint. */
  readonly replySource: string;
  readonly replySourcePort: number;
}

/** The kernel's table of connections. */
export interface ConntrackTool {
  /** Deletes the UDP flows for which `isStale` holds (`conntrack -D -p udp …`). */
  deleteUdp(isStale: (flow: UdpFlow) => boolean): void;
}

/** Forgets flows to endpoints that serve no more. `changed`: Service ports to look at; undefined: all. */
export function cleanStaleConntrack(conntrack: ConntrackTool, model: ServiceModel, changed: ReadonlySet<string> | undefined): void {
  const byAddress = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  const names = changed ?? model.entries.keys();
  for (const name of names) {
    const entry = model.entries.get(name);
    if (entry?.info.protocol === 'udp') add(entry, byAddress, byNodePort);
  }
  if (byAddress.size === 0) return;
  conntrack.deleteUdp(({ destination, destinationPort, replySource, replySourcePort }) => {
    const serving = byAddress.get(`${destination}:${destinationPort}`) ?? byNodePort.get(destinationPort);
    return serving !== undefined && !serving.has(`${replySource}:${replySourcePort}`);
  });
}

function add(
  { info, endpoints }: ServicePortEntry,
  byAddress: Map<string, ReadonlySet<string>>,
  byNodePort: Map<number, ReadonlySet<string>>,
): void {
  const serving = new Set(endpoints.filter((endpoint) => endpoint.serving).map(({ text }) => text));
  for (const ip of [info.clusterIP, ...info.externalIPs, ...info.loadBalancerVIPs]) byAddress.set(`${ip}:${info.port}`, serving);
  if (info.nodePort !== 0) byNodePort.set(info.nodePort, serving);
}
