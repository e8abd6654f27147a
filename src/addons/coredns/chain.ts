/**
 * One server of CoreDNS: a question goes through its plugins in CoreDNS's own order, whatever the Corefile's
 * (`coredns/plugin.cfg`): errors, log, loadbalance, cache, rewrite, hosts, kubernetes, loop, forward.
 */
import { emptyReply, isInZone, wireSize } from '../../linux/net/dns.ts';
import type { DnsQuery, DnsQuestion, DnsRecord, DnsReply } from '../../linux/net/dns.ts';
import { formatIpv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import { parseResolvConf } from '../../linux/net/resolv-conf.ts';
import { askServer } from '../../linux/net/resolve.ts';
import type { Peer } from '../../linux/net/socket.ts';
import type { Process } from '../../linux/process.ts';
import type { Random } from '../../sim/random.ts';
import { Cache } from './cache.ts';
import type { ForwardConfig, LogClass, ServerConfig } from './config.ts';
import { answerFromHosts } from './hosts.ts';
import { answer } from './kubernetes-plugin.ts';
import { rewritten } from './rewrite.ts';
import type { ZoneView } from './zone-view.ts';

/** A server that is asked by itself, through others or not, more often than this, is in a loop. */
const MAX_DEPTH = 6;
/** `forward` waits so long for one answer, and tries so often (`readTimeout`, `maxTimeout`). */
const READ_TIMEOUT_MS = 2000;
const FORWARD_TRIES = 3;

/** Answers that are kept while nothing changes. */
const MAX_ANSWERS = 1024;

/** How often each kind of question got each answer: "A NOERROR" and so on. */
export type Counts = Map<string, number>;

/** One server block at work in one process. */
export class Server {
  readonly config: ServerConfig;
  readonly counts: Counts = new Map();
  readonly #process: Process;
  readonly #view: ZoneView;
  readonly #random: Random;
  readonly #cache: Cache | undefined;
  /** What `#fromCluster` said under `#version` of the view. */
  readonly #answers = new Map<string, DnsReply>();
  #version: number | undefined;
  #depth = 0;
  /** Whether a question came back to the server that forwarded it. */
  looped = false;

  constructor(config: ServerConfig, process: Process, view: ZoneView, random: Random) {
    this.config = config;
    this.#process = process;
    this.#view = view;
    this.#random = random;
    this.#cache = config.cache && new Cache(config.cache);
  }

  /** Answers a question that came in over the network; undefined: never. */
  serve(query: DnsQuery, peer: Peer, protocol: 'udp' | 'tcp'): DnsReply | undefined {
    if (this.#depth > 0) this.looped = true;
    if (this.#depth >= MAX_DEPTH) return undefined;
    this.#depth++;
    try {
      const reply = this.#balanced(this.#cached(query));
      const kind = `${query.type} ${reply.rcode}`;
      this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
      this.#log(query, peer, protocol, reply);
      return reply;
    } finally {
      this.#depth--;
    }
  }

  #cached(question: DnsQuestion): DnsReply {
    const { now } = this.#process;
    const kept = this.#cache?.get(question, now);
    if (kept !== undefined) return kept;
    const reply = this.#rewritten(question);
    this.#cache?.put(question, reply, now);
    return reply;
  }

  #rewritten(question: DnsQuestion): DnsReply {
    const { rewrites } = this.config;
    if (rewrites.length === 0) return this.#resolve(question);
    const rule = rewritten(rewrites, question);
    return rule.back(this.#resolve(rule.question));
  }

  /** From `hosts` on. */
  #resolve(question: DnsQuestion): DnsReply {
    const { hosts } = this.config;
    const fromHosts = hosts && answerFromHosts(question, hosts, this.#process.context.fs.read(hosts.file) ?? '');
    if (fromHosts !== undefined) return fromHosts;
    return this.#fromCluster(question) ?? this.#forward(question);
  }

  /** The `kubernetes` plugin. What it makes of the same objects is the same, unless an alias leads out of the cluster. */
  #fromCluster(question: DnsQuestion): DnsReply | undefined {
    const { kubernetes } = this.config;
    if (kubernetes === undefined) return undefined;
    const { version, hasSynced } = this.#view;
    const keeps = version !== undefined && hasSynced && kubernetes.pods !== 'verified';
    if (this.#version !== version || this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
    this.#version = version;
    const key = `${question.type} ${question.name}`;
    const known = keeps ? this.#answers.get(key) : undefined;
    if (known !== undefined) return known;
    let aliased = false;
    const reply = answer(question, this.#view, kubernetes, (target) => {
      aliased = true;
      return this.#cached(target);
    });
    if (keeps && reply !== undefined && !aliased) this.#answers.set(key, reply);
    return reply;
  }

  /** The `forward` plugin: asks the upstreams, one after the other from a random one on. */
  #forward(question: DnsQuestion): DnsReply {
    const name = question.name.toLowerCase();
    const matching = this.config.forwards.filter(
      ({ from, except }) => isInZone(name, from) && !except.some((zone) => isInZone(name, zone)),
    );
    const [rule] = [...matching].sort((a, b) => b.from.length - a.from.length);
    // Without a plugin that answers, a server refuses.
    if (rule === undefined) return emptyReply('REFUSED');
    const upstreams = this.upstreams(rule);
    const first = upstreams.length > 1 ? this.#random.int(upstreams.length) : 0;
    let waitedMs = 0;
    let reason = 'no nameservers';
    for (let attempt = 0; attempt < FORWARD_TRIES && upstreams.length > 0; attempt++) {
      const upstream = upstreams[(first + attempt) % upstreams.length] ?? '';
      const [outcome] = askServer(this.#process, upstream, question.name, [question.type], READ_TIMEOUT_MS);
      if (outcome !== undefined && 'reply' in outcome) return { ...outcome.reply, delayMs: waitedMs + outcome.afterMs };
      waitedMs += outcome?.afterMs ?? 0;
      const own = formatIpv4(this.#process.context.netns.addresses[0] ?? 0);
      const reasons = { timeout: 'i/o timeout', refused: 'read: connection refused', unreachable: 'connect: no route to host' } as const;
      reason = `read udp ${own}:${this.#process.context.netns.ephemeralPort()}->${upstream}:53: ${reasons[outcome?.failure ?? 'timeout']}`;
    }
    if (this.config.errors) this.#process.printError(`[ERROR] plugin/errors: 2 ${question.name} ${question.type}: ${reason}\n`);
    return { ...emptyReply('SERVFAIL'), delayMs: waitedMs };
  }

  /** Addresses that a rule names, itself or by a resolv.conf. */
  upstreams({ to }: ForwardConfig): string[] {
    return to.flatMap((target) => {
      const text = target.startsWith('/') ? this.#process.context.fs.read(target) : undefined;
      if (text !== undefined) return parseResolvConf(text).nameservers;
      const address = target.replace(/^dns:\/\//, '').replace(/:53$/, '');
      return parseIpv4(address) === undefined ? [] : [address];
    });
  }

  /** The `loadbalance` plugin: addresses in random order, after the aliases. */
  #balanced(reply: DnsReply): DnsReply {
    if (!this.config.loadbalance || reply.answers.length < 2) return reply;
    const isAddress = ({ type }: DnsRecord) => type === 'A' || type === 'AAAA';
    const shuffled = reply.answers.filter(isAddress);
    for (let left = shuffled.length; left > 1; left--) {
      const chosen = this.#random.int(left);
      const last = shuffled[left - 1] as DnsRecord;
      shuffled[left - 1] = shuffled[chosen] as DnsRecord;
      shuffled[chosen] = last;
    }
    return { ...reply, answers: [...reply.answers.filter((record) => !isAddress(record)), ...shuffled] };
  }

  /** The `log` plugin, in its common format. The time is virtual: an answer from memory takes none. */
  #log(query: DnsQuery, peer: Peer, protocol: string, reply: DnsReply): void {
    const { log } = this.config;
    if (log === undefined || !log.zones.some((zone) => isInZone(query.name.toLowerCase(), zone))) return;
    if (!log.classes.includes('all') && !log.classes.includes(classOf(reply))) return;
    const { answers, authority, additional, rcode, authoritative, delayMs = 0 } = reply;
    const size = wireSize(query, [...answers, ...authority, ...additional]);
    const flags = `qr${authoritative ? ',aa' : ''},rd${authoritative ? '' : ',ra'}`;
    const question = `"${query.type} IN ${query.name} ${protocol} ${wireSize(query)} false 512"`;
    this.#process.print(
      `[INFO] ${formatIpv4(peer.ip)}:${peer.port} - ${query.id} ${question} ${rcode} ${flags} ${size} ${delayMs / 1000}s\n`,
    );
  }
}

function classOf({ rcode, answers }: DnsReply): LogClass {
  if (rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && answers.length === 0)) return 'denial';
  return rcode === 'NOERROR' ? 'success' : 'error';
}
