/**
 * Connections that leave HTTP behind: exec and attach over WebSocket (v5.channel.k8s.io, v4.channel.k8s.io) or SPDY/3.1, port-forward over
 * SPDY/3.1, plain or inside a WebSocket (`k8s.io/apiserver/pkg/util/proxy/upgradeaware.go`, `k8s.io/kubelet/pkg/cri/streaming`).
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest, StatusError } from '../../apimachinery/status.ts';
import { asStatusError } from '../http/answer.ts';
import type { ResourceRoute } from '../../apiserver/http/route.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { callerOf, targetOf } from '../resources.ts';
import { forwardPorts } from './port-forward.ts';
import { channelStreams, spdyStreams } from './remote-streams.ts';
import type { RemoteStreams } from './remote-streams.ts';
import { runRemoteCommand } from './remote-command.ts';
import { SpdyConnection } from './spdy.ts';
import { acceptKey, WebSocketConnection } from './websocket.ts';

const CHANNELS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const SPDY_COMMANDS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const FORWARD = 'portforward.k8s.io';
const TUNNEL = `SPDY/3.1+${FORWARD}`;

/** What an upgrade needs. */
export interface UpgradeParts {
  cluster: Cluster;
  wake: () => void;
}

interface Upgrade extends UpgradeParts {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  url: URL;
  route: ResourceRoute & { namespace: string; name: string };
}

/** Takes over connections that ask for another protocol. */
export function acceptUpgrades(server: Server, parts: UpgradeParts): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    try {
      const url = new URL(request.url ?? '/', 'http://localhost');
      upgrade({ ...parts, request, socket, head, url, route: routeOf(url) });
    } catch (error) {
      refuse(socket, asStatusError(error));
    }
  });
}

function refuse(socket: Duplex, { code, status }: StatusError): void {
  const body = `${JSON.stringify(status)}\n`;
  socket.end(
    `HTTP/1.1 ${code} ${status.reason ?? 'Error'}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function routeOf(url: URL): Upgrade['route'] {
  const route = targetOf(url);
  if (
    route?.group !== '' ||
    route.resource !== 'pods' ||
    route.name === undefined ||
    route.namespace === undefined ||
    !['exec', 'attach', 'portforward'].includes(route.subresource ?? '')
  )
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  return { ...route, namespace: route.namespace, name: route.name };
}

function upgrade(call: Upgrade): void {
  const { cluster, request, route, url } = call;
  const caller = callerOf(call);
  const { group, version, resource, namespace, name, subresource } = route;
  cluster.apiServer.authorize({ group, version, resource, namespace, name, subresource, ...caller }, 'create');
  const protocol = (request.headers.upgrade ?? '').toLowerCase();
  if (subresource === 'portforward') {
    cluster.podFor(namespace, name);
    forwardPorts(call, openTunnel(call, protocol), { namespace, pod: name });
    return;
  }
  const target = { namespace, pod: name, container: url.searchParams.get('container') ?? '' };
  const command = subresource === 'exec' ? url.searchParams.getAll('command') : undefined;
  if (command?.length === 0) throw badRequest('you must specify at least 1 container command');
  const flag = (name: string) => url.searchParams.get(name) === 'true' || url.searchParams.get(name) === '1';
  const wants = { stdin: flag('stdin'), stdout: flag('stdout'), stderr: flag('stderr'), tty: flag('tty') };
  if (!wants.stdin && !wants.stdout && !wants.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  cluster.checkSession(target);
  runRemoteCommand(call, target, command, wants, openStreams(call, protocol, wants));
}

/** The streams of exec and attach, once the protocol is agreed on. Throws 400 for one that is not spoken here. */
function openStreams(
  call: Upgrade,
  protocol: string,
  wants: { stdin: boolean; stdout: boolean; stderr: boolean; tty: boolean },
): RemoteStreams {
  if (protocol === 'websocket') return channelStreams(openWebSocket(call, CHANNELS).connection, wants);
  return spdyStreams(openSpdy(call, protocol, SPDY_COMMANDS), wants, () => call.socket.end());
}

function openTunnel(call: Upgrade, protocol: string): SpdyConnection {
  if (protocol !== 'websocket') return openSpdy(call, protocol, [FORWARD]);
  const { connection } = openWebSocket(call, [TUNNEL]);
  const spdy = new SpdyConnection((bytes) => connection.send(bytes));
  connection.onMessage = (bytes) => spdy.receive(bytes);
  return spdy;
}

function openWebSocket({ request, socket, head }: Upgrade, spoken: readonly string[]): { connection: WebSocketConnection } {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = spoken.find((name) => offered.includes(name));
  const key = request.headers['sec-websocket-key'];
  if (chosen === undefined || key === undefined)
    throw badRequest(`unable to upgrade: no common subprotocol: client offers [${offered.join(' ')}], server speaks [${spoken.join(' ')}]`);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\nSec-WebSocket-Protocol: ${chosen}\r\n\r\n`,
  );
  return { connection: new WebSocketConnection(socket, head) };
}

function openSpdy({ request, socket, head }: Upgrade, protocol: string, spoken: readonly string[]): SpdyConnection {
  if (protocol !== 'spdy/3.1') throw badRequest('Upgrade request required');
  const header = request.headers['x-stream-protocol-version'] ?? '';
  const offered = (Array.isArray(header) ? header : header.split(',')).map((name) => name.trim());
  const chosen = spoken.find((name) => offered.includes(name));
  if (chosen === undefined)
    throw new StatusError(403, 'Forbidden', `unable to upgrade: no common protocol: client offers [${offered.join(' ')}]`);
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${chosen}\r\n\r\n`,
  );
  const spdy = new SpdyConnection((bytes) => void (socket.writable && socket.write(bytes)));
  socket.on('data', (chunk: Buffer) => spdy.receive(chunk));
  if (head.length > 0) setImmediate(() => spdy.receive(head));
  return spdy;
}
