/** What kube-proxy itself listens on: its health, the health check ports of Services, and in mode userspace a port for each Service port. */
import { connect } from '../linux/net/connect.ts';
import { formatIpv4, parseIpv4 } from '../linux/net/ipv4.ts';
import type { ListeningSocket, Message, Peer, Protocol, Reply, Service } from '../linux/net/socket.ts';
import type { Process } from '../linux/process.ts';
import type { HealthAnswer } from './health.ts';
import type { KubeProxy } from './kube-proxy.ts';
import type { ProxyProtocol } from './service-port.ts';
import type { PortalPorts } from './userspace/proxier.ts';

const HEALTHZ_PORT = 10_256;
/** ip_local_port_range */
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;
const TRIES = 32;

/** Sockets of kube-proxy's process; they close when the process ends. */
// Differs: SCTP has no sockets here, so mode userspace opens no ports for it.
export class ProxySockets implements PortalPorts {
  readonly #process: Process;
  readonly #healthChecks = new Map<number, ListeningSocket>();

  constructor(process: Process) {
    this.#process = process;
  }

  /** Opens :10256 and keeps the health check node ports in step with `kubeProxy`; call it again when Services change. */
  serveHealth(kubeProxy: KubeProxy): void {
    if (!this.#healthChecks.has(HEALTHZ_PORT))
      this.#serve(HEALTHZ_PORT, (path) => (path === '/healthz' || path === '/livez' ? kubeProxy.healthz() : undefined));
    const wanted = kubeProxy.healthCheckPorts();
    for (const [port, socket] of this.#healthChecks) {
      if (port === HEALTHZ_PORT || wanted.has(port)) continue;
      this.#process.context.netns.close(socket);
      this.#healthChecks.delete(port);
    }
    for (const [port, service] of wanted) if (!this.#healthChecks.has(port)) this.#serve(port, () => kubeProxy.healthCheck(service));
  }

  open(protocol: ProxyProtocol, choose: (clientIp: string) => string | undefined): number {
    const { random } = this.#process.machine;
    if (protocol === 'sctp') return 0;
    const service: Service = {
      serve: (process, message, peer) => dialOn(process, protocol === 'tcp' ? 'TCP' : 'UDP', message, choose(formatIpv4(peer.ip))),
    };
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const port = FIRST_PORT + random.int(LAST_PORT - FIRST_PORT + 1);
      if (this.#listen(port, protocol === 'tcp' ? 'TCP' : 'UDP', service) !== undefined) return port;
    }
    throw new Error('listen tcp :0: bind: address already in use');
  }

  close(protocol: ProxyProtocol, port: number): void {
    const { netns } = this.#process.context;
    const socket = netns.listeners.find(
      (each) => each.port === port && each.process === this.#process && each.protocol.toLowerCase() === protocol,
    );
    if (socket !== undefined) netns.close(socket);
  }

  #serve(port: number, answer: (path: string) => HealthAnswer | undefined): void {
    const socket = this.#listen(port, 'TCP', { serve: (_process, message) => httpReply(message, answer) });
    if (socket !== undefined) this.#healthChecks.set(port, socket);
  }

  #listen(port: number, protocol: Protocol, service: Service): ListeningSocket | undefined {
    const socket: ListeningSocket = { protocol, ip: 0, port, process: this.#process, service };
    return this.#process.context.netns.listen(socket) ? socket : undefined;
  }
}

function httpReply(message: Message, answer: (path: string) => HealthAnswer | undefined): Reply | undefined {
  if (message.kind !== 'http') return undefined;
  const found = answer(message.path);
  if (found === undefined) return { kind: 'http', status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n' };
  const headers = Object.entries(found.headers).map(([name, value]) => ({ name, value }));
  return { kind: 'http', status: found.status, contentType: 'application/json', body: found.body, headers };
}

/** The second connection of mode userspace: from the node to the endpoint. */
function dialOn(process: Process, protocol: Protocol, message: Message, endpoint: string | undefined): ReturnType<Service['serve']> {
  const [ip = '', port = ''] = endpoint?.split(':') ?? [];
  const address = parseIpv4(ip);
  if (address === undefined) return undefined;
  const recorder = message.kind === 'http' ? message.recorder : undefined;
  const outcome = connect(process.context.netns, address, Number(port), protocol, recorder && { recorder });
  if (outcome.state !== 'connected') return undefined;
  const peer: Peer = outcome.peer;
  return outcome.socket.service.serve(outcome.socket.process, message, peer);
}
