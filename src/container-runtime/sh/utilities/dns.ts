/**
 * Tools that ask DNS servers themselves: nslookup in its three kinds (busybox before 1.29, which looks names up as
 * programs do; busybox since, which asks for each name of the search list; BIND's), dig and host. They take the
 * virtual time that waiting for servers takes.
 */
import { DNS_PORT, fullName, reverseName, wireSize } from '../../../linux/net/dns.ts';
import type { DnsRecord, DnsReply, RecordType } from '../../../linux/net/dns.ts';
import { formatIpv4, parseIpv4 } from '../../../linux/net/ipv4.ts';
import { candidates } from '../../../linux/net/resolv-conf.ts';
import { lookup, resolvConfOf } from '../../../linux/net/resolve.ts';
import { exchange, resolve, type Steps } from '../../../linux/syscalls.ts';
import type { Image } from '../../images/image.ts';
import { type Io, print, type Utility } from './io.ts';

const TIMEOUT_MS = 5000;
const BIND_TRIES = 3;
/** The first busybox whose nslookup asks by itself. */
const OWN_RESOLVER_SINCE = 29;

type Asked = { readonly reply: DnsReply; readonly afterMs: number } | { readonly failure: 'timed out' | 'connection refused' };

/** Sends one question, and waits for the answer. */
function* ask(io: Io, server: string, name: string, type: RecordType): Steps<Asked> {
  const ip = parseIpv4(server);
  if (ip === undefined) return { failure: 'timed out' };
  const startedAt = io.process.now;
  const id = (io.process.pid * 7919 + name.length * 31 + startedAt) & 0xffff;
  const to = { ip, port: DNS_PORT, protocol: 'UDP', timeoutMs: TIMEOUT_MS } as const;
  const outcome = yield* exchange(to, { kind: 'dns', id, name, type });
  const afterMs = io.process.now - startedAt;
  if (outcome.state === 'answered' && outcome.reply.kind === 'dns') return { reply: outcome.reply, afterMs };
  return { failure: outcome.state === 'refused' ? 'connection refused' : 'timed out' };
}

/** Asks as BIND's tools do: three times, with a line for each failure. */
function* askThrice(io: Io, server: string, name: string, type: RecordType): Steps<Asked> {
  for (let attempt = 1; ; attempt++) {
    const asked = yield* ask(io, server, name, type);
    if ('reply' in asked) return asked;
    print(io, `;; communications error to ${server}#53: ${asked.failure}\n`);
    if (attempt === BIND_TRIES) return asked;
  }
}

/** The first server of the process's resolv.conf. */
const firstServer = (io: Io): string => resolvConfOf(io.process).nameservers[0] ?? '127.0.0.1';

/** Names without the dot at their end, as nslookup prints most of them. */
const bare = (name: string): string => name.replace(/(?<=.)\.$/, '');

/** An address as the name that a PTR question asks for. */
const pointerName = (text: string): string | undefined => (/^[\d.]+$|:/.test(text) ? reverseName(text) : undefined);

interface Words {
  readonly type: RecordType | undefined;
  readonly operands: readonly string[];
}

const TYPES = new Set<string>(['A', 'AAAA', 'ANY', 'CNAME', 'HINFO', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'TXT']);
const isType = (text: string): text is RecordType => TYPES.has(text);

/** `-type=SRV`, `-query=srv`, `-debug` and operands. */
function nslookupWords(argv: readonly string[]): Words {
  let type: RecordType | undefined;
  const operands: string[] = [];
  for (const word of argv.slice(1)) {
    const given = /^-(?:type|query|querytype|q)=(.*)$/.exec(word)?.[1]?.toUpperCase();
    if (given !== undefined && isType(given)) type = given;
    else if (!word.startsWith('-')) operands.push(word);
  }
  return { type, operands };
}

/** A record as both newer kinds of nslookup print it; `dot`: what names in data end in. */
function nslookupLine({ name, type, data }: DnsRecord, dot: '' | '.'): string {
  const target = dot === '.' ? data : bare(data);
  switch (type) {
    case 'A':
    case 'AAAA':
      return `Name:\t${bare(name)}\nAddress: ${data}\n`;
    case 'CNAME':
      return `${bare(name)}\tcanonical name = ${target}\n`;
    case 'PTR':
      return `${bare(name)}\tname = ${target}\n`;
    case 'SRV':
      return `${bare(name)}\tservice = ${target}\n`;
    case 'TXT':
      return `${bare(name)}\ttext = ${data}\n`;
    default:
      return `${bare(name)}\t${type} ${data}\n`;
  }
}

/** `nslookup` of busybox since 1.29: a name without a dot is asked for with each suffix of the search list; one with a dot as it is. */
const busyboxNslookup: Utility = function* (io) {
  const { type, operands } = nslookupWords(io.argv);
  const [name = '', given] = operands;
  const server = given ?? firstServer(io);
  const { searches } = resolvConfOf(io.process);
  const pointer = type === undefined ? pointerName(name) : undefined;
  const names = name.includes('.') || searches.length === 0 || type === 'PTR' ? [name] : searches.map((suffix) => `${name}.${suffix}`);
  const types: readonly RecordType[] = type !== undefined ? [type] : ['A', 'AAAA'];
  const queries =
    pointer !== undefined
      ? [{ name: pointer, type: 'PTR' as const }]
      : types.flatMap((asked) => names.map((full) => ({ name: full, type: asked })));
  print(io, `Server:\t\t${server}\nAddress:\t${server}:53\n\n`);
  let status = 0;
  for (const query of queries) {
    const asked = yield* ask(io, server, fullName(query.name), query.type);
    if ('failure' in asked) {
      if (asked.failure === 'connection refused') io.stderr.write('nslookup: read: Connection refused\n');
      print(io, ';; connection timed out; no servers could be reached\n\n');
      return 1;
    }
    const { rcode, answers, authoritative } = asked.reply;
    if (rcode !== 'NOERROR') status = 1;
    if (rcode !== 'NOERROR') print(io, `** server can't find ${bare(query.name)}: ${rcode}\n\n`);
    else if (answers.length === 0) print(io, `*** Can't find ${bare(query.name)}: No answer\n\n`);
    else print(io, `${authoritative ? '' : 'Non-authoritative answer:\n'}${answers.map((record) => nslookupLine(record, '')).join('')}\n`);
  }
  return status;
};

/** `nslookup` of busybox before 1.29: looks the name up as every program does, and then names of the addresses. */
const oldNslookup: Utility = function* (io) {
  const [name = '', given] = nslookupWords(io.argv).operands;
  const server = given ?? firstServer(io);
  const named = function* (address: string): Steps<string> {
    const asked = yield* ask(io, server, pointerName(address) ?? address, 'PTR');
    const target = 'reply' in asked ? asked.reply.answers.find(({ type }) => type === 'PTR')?.data : undefined;
    return target === undefined ? address : `${address} ${bare(target)}`;
  };
  print(io, `Server:    ${server}\nAddress 1: ${yield* named(server)}\n\n`);
  const found = yield* resolve(name);
  if ('error' in found) {
    io.stderr.write(`nslookup: can't resolve '${name}'\n`);
    return 1;
  }
  print(io, `Name:      ${name}\n`);
  for (const [index, ip] of found.addresses.entries()) print(io, `Address ${index + 1}: ${yield* named(formatIpv4(ip))}\n`);
  return 0;
};

/** BIND's nslookup: goes through the search list until a name exists, and asks for A, then for AAAA of that name. */
const bindNslookup: Utility = function* (io) {
  const { type, operands } = nslookupWords(io.argv);
  const [name = '', given] = operands;
  const server = given ?? firstServer(io);
  const pointer = type === undefined ? pointerName(name) : undefined;
  const names = pointer !== undefined ? [pointer] : candidates(name, resolvConfOf(io.process));
  const first = pointer !== undefined ? 'PTR' : (type ?? 'A');
  let last: { name: string; rcode: string } = { name, rcode: 'NXDOMAIN' };
  const head = `Server:\t\t${server}\nAddress:\t${server}#53\n\n`;
  for (const candidate of names) {
    const asked = yield* askThrice(io, server, candidate, first);
    if ('failure' in asked) {
      print(io, ';; no servers could be reached\n\n');
      return 1;
    }
    const { rcode, answers, authoritative } = asked.reply;
    last = { name: bare(candidate), rcode };
    if (rcode !== 'NOERROR') continue;
    print(io, `${head}${authoritative ? '' : 'Non-authoritative answer:\n'}`);
    const more = pointer === undefined && type === undefined ? yield* askThrice(io, server, candidate, 'AAAA') : undefined;
    const extra = more !== undefined && 'reply' in more ? more.reply.answers.filter((record) => record.type === 'AAAA') : [];
    const lines = [...answers, ...extra].map((record) => nslookupLine(record, '.'));
    print(io, lines.length > 0 ? `${lines.join('')}\n` : `*** Can't find ${name}: No answer\n\n`);
    return lines.length > 0 ? 0 : 1;
  }
  print(io, `${head}** server can't find ${last.name}: ${last.rcode}\n\n`);
  return 1;
};

/** The image that the tool runs in. */
function imageOf({ process }: Io): Image | undefined {
  const { context } = process;
  return 'image' in context ? (context.image as Image) : undefined;
}

/** The kind that the image has. */
const nslookup: Utility = (io) => {
  const image = imageOf(io);
  if (image?.spec.userland === 'debian' || image?.spec.tools?.includes('dig')) return bindNslookup(io);
  const minor = Number(/^1\.(\d+)/.exec(image?.tag ?? '')?.[1] ?? Infinity);
  const isOld = image?.spec.repository === 'docker.io/library/busybox' && minor < OWN_RESOLVER_SINCE;
  return isOld ? oldNslookup(io) : busyboxNslookup(io);
};

interface DigWords {
  server: string | undefined;
  name: string;
  type: RecordType;
  readonly options: Map<string, boolean>;
}

/** `dig @server name type -x address -t type +short +noall +answer +search`. */
function digWords(argv: readonly string[]): DigWords {
  const words: DigWords = { server: undefined, name: '.', type: 'A', options: new Map() };
  for (let index = 1; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const upper = word.toUpperCase();
    if (word.startsWith('@')) words.server = word.slice(1);
    else if (word.startsWith('+')) words.options.set(word.replace(/^\+(no)?/, '').replace(/=.*/, ''), !word.startsWith('+no'));
    else if (word === '-x') {
      words.name = reverseName(argv[++index] ?? '') ?? '.';
      words.type = 'PTR';
    } else if (word === '-t' || word === '-q') {
      const value = argv[++index] ?? '';
      if (word === '-q') words.name = value;
      else if (isType(value.toUpperCase())) words.type = value.toUpperCase() as RecordType;
    } else if (isType(upper)) words.type = upper;
    else if (upper !== 'IN' && !word.startsWith('-')) words.name = word;
  }
  return words;
}

const digRecord = ({ name, ttl, type, data }: DnsRecord): string =>
  `${name.length < 24 ? name.padEnd(24).replace(/ +$/, '\t\t') : `${name}\t`}${ttl}\tIN\t${type}\t${data}\n`;

/** BIND's dig, without EDNS. */
const dig: Utility = function* (io) {
  const { server: given, name, type, options } = digWords(io.argv);
  const conf = resolvConfOf(io.process);
  const server = given === undefined ? (conf.nameservers[0] ?? '') : addressOf(io, given);
  const names = options.get('search') ? candidates(name, conf) : [fullName(name)];
  const short = options.get('short') ?? false;
  const all = options.get('all') ?? true;
  const shows = (part: string) => !short && (options.get(part) ?? all);
  if (shows('cmd')) print(io, `\n; <<>> DiG 9.18.33 <<>> ${io.argv.slice(1).join(' ')}\n;; global options: +cmd\n`);
  let asked: Asked = { failure: 'timed out' };
  let final = names[0] ?? '.';
  for (const candidate of names) {
    final = candidate;
    asked = yield* askThrice(io, server, candidate, type);
    if ('failure' in asked || asked.reply.rcode !== 'NXDOMAIN') break;
  }
  if ('failure' in asked) {
    print(io, ';; no servers could be reached\n');
    return 9;
  }
  const { reply, afterMs } = asked;
  if (short) print(io, reply.answers.map(({ data }) => `${data}\n`).join(''));
  else printReply(io, { reply, name: final, type, server, afterMs }, shows);
  return 0;
};

function addressOf(io: Io, server: string): string {
  const found = lookup(io.process, server);
  return 'error' in found ? server : formatIpv4(found.addresses[0] ?? 0);
}

interface Digged {
  readonly reply: DnsReply;
  readonly name: string;
  readonly type: RecordType;
  readonly server: string;
  readonly afterMs: number;
}

function printReply(io: Io, { reply, name, type, server, afterMs }: Digged, shows: (part: string) => boolean): void {
  const { rcode, authoritative, answers, authority, additional } = reply;
  if (shows('comments')) {
    const id = (io.process.pid * 7919) & 0xffff;
    print(io, `;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${rcode}, id: ${id}\n`);
    const flags = `qr ${authoritative ? 'aa rd' : 'rd ra'}`;
    print(
      io,
      `;; flags: ${flags}; QUERY: 1, ANSWER: ${answers.length}, AUTHORITY: ${authority.length}, ADDITIONAL: ${additional.length}\n`,
    );
    print(io, `${authoritative ? ';; WARNING: recursion requested but not available\n' : ''}\n`);
  }
  if (shows('question')) print(io, `${shows('comments') ? ';; QUESTION SECTION:\n' : ''};${name}\t\tIN\t${type}\n\n`);
  const sections = [
    ['answer', 'ANSWER', answers],
    ['authority', 'AUTHORITY', authority],
    ['additional', 'ADDITIONAL', additional],
  ] as const;
  for (const [part, title, records] of sections) {
    if (!shows(part) || records.length === 0) continue;
    print(io, `${shows('comments') ? `;; ${title} SECTION:\n` : ''}${records.map(digRecord).join('')}${shows('comments') ? '\n' : ''}`);
  }
  if (!shows('stats')) return;
  const when = new Date(io.process.now).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4');
  const size = wireSize({ name, type }, [...answers, ...authority, ...additional]);
  print(io, `;; Query time: ${afterMs} msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${size}\n\n`);
}

/** BIND's host. */
const host: Utility = function* (io) {
  const [name = '', given] = io.argv.slice(1).filter((word) => !word.startsWith('-'));
  const server = given ?? firstServer(io);
  const pointer = pointerName(name);
  let last = 'NXDOMAIN';
  for (const candidate of pointer === undefined ? candidates(name, resolvConfOf(io.process)) : [pointer]) {
    const asked = yield* askThrice(io, server, candidate, pointer === undefined ? 'A' : 'PTR');
    if ('failure' in asked) {
      print(io, ';; no servers could be reached\n');
      return 1;
    }
    last = asked.reply.rcode;
    if (last !== 'NOERROR') continue;
    for (const record of asked.reply.answers) {
      const verb = record.type === 'CNAME' ? 'is an alias for' : record.type === 'PTR' ? 'domain name pointer' : 'has address';
      print(io, `${bare(record.name)} ${verb} ${record.data}\n`);
    }
    return 0;
  }
  print(io, `Host ${name} not found: ${last === 'NXDOMAIN' ? '3(NXDOMAIN)' : `2(${last})`}\n`);
  return 1;
};

/** Tools by name. */
export const DNS_UTILITIES: Readonly<Record<string, Utility>> = { nslookup, dig, host };
