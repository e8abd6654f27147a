/** Servers and databases: check what they need, start, listen, and wait for the signal to end. */
import { normalisePath } from '../../linux/fs/file-system.ts';
import type { Service } from '../../linux/net/socket.ts';
import type { Executable, Process } from '../../linux/process.ts';
import type { Signal } from '../../linux/signals.ts';
import { PAUSE, resolve, sleep, type Program, type Steps } from '../../linux/syscalls.ts';
import type { DatabaseBehaviour, Image, ListenSpec, ServerBehaviour } from '../images/image.ts';
import { ServerService } from './http.ts';
import { fill, joinLines } from './text.ts';

const END_SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGWINCH'];
const MIB = 1024 * 1024;
/** What a small server uses when idle. */
const DEFAULT_MEMORY = 8 * MIB;
const DEFAULT_CPU = 1;
const DEFAULT_STARTUP_MS = 100;

/** What all processes of one server image share. */
interface Server {
  readonly behaviour: ServerBehaviour | DatabaseBehaviour;
  readonly image: Image;
  readonly services: readonly { readonly spec: ListenSpec; readonly service: Service }[];
  readonly startLog: string;
  /** The start log of the last second in which one was written: its time stamps are the same then. */
  lastSecond: number;
  lastLog: string;
}

/** The program of a server or database. */
export function serverProgram(behaviour: ServerBehaviour | DatabaseBehaviour, image: Image): Executable {
  const services = behaviour.listen.map((spec) => ({ spec, service: new ServerService(spec, image, behaviour) }));
  const server: Server = { behaviour, image, services, startLog: joinLines(behaviour.startLog), lastSecond: -1, lastLog: '' };
  return (process) => run(process, server);
}

function* run(process: Process, server: Server): Program {
  const { behaviour, image } = server;
  process.handles = END_SIGNALS;
  const refused = refusal(process, behaviour, image);
  if (refused !== undefined) return refused;
  process.use({ memoryBytes: behaviour.memoryBytes ?? DEFAULT_MEMORY, milliCpu: behaviour.milliCpu ?? DEFAULT_CPU });
  const unresolved = yield* missingHost(process, behaviour);
  if (unresolved) return 1;
  if (behaviour.kind === 'database' && (yield* initialise(process, behaviour, image)) !== undefined) return behaviour.exitCode ?? 0;
  if ((yield* sleep(behaviour.startupMs ?? DEFAULT_STARTUP_MS)) !== undefined) return behaviour.exitCode ?? 0;
  for (const { spec, service } of server.services) {
    const port = portOf(spec, process);
    if (process.listen(port, spec.protocol ?? 'TCP', service)) continue;
    process.printError(`bind() to 0.0.0.0:${port} failed (98: Address already in use)\n`);
    return 1;
  }
  if (server.startLog !== '') process.print(startText(process, server));
  yield PAUSE;
  if (behaviour.stopMs !== undefined) yield* sleep(behaviour.stopMs);
  if (behaviour.stopLog !== undefined) process.print(fill(joinLines(behaviour.stopLog), process, image));
  return behaviour.exitCode ?? 0;
}

/** The start log, shared by all containers that start in the same second when nothing but the time is filled in. */
function startText(process: Process, server: Server): string {
  const { startLog, image } = server;
  if (!startLog.includes('{')) return startLog;
  if (/\{(?!time|tag)/.test(startLog)) return fill(startLog, process, image);
  const second = Math.floor(process.now / 1000);
  if (server.lastSecond !== second) {
    server.lastSecond = second;
    server.lastLog = fill(startLog, process, image);
  }
  return server.lastLog;
}

/** An exit code when the server will not start: a variable is missing, or a flag is unknown. */
function refusal(process: Process, behaviour: ServerBehaviour | DatabaseBehaviour, image: Image): number | undefined {
  const { requiresEnv } = behaviour;
  const needsEnv = requiresEnv !== undefined && !(behaviour.kind === 'database' && isFilled(process, behaviour));
  if (needsEnv) {
    const environment = process.context.environment();
    if (!requiresEnv.anyOf.some((name) => (environment.get(name) ?? '') !== '')) {
      process.printError(fill(joinLines(requiresEnv.text), process, image));
      return requiresEnv.exitCode;
    }
  }
  if (behaviour.kind !== 'database' || behaviour.unknownFlags === undefined) return undefined;
  const { tags, flags, text, exitCode } = behaviour.unknownFlags;
  if (!new RegExp(`^(?:${tags})$`).test(image.tag)) return undefined;
  const flag = process.argv.find((argument) => flags.includes(argument.split('=')[0] ?? ''));
  if (flag === undefined) return undefined;
  process.printError(fill(joinLines(text), process, image, (name) => (name === 'flag' ? flag : undefined)));
  return exitCode;
}

function* missingHost(process: Process, { requiresHosts }: ServerBehaviour | DatabaseBehaviour): Steps<boolean> {
  for (const host of requiresHosts?.hosts ?? []) {
    const found = yield* resolve(host);
    if (!('error' in found)) continue;
    process.printError(`${requiresHosts?.text.replace('{host}', host) ?? ''}\n`);
    return true;
  }
  return false;
}

const isFilled = (process: Process, { dataDir, marker }: DatabaseBehaviour): boolean =>
  process.context.fs.exists(normalisePath(marker, dataDir));

/** Fills an empty data directory. Returns the signal that ended it early. */
function* initialise(process: Process, behaviour: DatabaseBehaviour, image: Image): Steps<Signal | undefined> {
  if (isFilled(process, behaviour)) return undefined;
  process.print(fill(joinLines(behaviour.initLog), process, image));
  const signal = yield* sleep(behaviour.initMs);
  if (signal === undefined) process.context.fs.write(normalisePath(behaviour.marker, behaviour.dataDir), '');
  return signal;
}

/** The port: of a flag, of an environment variable, or as the image has it. */
function portOf({ port, portEnv, portFlag }: ListenSpec, process: Process): number {
  if (portFlag !== undefined) {
    const { argv } = process;
    const inline = argv.find((argument) => argument.startsWith(`${portFlag}=`))?.slice(portFlag.length + 1);
    const given = Number(inline ?? (argv.includes(portFlag) ? argv[argv.indexOf(portFlag) + 1] : undefined));
    if (Number.isInteger(given) && given > 0) return given;
  }
  const fromEnv = portEnv === undefined ? Number.NaN : Number(process.context.environment().get(portEnv));
  return Number.isInteger(fromEnv) && fromEnv > 0 ? fromEnv : port;
}
