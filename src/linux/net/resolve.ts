/**
 * Looking up host names as a C library does (glibc `resolv/res_send.c`, `res_query.c`): numbers as they are, then
 * /etc/hosts, then DNS: one question for A and one for AAAA, for each name that the search list makes, to one
 * server after the other, until an answer is final. The questions go through the network as all packets do.
 * Differs: all images have glibc's resolver; musl asks all servers at once and gives up after five seconds in all.
 */
import type { Process } from '../process.ts';
import { connect } from './connect.ts';
import { DNS_PORT } from './dns.ts';
import type { DnsQuestion, DnsRecord, DnsReply, Rcode, RecordType } from './dns.ts';
import { fabricLeftBy, isPublic } from './internet.ts';
import { type Ipv4, LOCALHOST, parseIpv4 } from './ipv4.ts';
import { candidates, parseResolvConf } from './resolv-conf.ts';
import type { ResolvConf } from './resolv-conf.ts';

/** Whoever looks names up: a process, or something that sees what a process would. */
export type Looker = Pick<Process, 'context'>;

/** A question that was sent, and what came of it. "unreachable": no way there; "refused": nothing listens there. */
export interface AskedQuestion extends DnsQuestion {
  /** "10.96.0.10" */
  readonly server: string;
  readonly outcome: Rcode | 'timeout' | 'refused' | 'unreachable';
  readonly answers: readonly DnsRecord[];
  /** ms until the answer came, or until it was given up. */
  readonly afterMs: number;
}

/** What a lookup found, after how many ms, and all that was asked for it: empty when no server was needed. */
export type ResolveOutcome =
  /** `name`: the full name that had an answer, without the dot at its end. */
  | {
      readonly addresses: readonly Ipv4[];
      readonly name?: string;
      readonly afterMs?: number;
      readonly questions?: readonly AskedQuestion[];
    }
  /** "not found": no such name, or no address (EAI_NONAME); "no answer": no server could tell (EAI_AGAIN). */
  | { readonly error: 'not found' | 'no answer'; readonly afterMs?: number; readonly questions?: readonly AskedQuestion[] };

/** What one try to ask one server led to. */
export type AskOutcome =
  | { readonly reply: DnsReply; readonly afterMs: number }
  | { readonly failure: 'timeout' | 'refused' | 'unreachable'; readonly afterMs: number };

const MS = 1000;
const MAX_KNOWN_CONFS = 256;
const confs = new Map<string, ResolvConf>();

/** Looks `name` up as `process` sees it. */
export function lookup(process: Looker, name: string): ResolveOutcome {
  const literal = parseIpv4(name);
  if (literal !== undefined) return { addresses: [literal] };
  const fromFile = lookupHosts(process.context.fs.read('/etc/hosts') ?? '', name);
  if (fromFile !== undefined) return { addresses: [fromFile] };
  if (name === 'localhost') return { addresses: [LOCALHOST] };
  if (name === process.context.hostname) {
    const own = process.context.netns.addresses[0];
    if (own !== undefined) return { addresses: [own] };
  }
  return search(process, name);
}

/** The process's /etc/resolv.conf. */
export function resolvConfOf(process: Looker): ResolvConf {
  const text = process.context.fs.read('/etc/resolv.conf') ?? '';
  let conf = confs.get(text);
  if (conf === undefined) {
    if (confs.size >= MAX_KNOWN_CONFS) confs.clear();
    confs.set(text, (conf = parseResolvConf(text)));
  }
  return conf;
}

/** Goes through the search list. */
function search(process: Looker, name: string): ResolveOutcome {
  const conf = resolvConfOf(process);
  const questions: AskedQuestion[] = [];
  let failed = false;
  for (const candidate of candidates(name, conf)) {
    const reply = askAll(process, candidate, conf, questions);
    if (reply === undefined) {
      failed = true;
      break;
    }
    const addresses = addressesOf(reply);
    if (addresses.length > 0) return { addresses, name: candidate.slice(0, -1), afterMs: sum(questions), questions };
    failed ||= reply.rcode !== 'NXDOMAIN' && reply.rcode !== 'NOERROR';
  }
  return { error: failed ? 'no answer' : 'not found', afterMs: sum(questions), questions };
}

/** Questions for A and AAAA go out together, so a pair takes as long as its slower one: only the first carries the time. */
function sum(questions: readonly AskedQuestion[]): number {
  let total = 0;
  for (const { afterMs } of questions) total += afterMs;
  return total;
}

function addressesOf({ answers }: DnsReply): Ipv4[] {
  const found: Ipv4[] = [];
  for (const { type, data } of answers) {
    const ip = type === 'A' ? parseIpv4(data) : undefined;
    if (ip !== undefined) found.push(ip);
  }
  return found;
}

/** Asks the servers in turn, again and again, as resolv.conf says. The answer for A; undefined when nobody gave one. */
function askAll(process: Looker, name: string, conf: ResolvConf, questions: AskedQuestion[]): DnsReply | undefined {
  const { nameservers, attempts } = conf;
  let last: DnsReply | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (const [index, server] of nameservers.entries()) {
      const limitMs = waitMs(conf, index);
      const outcomes = askServer(process, server, name, ['A', 'AAAA'], limitMs);
      outcomes.forEach((outcome, which) => questions.push(asked(name, which === 0 ? 'A' : 'AAAA', server, outcome, which === 0)));
      const first = outcomes[0];
      if (first === undefined || !('reply' in first)) continue;
      last = first.reply;
      if (last.rcode === 'NOERROR' || last.rcode === 'NXDOMAIN') return last;
    }
    // A refusal of all servers is an answer: it is not asked for again.
    if (last !== undefined) return last;
  }
  return undefined;
}

/** RES_TIMEOUT doubles from server to server, and is shared by them: 5 s for one, 5 s and 5 s for two. */
function waitMs({ timeoutSeconds, nameservers }: ResolvConf, index: number): number {
  const seconds = timeoutSeconds * 2 ** index;
  return Math.max(1, index === 0 ? seconds : Math.floor(seconds / nameservers.length)) * MS;
}

function asked(name: string, type: RecordType, server: string, outcome: AskOutcome, counted: boolean): AskedQuestion {
  const afterMs = counted ? outcome.afterMs : 0;
  if ('reply' in outcome) return { name, type, server, outcome: outcome.reply.rcode, answers: outcome.reply.answers, afterMs };
  return { name, type, server, outcome: outcome.failure, answers: [], afterMs };
}

/** Sends questions for some types of one name over one socket to one server. One outcome for each. */
export function askServer(
  process: Looker,
  server: string,
  name: string,
  types: readonly RecordType[],
  limitMs: number,
): readonly AskOutcome[] {
  const ip = parseIpv4(server);
  const failed = (failure: 'timeout' | 'refused' | 'unreachable', afterMs: number) => types.map(() => ({ failure, afterMs }));
  if (ip === undefined) return failed('unreachable', 0);
  const { netns } = process.context;
  const connection = connect(netns, ip, DNS_PORT, 'UDP');
  const query = (type: RecordType, port: number) => ({ kind: 'dns', id: (port * 31 + name.length) & 0xffff, name, type }) as const;
  if (connection.state === 'connected') {
    const { socket, peer } = connection;
    return types.map((type) => outcomeOf(socket.service.serve(socket.process, query(type, peer.port), peer), limitMs));
  }
  const lan = fabricLeftBy(netns, ip);
  if (lan?.internet !== undefined && isPublic(ip))
    return types.map((type) => outcomeOf(lan.internet?.serve(ip, DNS_PORT, 'UDP', query(type, 0)), limitMs));
  if (connection.state === 'refused') return failed('refused', 0);
  // A gateway throws away what no router of the Internet knows, without a word.
  const unreachable = lan === undefined && connection.state !== 'timeout' && connection.afterMs < limitMs;
  return failed(unreachable ? 'unreachable' : 'timeout', unreachable ? connection.afterMs : limitMs);
}

/** A server that says nothing, and one that does not speak DNS, is waited for in vain. */
function outcomeOf(reply: unknown, limitMs: number): AskOutcome {
  const isDns = typeof reply === 'object' && reply !== null && 'kind' in reply && reply.kind === 'dns';
  const answer = isDns ? (reply as DnsReply) : undefined;
  const afterMs = answer?.delayMs ?? 0;
  return answer === undefined || afterMs >= limitMs ? { failure: 'timeout', afterMs: limitMs } : { reply: answer, afterMs };
}

/** The first IPv4 address that a hosts file has for a name. */
function lookupHosts(hosts: string, name: string): Ipv4 | undefined {
  if (!hosts.includes(name)) return undefined;
  for (const line of hosts.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (names.includes(name)) {
      const ip = parseIpv4(address);
      if (ip !== undefined) return ip;
    }
  }
  return undefined;
}
