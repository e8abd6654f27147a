/**
 * The kubelet's network probes, from the node's own namespace, with the texts of Go's HTTP client
 * (`pkg/probe/http/http.go`, `tcp/tcp.go`, `grpc/grpc.go`).
 */
import { connect } from '../linux/net/connect.ts';
import { parseIpv4 } from '../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import type { Destination, ExchangeOutcome } from '../linux/syscalls.ts';
import { exchangeNow } from '../linux/runner.ts';
import type { HttpProbe, ProbeOutcome } from './cri.ts';

/** What a probe finds, and after how many ms. */
export interface Probe {
  readonly outcome: ProbeOutcome;
  readonly afterMs: number;
}

const CLIENT_TIMEOUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
const USER_AGENT = { name: 'User-Agent', value: 'kube-probe/1.33' };
/** The kubelet shows this much of an answer (`maxRespBodyLength`). */
const MAX_BODY = 10 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  refused: 'connect: connection refused',
  'network unreachable': 'connect: network is unreachable',
  'host unreachable': 'connect: no route to host',
};

/** "dial tcp 10.244.1.5:80: connect: connection refused". */
function dialError(state: string, address: string): string {
  return `dial tcp ${address}: ${REASONS[state] ?? 'i/o timeout'}`;
}

const destination = (ip: string, port: number, timeoutMs: number): Destination => ({
  ip: parseIpv4(ip) ?? 0,
  port,
  protocol: 'TCP',
  timeoutMs,
});

/** GET, and success from 200 to 399. */
export function httpProbe(netns: NetworkNamespace, request: HttpProbe): Probe {
  const { scheme, ip, port, headers, timeoutMs } = request;
  const path = request.path.startsWith('/') ? request.path : `/${request.path}`;
  const url = `${scheme.toLowerCase()}://${ip}:${port}${path}`;
  const host = headers.find(({ name }) => name.toLowerCase() === 'host')?.value ?? `${ip}:${port}`;
  const hasAgent = headers.some(({ name }) => name.toLowerCase() === 'user-agent');
  const message = {
    kind: 'http',
    method: 'GET',
    path,
    host,
    headers: hasAgent ? headers : [...headers, USER_AGENT],
    body: '',
    tls: scheme === 'HTTPS',
  } as const;
  const { outcome, afterMs } = exchangeNow(netns, destination(ip, port, timeoutMs), message);
  if (outcome.state === 'answered' && outcome.reply.kind === 'http') {
    const { status, body } = outcome.reply;
    const success = status >= 200 && status < 400;
    return { outcome: { success, output: success ? body.slice(0, MAX_BODY) : `HTTP probe failed with statuscode: ${status}` }, afterMs };
  }
  return { outcome: { success: false, output: `Get "${url}": ${httpError(outcome, `${ip}:${port}`)}` }, afterMs };
}

function httpError(outcome: ExchangeOutcome, address: string): string {
  switch (outcome.state) {
    case 'answered':
      return `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${JSON.stringify(outcome.reply.kind === 'text' ? outcome.reply.text : '')}`;
    case 'closed':
      return 'EOF';
    case 'not tls':
      return 'http: server gave HTTP response to HTTPS client';
    case 'timeout':
    case 'no answer':
      return CLIENT_TIMEOUT;
    default:
      return dialError(outcome.state, address);
  }
}

/** Success when the connection opens. */
export function tcpProbe(netns: NetworkNamespace, { ip, port, timeoutMs }: { ip: string; port: number; timeoutMs: number }): Probe {
  const result = connect(netns, parseIpv4(ip) ?? 0, port, 'TCP');
  if (result.state === 'connected') return { outcome: { success: true, output: '' }, afterMs: 0 };
  const late = result.afterMs >= timeoutMs;
  const output = dialError(late ? 'timeout' : result.state, `${ip}:${port}`);
  return { outcome: { success: false, output }, afterMs: late ? timeoutMs : result.afterMs };
}

/** Success when grpc.health.v1.Health says SERVING. A connection that is refused is tried until the time is over. */
export function grpcProbe(
  netns: NetworkNamespace,
  { ip, port, service, timeoutMs }: { ip: string; port: number; service: string; timeoutMs: number },
): Probe {
  const { outcome, afterMs } = exchangeNow(netns, destination(ip, port, timeoutMs), { kind: 'grpc-health', service });
  // A server that does not speak HTTP/2 never becomes a connection.
  if (outcome.state !== 'answered' || outcome.reply.kind !== 'grpc-health') {
    const output = `timeout: failed to connect service "${ip}:${port}" within ${timeoutMs / 1000}s: context deadline exceeded`;
    return { outcome: { success: false, output }, afterMs: timeoutMs };
  }
  const { reply } = outcome;
  const success = reply.status === 'SERVING';
  const output = success ? 'service healthy' : `service unhealthy (responded with "${reply.status}")`;
  return { outcome: { success, output }, afterMs };
}
