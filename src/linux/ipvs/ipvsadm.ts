/** ipvsadm(8): its commands as text in, its lists as text out (ipvsadm 1.31). */
import { formatIpv4, parseIpv4, type Ipv4 } from '../net/ipv4.ts';
import { CONNECTION_TABLE_SIZE, type IpvsConnection } from './connections.ts';
import { findServer, type Ipvs } from './ipvs.ts';
import type { ForwardingMethod, IpvsProtocol, IpvsStats, RealServer, SchedulerFlag, VirtualServer } from './types.ts';

/** How a run of ipvsadm ended. */
export interface IpvsadmResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const OK: IpvsadmResult = { exitCode: 0, stdout: '', stderr: '' };
const failed = (stderr: string, exitCode = 255): IpvsadmResult => ({ exitCode, stdout: '', stderr: `${stderr}\n` });

const PROTOCOL_OF_OPTION: Readonly<Record<string, IpvsProtocol>> = {
  '-t': 'tcp',
  '--tcp-service': 'tcp',
  '-u': 'udp',
  '--udp-service': 'udp',
  '--sctp-service': 'sctp',
};
const METHOD_OF_OPTION: Readonly<Record<string, ForwardingMethod>> = {
  '-m': 'masq',
  '--masquerading': 'masq',
  '-g': 'droute',
  '--gatewaying': 'droute',
  '-i': 'tunnel',
  '--ipip': 'tunnel',
};
const METHOD_NAME: Readonly<Record<ForwardingMethod, string>> = { masq: 'Masq', droute: 'Route', tunnel: 'Tunnel' };
/** What a flag is called for schedulers that have a name for it. */
const FLAG_NAMES: Readonly<Record<string, Readonly<Partial<Record<SchedulerFlag, string>>>>> = {
  sh: { 'flag-1': 'sh-fallback', 'flag-2': 'sh-port' },
  mh: { 'flag-1': 'mh-fallback', 'flag-2': 'mh-port' },
};

interface Endpoint {
  readonly ip: Ipv4;
  readonly port: number;
}

/** What the words of a command say. */
interface Command {
  action: string;
  protocol: IpvsProtocol;
  service: Endpoint | undefined;
  server: Endpoint | undefined;
  scheduler: string;
  persistentSeconds: number;
  flags: readonly SchedulerFlag[];
  weight: number;
  method: ForwardingMethod;
  connections: boolean;
  stats: boolean;
  sort: boolean;
  timeouts: readonly number[];
}

/** Runs `ipvsadm` with these words: ["-A", "-t", "10.96.0.1:443", "-s", "rr"]. */
export function ipvsadm(ipvs: Ipvs, words: readonly string[]): IpvsadmResult {
  const command = parseCommand(words);
  if (typeof command === 'string') return failed(command, 2);
  if (command.action === '-L') return { ...OK, stdout: list(ipvs, command) };
  if (command.action === '-C') {
    ipvs.flush();
    return OK;
  }
  if (command.action === '--set') {
    const [tcp = 0, tcpFin = 0, udp = 0] = command.timeouts;
    Object.assign(ipvs.connections.timeouts, { tcp, tcpFin, udp });
    return OK;
  }
  if (command.service === undefined) return failed("Need to supply the 'service-address' option", 2);
  return command.server === undefined || 'AED'.includes(command.action.slice(1)) ? onService(ipvs, command) : onServer(ipvs, command);
}

/** `ipvsadm-restore`: one command a line, without the command's name. Stops at the first that fails. */
export function ipvsadmRestore(ipvs: Ipvs, text: string): IpvsadmResult {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const result = ipvsadm(ipvs, line.trim().split(/\s+/));
    if (result.exitCode !== 0) return result;
  }
  return OK;
}

/** `ipvsadm-save -n`: what ipvsadm-restore reads, in the kernel's order turned round, so that restoring gives the same lists. */
export function ipvsadmSave(ipvs: Ipvs): string {
  const option = { tcp: '-t', udp: '-u', sctp: '--sctp-service' };
  const method = { masq: '-m', droute: '-g', tunnel: '-i' };
  let text = '';
  for (const service of ipvs.services()) {
    const address = `${option[service.protocol]} ${addressText(service)}`;
    const persistent = service.persistentSeconds > 0 ? ` -p ${service.persistentSeconds}` : '';
    const flags = service.flags.length > 0 ? ` -b ${flagNames(service)}` : '';
    text += `-A ${address} -s ${service.schedulerName}${persistent}${flags}\n`;
    for (const server of [...service.servers].reverse())
      text += `-a ${address} -r ${addressText(server)} ${method[server.method]} -w ${server.weight}\n`;
  }
  return text;
}

function onService(ipvs: Ipvs, { action, protocol, service: address, scheduler, persistentSeconds, flags }: Command): IpvsadmResult {
  const { ip, port } = address ?? { ip: 0, port: 0 };
  const service = ipvs.service({ protocol, ip, port });
  const settings = { scheduler, persistentSeconds, flags };
  if (action === '-A') {
    if (service !== undefined) return failed('Service already exists');
    return ipvs.addService({ protocol, ip, port }, settings) === undefined ? failed('Scheduler or persistence engine not found') : OK;
  }
  if (service === undefined) return failed(action === '-D' ? 'No such service' : 'Service not defined');
  if (action === '-E') return ipvs.editService(service, settings) ? OK : failed('Scheduler or persistence engine not found');
  ipvs.deleteService(service);
  return OK;
}

function onServer(ipvs: Ipvs, { action, protocol, service: address, server: real, weight, method }: Command): IpvsadmResult {
  const service = ipvs.service({ protocol, ip: address?.ip ?? 0, port: address?.port ?? 0 });
  if (service === undefined) return failed('Service not defined');
  const { ip, port } = { ip: real?.ip ?? 0, port: real?.port || service.port };
  const server = findServer(service, ip, port);
  if (action === '-a') return ipvs.addServer(service, ip, port, weight, method) === undefined ? failed('Destination already exists') : OK;
  if (server === undefined) return failed('No such destination');
  if (action === '-e') ipvs.editServer(service, server, weight, method);
  else ipvs.deleteServer(service, server);
  return OK;
}

const ACTIONS = new Set(['-A', '-E', '-D', '-a', '-e', '-d', '-C', '-L', '-l', '--set']);

function parseCommand(words: readonly string[]): Command | string {
  const command: Command = {
    action: '-L',
    protocol: 'tcp',
    service: undefined,
    server: undefined,
    scheduler: 'wlc',
    persistentSeconds: 0,
    flags: [],
    weight: 1,
    method: 'droute',
    connections: false,
    stats: false,
    sort: true,
    timeouts: [],
  };
  const rest = words.flatMap((word) => (/^-[Ll][nc]+$/.test(word) ? ['-L', ...[...word.slice(2)].map((letter) => `-${letter}`)] : [word]));
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i] ?? '';
    const next = rest[i + 1] ?? '';
    if (ACTIONS.has(word)) {
      command.action = word === '-l' ? '-L' : word;
      if (word === '--set') command.timeouts = rest.slice(i + 1, (i += 3) + 1).map(Number);
    } else if (PROTOCOL_OF_OPTION[word] !== undefined) {
      command.protocol = PROTOCOL_OF_OPTION[word];
      command.service = parseEndpoint(next);
      if (command.service === undefined) return `illegal virtual server address[:port] specified`;
      i++;
    } else if (METHOD_OF_OPTION[word] !== undefined) command.method = METHOD_OF_OPTION[word];
    else if (word === '-n' || word === '--numeric' || word === '--exact') continue;
    else if (word === '-c' || word === '--connection') command.connections = true;
    else if (word === '--stats') command.stats = true;
    else if (word === '--sort' || word === '--nosort') command.sort = word === '--sort';
    else {
      const problem = valueOption(command, word, next);
      if (problem !== undefined) return problem;
      i++;
    }
  }
  return command;
}

/** An option that takes a value; undefined when it was understood. */
function valueOption(command: Command, word: string, value: string): string | undefined {
  if (word === '-r' || word === '--real-server') {
    command.server = parseEndpoint(value);
    return command.server === undefined ? 'illegal real server address[:port] specified' : undefined;
  }
  if (word === '-s' || word === '--scheduler') command.scheduler = value;
  else if (word === '-p' || word === '--persistent') command.persistentSeconds = Number(value) || 300;
  else if (word === '-w' || word === '--weight') command.weight = Number(value) || 0;
  else if (word === '-b' || word === '--sched-flags') command.flags = value.split(',').map(parseFlag);
  else return `ipvsadm: unrecognized option '${word}'`;
  return undefined;
}

function parseFlag(text: string): SchedulerFlag {
  if (text === 'flag-1' || text.endsWith('-fallback')) return 'flag-1';
  return text === 'flag-2' || text.endsWith('-port') ? 'flag-2' : 'flag-3';
}

function parseEndpoint(text: string): Endpoint | undefined {
  const [address = '', port = '0'] = text.split(':');
  const ip = parseIpv4(address);
  return ip === undefined ? undefined : { ip, port: Number(port) };
}

const addressText = ({ ip, port }: Endpoint): string => `${formatIpv4(ip)}:${port}`;
const flagNames = ({ schedulerName, flags }: VirtualServer): string =>
  flags.map((flag) => FLAG_NAMES[schedulerName]?.[flag] ?? flag).join(',');

function list(ipvs: Ipvs, { service: only, protocol, connections, stats, sort }: Command): string {
  ipvs.connections.expire(ipvs.now);
  if (connections) return connectionList(ipvs);
  let services = [...ipvs.services()];
  if (only !== undefined)
    services = services.filter((service) => service.ip === only.ip && service.port === only.port && service.protocol === protocol);
  if (sort) services.sort((one, other) => ORDER[one.protocol] - ORDER[other.protocol] || one.ip - other.ip || one.port - other.port);
  const lines = services.flatMap((service) => {
    const servers = sort ? [...service.servers].sort((one, other) => one.ip - other.ip || one.port - other.port) : service.servers;
    return stats ? [statsOf(service), ...servers.map(statsOfServer)] : [serviceLine(service), ...servers.map(serverLine)];
  });
  const heading = stats
    ? `IP Virtual Server version 1.2.1 (size=${CONNECTION_TABLE_SIZE})\nProt LocalAddress:Port               Conns   InPkts  OutPkts  InBytes OutBytes\n  -> RemoteAddress:Port\n`
    : `IP Virtual Server version 1.2.1 (size=${CONNECTION_TABLE_SIZE})\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n`;
  return heading + lines.join('');
}

const ORDER: Readonly<Record<IpvsProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 };
const nameOf = (service: VirtualServer): string => `${service.protocol.toUpperCase().padEnd(4)} ${addressText(service)}`;

function serviceLine(service: VirtualServer): string {
  const flags = service.flags.length > 0 ? ` (${flagNames(service)})` : '';
  const persistent = service.persistentSeconds > 0 ? ` persistent ${service.persistentSeconds}` : '';
  return `${nameOf(service)} ${service.schedulerName}${flags}${persistent}\n`;
}

function serverLine(server: RealServer): string {
  const counts = `${String(server.weight).padEnd(6)} ${String(server.active).padEnd(10)} ${String(server.inactive).padEnd(10)}`;
  return `  -> ${addressText(server).padEnd(28)} ${METHOD_NAME[server.method].padEnd(7)} ${counts}\n`;
}

const statsColumns = ({ connections, inPackets, outPackets, inBytes, outBytes }: IpvsStats): string =>
  [connections, inPackets, outPackets, inBytes, outBytes].map(largeNumber).join('');

/** Nine characters: 12345, 123456K, 123M. */
function largeNumber(value: number): string {
  for (const [unit, divisor] of [
    ['', 1],
    ['K', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const) {
    if (value / divisor < 1e8) return `${Math.floor(value / divisor)}${unit}`.padStart(9);
  }
  return `${Math.floor(value / 1e12)}T`.padStart(9);
}

const statsOf = (service: VirtualServer): string => `${nameOf(service).padEnd(33)}${statsColumns(service.stats)}\n`;
const statsOfServer = (server: RealServer): string => `  -> ${addressText(server).padEnd(28)}${statsColumns(server.stats)}\n`;

function connectionList(ipvs: Ipvs): string {
  let text = 'IPVS connection entries\npro expire state       source             virtual            destination\n';
  for (const connection of ipvs.connections.all()) text += connectionLine(connection, ipvs.now);
  return text;
}

function connectionLine(
  { protocol, state, expiresAt, client, clientPort, virtualIp, virtualPort, server }: IpvsConnection,
  now: number,
): string {
  const seconds = Math.max(0, Math.floor((expiresAt - now) / 1000));
  const time = `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
  const source = addressText({ ip: client, port: clientPort });
  const virtual = addressText({ ip: virtualIp, port: virtualPort });
  return `${protocol.toUpperCase().padEnd(3)} ${time}  ${state.padEnd(11)} ${source.padEnd(18)} ${virtual.padEnd(18)} ${addressText(server)}\n`;
}
