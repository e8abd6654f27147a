/** Tools that talk to others: wget, curl, nc, getent, ping, and ip. */
import { ping as sendEcho } from '../../../linux/net/connect.ts';
import { formatIpv4 } from '../../../linux/net/ipv4.ts';
import { macOf } from '../../../linux/net/link.ts';
import { formatRoute } from '../../../linux/net/routes.ts';
import { connectTo, exchange, resolve, type ExchangeOutcome, type Steps } from '../../../linux/syscalls.ts';
import { complain, immediate, type Io, options, pathOf, print, readAll, sleepThrough, type Utility } from './io.ts';

const DEFAULT_TIMEOUT_MS = 120_000;

interface Url {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

function parseUrl(text: string): Url {
  const match = /^(?:(https?):\/\/)?([^/:]+)(?::(\d+))?(\/.*)?$/.exec(text);
  const tls = match?.[1] === 'https';
  return { tls, host: match?.[2] ?? text, port: Number(match?.[3] ?? (tls ? 443 : 80)), path: match?.[4] ?? '/' };
}

type HttpOutcome = { readonly address: string; readonly outcome: ExchangeOutcome } | { readonly unresolved: true };

function* request(
  io: Io,
  url: Url,
  timeoutMs: number,
  what: { method: string; body: string; agent: string; headers?: { name: string; value: string }[] },
): Steps<HttpOutcome> {
  const found = yield* resolve(url.host);
  const ip = 'error' in found ? undefined : found.addresses[0];
  if (ip === undefined) return { unresolved: true };
  const headers = [...(what.headers ?? []), { name: 'User-Agent', value: what.agent }];
  const hostHeader = what.headers?.find(({ name }) => name.toLowerCase() === 'host')?.value;
  const host = hostHeader ?? (url.port === 80 || url.port === 443 ? url.host : `${url.host}:${url.port}`);
  const message = { kind: 'http', method: what.method, path: url.path, host, headers, body: what.body, tls: url.tls } as const;
  const outcome = yield* exchange({ ip, port: url.port, protocol: 'TCP', timeoutMs }, message);
  return { address: `${formatIpv4(ip)}:${url.port}`, outcome };
}

const WGET_REASONS: Readonly<Record<string, string>> = {
  refused: 'Connection refused',
  'network unreachable': 'Network is unreachable',
  'host unreachable': 'No route to host',
};

const wget: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'OT');
  const text = operands[0];
  if (text === undefined) return complain(io, 'missing URL');
  const url = parseUrl(text);
  const timeout = Number(values.get('T') ?? values.get('timeout') ?? 0) * 1000 || DEFAULT_TIMEOUT_MS;
  const quiet = flags.has('q');
  const result = yield* request(io, url, timeout, { method: 'GET', body: values.get('post-data') ?? '', agent: 'Wget' });
  if ('unresolved' in result) return complain(io, `bad address '${url.host}'`);
  if (!quiet) io.stderr.write(`Connecting to ${url.host}${url.port === 80 ? '' : `:${url.port}`} (${result.address})\n`);
  const { outcome } = result;
  if (outcome.state === 'timeout' || outcome.state === 'no answer') return complain(io, 'download timed out');
  if (outcome.state !== 'answered')
    return complain(
      io,
      WGET_REASONS[outcome.state] === undefined
        ? 'error getting response'
        : `can't connect to remote host (${result.address.split(':')[0] ?? ''}): ${WGET_REASONS[outcome.state] ?? ''}`,
    );
  if (outcome.reply.kind !== 'http') return complain(io, 'bad header line');
  if (outcome.reply.status >= 400)
    return complain(io, `server returned error: HTTP/1.1 ${outcome.reply.status} ${statusText(outcome.reply.status)}`);
  if (flags.has('spider')) return 0;
  const name = values.get('O') ?? (url.path.replace(/\?.*/, '').replace(/^.*\//, '') || 'index.html');
  if (name === '-') print(io, outcome.reply.body);
  else {
    io.process.context.fs.write(pathOf(io, name), outcome.reply.body);
    if (!quiet) io.stderr.write(`saving to '${name}'\n'${name}' saved\n`);
  }
  return 0;
};

const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Found',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
const statusText = (status: number): string => STATUS_TEXTS[status] ?? '';

const headerLines = (headers: readonly { readonly name: string; readonly value: string }[] = []): string =>
  headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');

const CURL_CODES: Readonly<Record<string, number>> = {
  refused: 7,
  'network unreachable': 7,
  'host unreachable': 7,
  timeout: 28,
  'no answer': 28,
  closed: 52,
  'not tls': 35,
};

const curl: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'omXHdwuA');
  const text = operands[0];
  if (text === undefined) return complain(io, "try 'curl --help' for more information", 2);
  const url = parseUrl(text);
  const seconds = Number(values.get('m') ?? values.get('max-time') ?? values.get('connect-timeout') ?? 0);
  const body = values.get('d') ?? values.get('data') ?? '';
  const method = values.get('X') ?? (flags.has('I') ? 'HEAD' : body === '' ? 'GET' : 'POST');
  const [headerName = '', ...headerValue] = (values.get('H') ?? '').split(':');
  const headers = headerName === '' ? [] : [{ name: headerName, value: headerValue.join(':').trim() }];
  const result = yield* request(io, url, seconds * 1000 || DEFAULT_TIMEOUT_MS, { method, body, agent: 'curl/8.14.1', headers });
  const silent = (flags.has('s') || flags.has('silent')) && !flags.has('S');
  const fail = (code: number, message: string) => {
    if (!silent) io.stderr.write(`curl: (${code}) ${message}\n`);
    return code;
  };
  if ('unresolved' in result) return fail(6, `Could not resolve host: ${url.host}`);
  const { outcome } = result;
  if (outcome.state !== 'answered') {
    const code = CURL_CODES[outcome.state] ?? 7;
    if (code === 28) return fail(28, `Connection timed out after ${seconds * 1000 || DEFAULT_TIMEOUT_MS} milliseconds`);
    return fail(
      code,
      code === 52
        ? 'Empty reply from server'
        : code === 35
          ? 'SSL routines::wrong version number'
          : `Failed to connect to ${url.host} port ${url.port} after 0 ms: Could not connect to server`,
    );
  }
  if (outcome.reply.kind !== 'http') return fail(1, 'Received HTTP/0.9 when not allowed');
  const { status, contentType, certificate } = outcome.reply;
  const trusted = certificate === undefined || flags.has('k') || flags.has('insecure');
  if (!trusted) return fail(60, 'SSL certificate problem: unable to get local issuer certificate');
  if ((flags.has('f') || flags.has('fail')) && status >= 400) return fail(22, `The requested URL returned error: ${status}`);
  const head = `HTTP/1.1 ${status} ${statusText(status)}\r\nContent-Type: ${contentType}\r\nContent-Length: ${outcome.reply.body.length}\r\n${headerLines(outcome.reply.headers)}\r\n`;
  const shown = (flags.has('i') || flags.has('I') ? head : '') + (flags.has('I') ? '' : outcome.reply.body);
  const file = values.get('o');
  if (file === undefined) print(io, shown);
  else if (file !== '/dev/null') io.process.context.fs.write(pathOf(io, file), shown);
  print(io, (values.get('w') ?? '').replaceAll('%{http_code}', String(status)).replaceAll('\\n', '\n'));
  return 0;
};

const nc: Utility = function* (io) {
  const { flags, values, operands } = options(io, 'w');
  const [host = '', port = ''] = operands;
  const found = yield* resolve(host);
  const ip = 'error' in found ? undefined : found.addresses[0];
  if (ip === undefined) return complain(io, `bad address '${host}'`);
  const timeoutMs = Number(values.get('w') ?? 0) * 1000 || DEFAULT_TIMEOUT_MS;
  const to = { ip, port: Number(port), protocol: flags.has('u') ? 'UDP' : 'TCP', timeoutMs } as const;
  const label = `${host} (${formatIpv4(ip)}:${port})`;
  const connection = yield* connectTo(to);
  if (connection.state !== 'connected') return complain(io, `${label}: ${WGET_REASONS[connection.state] ?? 'Operation timed out'}`);
  if (flags.has('v')) io.stderr.write(`${label} open\n`);
  if (flags.has('z')) return 0;
  const text = yield* readAll(io);
  const answer = yield* exchange(to, { kind: 'text', text });
  if (answer.state === 'answered' && answer.reply.kind === 'text') print(io, answer.reply.text);
  return 0;
};

const ping: Utility = function* (io) {
  const { values, operands } = options(io, 'cwWi');
  const host = operands[0] ?? '';
  const found = yield* resolve(host);
  const ip = 'error' in found ? undefined : found.addresses[0];
  if (ip === undefined) return complain(io, `bad address '${host}'`);
  const count = Number(values.get('c') ?? Infinity);
  const { netns } = io.process.context;
  print(io, `PING ${host} (${formatIpv4(ip)}): 56 data bytes\n`);
  let received = 0;
  let sent = 0;
  while (sent < count) {
    const outcome = sendEcho(netns, ip, { sequence: sent });
    if (outcome.state === 'answered') {
      received++;
      if (!print(io, `64 bytes from ${formatIpv4(ip)}: seq=${sent} ttl=${outcome.ttl} time=0.100 ms\n`)) return 141;
    }
    sent++;
    if (sent < count && !(yield* sleepThrough(io, 1000))) break;
  }
  print(
    io,
    `\n--- ${host} ping statistics ---\n${sent} packets transmitted, ${received} packets received, ${Math.round(((sent - received) / sent) * 100)}% packet loss\n`,
  );
  return received > 0 ? 0 : 1;
};

/** `getent hosts` and `getent ahosts` of glibc and musl. 2: not found. */
const getent: Utility = function* (io) {
  const [database = '', ...names] = options(io).operands;
  if (database !== 'hosts' && database !== 'ahosts' && database !== 'ahostsv4') return complain(io, `Unknown database: ${database}`, 1);
  for (const name of names) {
    const found = yield* resolve(name);
    if ('error' in found) return 2;
    for (const ip of found.addresses) print(io, `${formatIpv4(ip).padEnd(15)} ${found.name ?? name}\n`);
  }
  return 0;
};

function showNetwork(io: Io): number {
  const what = io.argv.slice(1).find((word) => !word.startsWith('-')) ?? '';
  const { netns } = io.process.context;
  if ('route'.startsWith(what) && what !== '') {
    for (const route of [...netns.routes.list()].reverse()) print(io, `${formatRoute(route)}\n`);
    return 0;
  }
  if (!'address'.startsWith(what) && !'link'.startsWith(what))
    return complain(io, `"${what}" is not simulated here: only address, link and route are`);
  for (const link of netns.links) {
    const flags = `${link.kind === 'loopback' ? 'LOOPBACK' : 'BROADCAST,MULTICAST'}${link.up ? ',UP' : ''}${link.carrier ? ',LOWER_UP' : ''}`;
    print(io, `${link.index}: ${link.name}${link.peer === undefined ? '' : `@if${link.peer.index}`}: <${flags}> mtu ${link.mtu}\n`);
    print(io, `    link/${link.kind === 'loopback' ? 'loopback' : 'ether'} ${macOf(link)}\n`);
    if ('link'.startsWith(what)) continue;
    for (const address of link.addresses)
      print(
        io,
        `    inet ${formatIpv4(address.ip)}/${address.prefixLength} scope ${link.kind === 'loopback' ? 'host' : 'global'} ${link.name}\n`,
      );
  }
  return 0;
}

/** Tools by name. */
export const NETWORK_UTILITIES: Readonly<Record<string, Utility>> = { wget, curl, nc, getent, ping, ip: immediate(showNetwork) };
