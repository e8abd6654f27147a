/**
 * The `cache` plugin (`coredns/plugin/cache`): answers are kept for as long as their records live, at most as long as
 * the Corefile allows, at least five seconds. Left out: prefetching, serving what is out of date.
 */
import { isInZone } from '../../linux/net/dns.ts';
import type { DnsQuestion, DnsRecord, DnsReply } from '../../linux/net/dns.ts';
import type { CacheConfig } from './config.ts';

/** Answers of each kind that are kept at most (`defaultCap`). */
const CAPACITY = 9984;
const MIN_TTL_SECONDS = 5;
const SERVFAIL_TTL_SECONDS = 5;
const MS = 1000;

interface Item {
  readonly reply: DnsReply;
  readonly storedAt: number;
  readonly expiresAt: number;
}

const keyOf = ({ name, type }: DnsQuestion): string => `${type} ${name.toLowerCase()}`;
const isIn = (name: string, zones: readonly string[]): boolean => zones.some((zone) => isInZone(name, zone));
const isDenial = ({ rcode, answers }: DnsReply): boolean => rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && answers.length === 0);

/** The answers that one server keeps. Times are virtual ms. */
export class Cache {
  readonly #config: CacheConfig;
  readonly #items = new Map<string, Item>();

  constructor(config: CacheConfig) {
    this.#config = config;
  }

  /** The kept answer, with what is left of its records' lives. */
  get(question: DnsQuestion, now: number): DnsReply | undefined {
    const item = this.#items.get(keyOf(question));
    if (item === undefined || item.expiresAt <= now) return undefined;
    const age = Math.floor((now - item.storedAt) / MS);
    const left = Math.floor((item.expiresAt - now) / MS);
    const aged = (records: readonly DnsRecord[]) =>
      records.map((record) => ({ ...record, ttl: Math.max(0, Math.min(record.ttl - age, left)) }));
    const { answers, authority, additional } = item.reply;
    // The owner names are those of the question that is asked now, in its own case.
    const renamed = aged(answers).map((record) =>
      record.name.toLowerCase() === question.name.toLowerCase() ? { ...record, name: question.name } : record,
    );
    return { ...item.reply, authoritative: false, answers: renamed, authority: aged(authority), additional: aged(additional), delayMs: 0 };
  }

  put(question: DnsQuestion, reply: DnsReply, now: number): void {
    const { zones, noSuccess, noDenial, successTtl, denialTtl } = this.#config;
    const name = question.name.toLowerCase();
    const denial = isDenial(reply);
    const failed = reply.rcode !== 'NOERROR' && reply.rcode !== 'NXDOMAIN';
    if (!isIn(name, zones) || isIn(name, denial ? noDenial : noSuccess)) return;
    const seconds = failed ? SERVFAIL_TTL_SECONDS : Math.max(MIN_TTL_SECONDS, Math.min(lifeOf(reply), denial ? denialTtl : successTtl));
    if (this.#items.size >= CAPACITY)
      for (const oldest of this.#items.keys()) {
        this.#items.delete(oldest);
        break;
      }
    this.#items.delete(keyOf(question));
    this.#items.set(keyOf(question), { reply, storedAt: now, expiresAt: now + seconds * MS });
  }
}

/** Seconds that all records of an answer live. */
function lifeOf({ answers, authority }: DnsReply): number {
  let least = Infinity;
  for (const { ttl } of answers) least = Math.min(least, ttl);
  for (const { ttl } of authority) least = Math.min(least, ttl);
  return least === Infinity ? MIN_TTL_SECONDS : least;
}
