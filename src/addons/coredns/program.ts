/**
 * The program /coredns (`coredns/coremain/run.go`): reads its Corefile, listens where the blocks say, answers, reads
 * the Corefile again when it has changed, and ends after its lameduck time.
 */
import { emptyReply } from '../../linux/net/dns.ts';
import type { DnsReply } from '../../linux/net/dns.ts';
import { parseIpv4 } from '../../linux/net/ipv4.ts';
import type { HttpReply, ListeningSocket, Message, Peer, Protocol, Service } from '../../linux/net/socket.ts';
import type { Executable, Process } from '../../linux/process.ts';
import { PAUSE, sleep, type Program } from '../../linux/syscalls.ts';
import { Random } from '../../sim/random.ts';
import { Server } from './chain.ts';
import { serverConfig } from './config.ts';
import type { ServerConfig } from './config.ts';
import { CorefileError, parseCorefile } from './corefile.ts';
import type { DnsIndex } from './dns-index.ts';
import { longestZone } from './kubernetes-plugin.ts';

const HANDLED = ['SIGTERM', 'SIGINT'] as const;
const DEFAULT_COREFILE = '/etc/coredns/Corefile';
const MIB = 1024 * 1024;
const MEMORY_BYTES = 15 * MIB;
const MILLI_CPU = 2;
/** From the start to the first answer: mostly the first list of the API's objects. */
const STARTUP_MS = 500;
const VERSION = 'CoreDNS-1.12.0\nlinux/amd64, go1.23.3, 51e11f1\n';

/** The executable of all CoreDNS pods of a cluster. */
export function coreDns(index: DnsIndex): Executable {
  return (process) => run(process, index);
}

function* run(process: Process, index: DnsIndex): Program {
  process.handles = HANDLED;
  process.use({ memoryBytes: MEMORY_BYTES, milliCpu: MILLI_CPU });
  const file = corefilePath(process);
  const text = process.context.fs.read(file) ?? '';
  const configs = configsOf(text, file);
  if (typeof configs === 'string') {
    process.printError(`${configs}\n`);
    return 1;
  }
  if ((yield* sleep(STARTUP_MS)) !== undefined) return 0;
  const instance = new Instance(process, index, file);
  const taken = instance.start(text, configs);
  if (taken !== undefined) {
    process.printError(`${taken}\n`);
    return 1;
  }
  process.print(VERSION);
  const loop = instance.findLoop();
  if (loop !== undefined) {
    process.printError(`[FATAL] plugin/loop: ${loop}\n`);
    return 1;
  }
  const signal = (yield PAUSE) as string;
  process.print(`[INFO] ${signal}: Shutting down servers then terminating\n`);
  const lameduckMs = instance.lameduckMs;
  if (lameduckMs > 0) {
    process.print(`[INFO] plugin/health: Going into lameduck mode for ${lameduckMs / 1000}s\n`);
    yield* sleep(lameduckMs);
  }
  return 0;
}

function corefilePath(process: Process): string {
  const { argv } = process;
  const flag = argv.findIndex((word) => word === '-conf' || word === '--conf');
  const inline = argv.find((word) => /^--?conf=/.test(word))?.replace(/^--?conf=/, '');
  return inline ?? (flag >= 0 ? argv[flag + 1] : undefined) ?? DEFAULT_COREFILE;
}

/** The settings of all blocks, or what is wrong with the file. */
function configsOf(text: string, file: string): ServerConfig[] | string {
  try {
    return parseCorefile(text, file).map((block) => serverConfig(block, file));
  } catch (error) {
    if (error instanceof CorefileError) return error.message;
    throw error;
  }
}

/** What one process serves: replaced in one go when the Corefile changes. */
class Instance {
  readonly #process: Process;
  readonly #index: DnsIndex;
  readonly #file: string;
  readonly #random: Random;
  #servers: readonly Server[] = [];
  #sockets: ListeningSocket[] = [];
  #text = '';

  constructor(process: Process, index: DnsIndex, file: string) {
    this.#process = process;
    this.#index = index;
    this.#file = file;
    this.#random = process.machine.random.fork(`coredns/${process.context.label}/${process.startedAt}`);
  }

  /** Listens as the settings say. Returns why it cannot. */
  start(text: string, configs: readonly ServerConfig[]): string | undefined {
    const { netns } = this.#process.context;
    for (const socket of this.#sockets) netns.close(socket);
    this.#sockets = [];
    this.#text = text;
    this.#servers = configs.map((config) => new Server(config, this.#process, this.#index, this.#random));
    for (const [port, servers] of this.#byPort()) {
      for (const protocol of ['UDP', 'TCP'] as const) {
        if (!this.#listen(port, protocol, new DnsService(servers, protocol)))
          return `Listen: listen tcp :${port}: bind: address already in use`;
      }
      for (const { config } of servers)
        for (const { zone, port: own } of config.zones) if (own === port) this.#process.print(`${zone}:${port}\n`);
    }
    for (const { config } of this.#servers) {
      if (config.health) this.#listen(config.health.port, 'TCP', httpService({ '/health': () => 'OK' }));
      if (config.readyPort)
        this.#listen(config.readyPort, 'TCP', httpService({ '/ready': () => (this.#index.hasSynced ? 'OK' : undefined) }));
      if (config.metricsPort) this.#listen(config.metricsPort, 'TCP', httpService({ '/metrics': () => this.#metrics() }));
      if (config.kubernetes?.pods === 'verified') this.#index.watchPods();
      for (const name of config.ignored) this.#process.print(`[WARNING] plugin/${name}: not simulated, has no effect\n`);
    }
    const reload = configs.find((config) => config.reload !== undefined)?.reload;
    if (reload !== undefined) {
      // Differs: the checksum in the log is not SHA-512's; it only changes when the Corefile does.
      this.#process.print(`[INFO] plugin/reload: Running configuration SHA512 = ${new Random(text).hex(128)}\n`);
      this.#watchFile(reload.intervalMs + this.#random.int(Math.max(1, reload.jitterMs)) - reload.jitterMs / 2);
    }
    return undefined;
  }

  get lameduckMs(): number {
    return Math.max(0, ...this.#servers.map(({ config }) => config.health?.lameduckMs ?? 0));
  }

  #byPort(): Map<number, Server[]> {
    const ports = new Map<number, Server[]>();
    for (const server of this.#servers) {
      for (const port of new Set(server.config.zones.map((zone) => zone.port))) ports.set(port, [...(ports.get(port) ?? []), server]);
    }
    return ports;
  }

  #listen(port: number, protocol: Protocol, service: Service): boolean {
    const socket: ListeningSocket = { protocol, ip: 0, port, process: this.#process, service };
    const works = this.#process.context.netns.listen(socket);
    if (works) this.#sockets.push(socket);
    return works;
  }

  /** The `reload` plugin: looks at the file again and again, while the process lives and this Corefile is in use. */
  #watchFile(intervalMs: number): void {
    const { machine, context } = this.#process;
    const look = () => {
      if (!this.#process.alive) return;
      const text = context.fs.read(this.#file);
      if (text === undefined || text === this.#text) this.#watchFile(intervalMs);
      else this.#reload(text, intervalMs);
    };
    machine.scope.after(intervalMs, 'Corefile read', context.label, look, { background: true });
  }

  #reload(text: string, intervalMs: number): void {
    const configs = configsOf(text, this.#file);
    if (typeof configs === 'string') {
      this.#text = text;
      this.#process.printError(
        `[ERROR] Restart failed: ${configs}\n[ERROR] plugin/reload: Corefile changed but reload failed: ${configs}\n`,
      );
      return this.#watchFile(intervalMs);
    }
    this.#process.print('[INFO] Reloading\n');
    this.start(text, configs);
    this.#process.print('[INFO] Reloading complete\n');
  }

  /** The `loop` plugin: sends a question that nobody else asks, and sees whether it comes back. */
  findLoop(): string | undefined {
    for (const server of this.#servers) {
      if (!server.config.loop || server.config.forwards.length === 0) continue;
      const isOwn = (address: string) => this.#process.context.netns.isLocal(parseIpv4(address) ?? 0);
      const upstream = server.config.forwards.flatMap((rule) => server.upstreams(rule)).find(isOwn);
      if (upstream === undefined) continue;
      const name = `${this.#random.uint32()}${this.#random.uint32()}.${this.#random.uint32()}${this.#random.uint32()}.`;
      const zone = server.config.forwards[0]?.from ?? '.';
      const port = this.#process.context.netns.ephemeralPort();
      return `Loop (${upstream}:${port} -> :53) detected for zone "${zone}", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO ${name}"`;
    }
    return undefined;
  }

  /** What Prometheus reads: the questions by type and answers by code. */
  #metrics(): string {
    const requests = new Map<string, number>();
    const responses = new Map<string, number>();
    for (const { counts } of this.#servers) {
      for (const [kind, count] of counts) {
        const [type = '', rcode = ''] = kind.split(' ');
        requests.set(type, (requests.get(type) ?? 0) + count);
        responses.set(rcode, (responses.get(rcode) ?? 0) + count);
      }
    }
    const family = (name: string, help: string, label: string, values: Map<string, number>) =>
      `# HELP ${name} ${help}\n# TYPE ${name} counter\n` +
      [...values].map(([value, count]) => `${name}{server="dns://:53",${label}="${value}",zone="."} ${count}\n`).join('');
    return (
      family('coredns_dns_requests_total', 'Counter of DNS requests made per zone, protocol and family.', 'type', requests) +
      family('coredns_dns_responses_total', 'Counter of response status codes.', 'rcode', responses)
    );
  }
}

/** Port 53: the server whose zone is the longest that holds the name. */
class DnsService implements Service {
  readonly #servers: readonly { readonly server: Server; readonly zones: readonly string[] }[];
  readonly #protocol: 'udp' | 'tcp';

  constructor(servers: readonly Server[], protocol: Protocol) {
    this.#servers = servers.map((server) => ({ server, zones: server.config.zones.map(({ zone }) => zone) }));
    this.#protocol = protocol === 'UDP' ? 'udp' : 'tcp';
  }

  serve(_process: Process, message: Message, peer: Peer): DnsReply | undefined | 'silent' {
    if (message.kind !== 'dns') return this.#protocol === 'udp' ? 'silent' : undefined;
    const name = message.name.toLowerCase();
    let best: Server | undefined;
    let length = 0;
    for (const { server, zones } of this.#servers) {
      const zone = longestZone(zones, name);
      if (zone === undefined || zone.length <= length) continue;
      best = server;
      length = zone.length;
    }
    return best === undefined ? emptyReply('REFUSED') : (best.serve(message, peer, this.#protocol) ?? 'silent');
  }
}

/** Paths with their texts; undefined is "503 Service Unavailable". */
function httpService(routes: Readonly<Record<string, () => string | undefined>>): Service {
  return {
    serve(_process, message): HttpReply | undefined {
      if (message.kind !== 'http') return undefined;
      const route = routes[message.path.split('?')[0] ?? ''];
      const contentType = 'text/plain; charset=utf-8';
      if (route === undefined) return { kind: 'http', status: 404, contentType, body: '404 page not found\n' };
      const body = route();
      return { kind: 'http', status: body === undefined ? 503 : 200, contentType, body: body ?? 'kubernetes' };
    },
  };
}
