/** Programs that are no servers: jobs that write and end, workers that connect to others, eaters of memory and CPU, and tools. */
import type { Process } from '../../linux/process.ts';
import type { Signal } from '../../linux/signals.ts';
import { connectTo, pause, resolve, sleep, type Program, type Steps } from '../../linux/syscalls.ts';
import type { AnswerBehaviour, Image, OnceBehaviour, WorkerBehaviour } from '../images/image.ts';
import { fill, joinLines } from './text.ts';

const END_SIGNALS: readonly Signal[] = ['SIGTERM', 'SIGINT'];
const CONNECT_TIMEOUT_MS = 5000;
const TICK_MS = 1000;
const MIB = 1024 * 1024;
/** A worker that is connected looks every so often whether it still is. */
const KEEPALIVE_MS = 30_000;

/** Writes its lines, takes its time, ends. */
export function* once(process: Process, behaviour: OnceBehaviour, image: Image): Program {
  process.print(fill(joinLines(behaviour.output), process, image));
  if (behaviour.runMs !== undefined) yield* sleep(behaviour.runMs);
  return behaviour.exitCode ?? 0;
}

/** Connects to each of its servers in turn, waits for those that are not there, and looks again later. */
export function* worker(process: Process, behaviour: WorkerBehaviour): Program {
  process.handles = END_SIGNALS;
  process.use({ memoryBytes: behaviour.memoryBytes ?? 32 * MIB, milliCpu: behaviour.milliCpu ?? 5 });
  const connected = new Set<string>();
  for (;;) {
    let waitMs = KEEPALIVE_MS;
    for (const { host, port, waiting, connected: text } of behaviour.connects) {
      const reached = yield* reaches(host, port);
      if (reached && !connected.has(host)) process.print(`${text}\n`);
      if (reached) connected.add(host);
      else {
        connected.delete(host);
        process.printError(`${waiting}\n`);
        waitMs = behaviour.retryMs;
        break;
      }
    }
    if ((yield* sleep(waitMs)) !== undefined) return 0;
  }
}

function* reaches(host: string, port: number): Steps<boolean> {
  const found = yield* resolve(host);
  const ip = 'error' in found ? undefined : found.addresses[0];
  if (ip === undefined) return false;
  return (yield* connectTo({ ip, port, protocol: 'TCP', timeoutMs: CONNECT_TIMEOUT_MS })).state === 'connected';
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, Ki: 1024, Mi: MIB, Gi: 1024 * MIB };

/** "8Mi" in bytes; 0 for what is not an amount. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(|k|M|G|Ki|Mi|Gi)$/.exec(text);
  return match === null ? 0 : Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1));
}

/** "900m" or "0.9" in milli-CPU; 0 for what is not an amount. */
export function parseCpu(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(m?)$/.exec(text);
  return match === null ? 0 : Math.round(Number(match[1]) * (match[2] === 'm' ? 1 : 1000));
}

/** The value of the first of these flags that is given: "--cpu=2", "--cpu 2" or "-cpu 2". */
function flagOf(process: Process, ...names: readonly string[]): string {
  const { argv } = process;
  for (const [index, word] of argv.entries()) {
    const [name = '', value] = word.replace(/^--?/, '').split('=');
    if (word.startsWith('-') && names.includes(name)) return value ?? argv[index + 1] ?? '';
  }
  return '';
}

/**
 * Uses what its flags say: --mem=64Mi at once, --mem-growth=8Mi/s each second more, --cpu=900m. Also the flags of the
 * stress images in Kubernetes' documentation: --vm-bytes 150M, -mem-total 150Mi, --cpu 2, -cpus 2.
 */
export function* eater(process: Process): Program {
  process.handles = END_SIGNALS;
  const growth = parseBytes(flagOf(process, 'mem-growth').replace(/\/s$/, ''));
  const cpu = flagOf(process, 'cpu', 'cpus', 'c');
  let memoryBytes = parseBytes(flagOf(process, 'mem', 'vm-bytes', 'mem-total')) || 4 * MIB;
  process.print(`cpu ${cpu || '0'}, memory ${memoryBytes} bytes, growth ${flagOf(process, 'mem-growth') || '0'}\n`);
  process.use({ memoryBytes, milliCpu: parseCpu(cpu) });
  if (growth === 0) yield* pause();
  else
    for (;;) {
      if ((yield* sleep(TICK_MS)) !== undefined) return 0;
      memoryBytes += growth;
      process.use({ memoryBytes });
    }
  return 0;
}

/** Options of such tools whose value is the next word. */
const VALUE_OPTIONS = /^(-[hpPUuadn]|--(host|port|user|username|dbname))$/;

/** What a tool is asked, and of whom: `-h redis -p 6380 ping`. */
function readWords(argv: readonly string[], defaultPort: number): { words: string[]; host: string; port: number } {
  const words: string[] = [];
  let [host, port] = ['127.0.0.1', defaultPort];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    if (!word.startsWith('-')) words.push(word);
    else {
      const [name = '', joined] = /^-[hP]./.test(word) ? [word.slice(0, 2), word.slice(2)] : word.split('=');
      const value = joined ?? (VALUE_OPTIONS.test(name) ? argv[++at] : undefined) ?? '';
      if (name === '-h' || name === '--host') host = value;
      // mysql's -p is a password.
      else if (['-p', '-P', '--port'].includes(name) && /^\d+$/.test(value)) port = Number(value);
    }
  }
  return { words, host, port };
}

/** Answers from its table: the longest beginning of its words that is in it. Its server may be elsewhere. */
export function* answer(process: Process, behaviour: AnswerBehaviour, image: Image): Program {
  const { words, host, port } = readWords(process.argv.slice(1), behaviour.port ?? 0);
  if (behaviour.port !== undefined && !(yield* reaches(host, port))) {
    process.printError(`${fill(behaviour.notListening ?? '', process, image).replaceAll('127.0.0.1', host)}\n`);
    return 1;
  }
  for (let length = words.length; length > 0; length--) {
    const text = behaviour.answers[words.slice(0, length).join(' ')];
    if (text !== undefined) {
      process.print(fill(text, process, image));
      return 0;
    }
  }
  process.print(fill(behaviour.answers['*'] ?? '', process, image));
  return 0;
}
