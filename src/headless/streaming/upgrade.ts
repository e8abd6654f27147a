/**
 * Connections that leave HTTP behind: exec and attach over WebSocket (v5.channel.k8s.io, v4.channel.k8s.io) or SPDY/3.1, port-forward over
 * SPDY/3.1, plain or inside a WebSocket (`k8s.io/apiserver/pkg/util/proxy/upgradeaware.go`, `k8s.io/kubelet/pkg/cri/streaming`).
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import { badRequest, StatusError } from '../../apimachinery/status.ts';
import { asStatusError } from '../http/answer.ts';
import type { ResourceRoute } from '../../apiserver/http/route.ts';
import { admitConnect } from '../../apiserver/subresources/connect.ts';
import type { ConnectOptions, ConnectRequest } from '../../apiserver/subresources/connect.ts';
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
const STREAMS = ['exec', 'attach', 'portforward'] as const;
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
  route: ResourceRoute & Pick<ConnectRequest, 'namespace' | 'name' | 'subresource'>;
}

/** Takes over connections that ask for another protocol. */
export function acceptUpgrades(server: Server | TlsServer, parts: UpgradeParts): void {
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
  const subresource = STREAMS.find((name) => name === route?.subresource);
  if (
    route?.group !== '' ||
    route.resource !== 'pods' ||
    route.name === undefined ||
    route.namespace === undefined ||
    subresource === undefined
  )
    throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  return { ...route, namespace: route.namespace, name: route.name, subresource };
}

function upgrade(call: Upgrade): void {
  const { cluster, request, route } = call;
  const caller = callerOf(call);
  const { group, version, resource, namespace, name, subresource } = route;
  cluster.apiServer.authorize({ group, version, resource, namespace, name, subresource, ...caller }, 'create');
  const options = admitted(call, caller);
  const protocol = (request.headers.upgrade ?? '').toLowerCase();
  if (subresource === 'portforward') {
    cluster.podFor(namespace, name);
    forwardPorts(call, openTunnel(call, protocol), { namespace, pod: name });
    return;
  }
  const { container = '', stdin = false, stdout = false, stderr = false, tty = false } = options;
  const target = { namespace, pod: name, container };
  const command = subresource === 'exec' ? (options.command ?? []) : undefined;
  if (command?.length === 0) throw badRequest('you must specify at least 1 container command');
  const wants = { stdin, stdout, stderr, tty };
  if (!wants.stdin && !wants.stdout && !wants.stderr) throw badRequest('you must specify at least 1 of stdin, stdout, stderr');
  cluster.checkSession(target);
  runRemoteCommand(call, target, command, wants, openStreams(call, protocol, wants));
}

/** The options of the query as policies and webhooks leave them. */
function admitted({ cluster, url, route, wake }: Upgrade, caller: Pick<ConnectRequest, 'user' | 'userAgent'>): ConnectOptions {
  const { namespace, name, subresource } = route;
  const { searchParams } = url;
  const flag = (field: 'stdin' | 'stdout' | 'stderr' | 'tty') => ['true', '1'].includes(searchParams.get(field) ?? '') && { [field]: true };
  const container = searchParams.get('container');
  const ports = searchParams.getAll('ports').flatMap((list) => list.split(',').map(Number));
  const options: ConnectOptions =
    subresource === 'portforward'
      ? { ...(ports.length > 0 && { ports }) }
      : {
          ...flag('stdin'),
          ...flag('stdout'),
          ...flag('stderr'),
          ...flag('tty'),
          ...(container && { container }),
          ...(subresource === 'exec' && { command: searchParams.getAll('command') }),
        };
  const who = { namespace, name, subresource, ...caller };
  const done = cluster.sim.perform(caller.userAgent, subresource, `pods/${name}`, () => admitConnect(cluster.apiServer, who, options));
  wake();
  return done;
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
