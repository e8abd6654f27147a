/**
 * A chain of one namespace: rules that are shared with all who hold the same, and what is this namespace's own: counters
 * and what matches remember. Most chains of a large cluster never meet a packet; those hold nothing but their rules.
 */
import type { Ipv4 } from '../net/ipv4.ts';
import type { Rule } from './rule.ts';

/** What a built-in chain does with packets that no rule decided. */
export type Policy = 'ACCEPT' | 'DROP';

/** How often something has happened that counts packets at many rules, and until when it can happen (`networkGeneration`). */
export interface Tally {
  times: number;
  readonly generation: number;
}

/** Packets and bytes that each time of a tally counts at one rule. */
interface Following {
  readonly tally: Tally;
  readonly position: number;
  readonly packets: number;
  readonly bytes: number;
  /** Times that are counted already. */
  counted: number;
}

/** After so many tallies a chain looks which of them are over. */
const FOLLOWED_BETWEEN = 32;

const NO_RULES: readonly Rule[] = Object.freeze([]);
/** From how many rules on a chain is searched by destination. */
const INDEX_FROM = 16;

/** Where in a chain the rules for one destination are, and those that any packet must be compared with. Positions ascend. */
export interface ChainIndex {
  readonly byDestination: ReadonlyMap<Ipv4, readonly number[]>;
  readonly others: readonly number[];
}

/** Rules in order. */
export class Chain {
  readonly name: string;
  /** undefined: a user's chain. */
  policy: Policy | undefined;
  /** Rules of this table that jump here. */
  references = 0;
  #rules = NO_RULES;
  /** Packets and bytes of each rule in turn; then those of the policy. */
  #counters: Float64Array | undefined = undefined;
  #following: Following[] | undefined = undefined;
  #states: (object | undefined)[] | undefined = undefined;
  #index: ChainIndex | undefined = undefined;

  constructor(name: string, policy: Policy | undefined) {
    this.name = name;
    this.policy = policy;
  }

  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** Other rules, counted from `counters` (packets and bytes of each) or from zero. */
  replace(rules: readonly Rule[], counters?: readonly number[]): void {
    const policy = this.policyCounters();
    this.#following = undefined;
    this.#rules = rules.length === 0 ? NO_RULES : rules;
    this.#states = undefined;
    this.#index = undefined;
    this.#counters = undefined;
    if (counters?.some((count) => count !== 0)) this.#makeCounters().set(counters);
    if (policy[0] !== 0) this.setPolicyCounters(policy[0], policy[1]);
  }

  /** Other rules, of which some were here before: those keep what they counted. `origins`: their old positions, or -1. */
  rearrange(rules: readonly Rule[], origins: readonly number[], counters: readonly number[] | undefined): void {
    this.#catchUp();
    const before = this.#counters;
    const states = this.#states;
    const all = origins.flatMap((origin, index) =>
      origin < 0
        ? [counters?.[2 * index] ?? 0, counters?.[2 * index + 1] ?? 0]
        : [before?.[2 * origin] ?? 0, before?.[2 * origin + 1] ?? 0],
    );
    this.replace(rules, all);
    if (states !== undefined) this.#states = origins.map((origin) => (origin < 0 ? undefined : states[origin]));
  }

  #makeCounters(): Float64Array {
    return (this.#counters ??= new Float64Array(2 * this.#rules.length + 2));
  }

  /** A packet matched the rule at `position`; at the end of the rules: met the policy. */
  count(position: number, bytes: number): void {
    this.#count(position, 1, bytes);
  }

  #count(position: number, packets: number, bytes: number): void {
    const counters = this.#makeCounters();
    counters[2 * position] = (counters[2 * position] ?? 0) + packets;
    counters[2 * position + 1] = (counters[2 * position + 1] ?? 0) + bytes;
  }

  /** Counts packets and bytes for each time of a tally from now on: when somebody looks. */
  follow(tally: Tally, position: number, packets: number, bytes: number): void {
    this.#following ??= [];
    // Now and then those that are over are forgotten.
    if (this.#following.length % FOLLOWED_BETWEEN === FOLLOWED_BETWEEN - 1) {
      this.#catchUp();
      this.#following = this.#following.filter((one) => one.tally.generation === tally.generation);
    }
    this.#following.push({ tally, position, packets, bytes, counted: tally.times });
  }

  #catchUp(): void {
    if (this.#following === undefined) return;
    for (const one of this.#following) {
      const times = one.tally.times - one.counted;
      if (times > 0) this.#count(one.position, times * one.packets, times * one.bytes);
      one.counted = one.tally.times;
    }
  }

  /** Packets and bytes that matched the rule at `position`. */
  counters(position: number): readonly [number, number] {
    this.#catchUp();
    return [this.#counters?.[2 * position] ?? 0, this.#counters?.[2 * position + 1] ?? 0];
  }

  policyCounters(): readonly [number, number] {
    return this.counters(this.#rules.length);
  }

  setCounters(position: number, packets: number, bytes: number): void {
    this.#catchUp();
    if (packets === 0 && bytes === 0 && this.#counters === undefined) return;
    this.#makeCounters().set([packets, bytes], 2 * position);
  }

  setPolicyCounters(packets: number, bytes: number): void {
    this.setCounters(this.#rules.length, packets, bytes);
  }

  /** `-Z` */
  zero(): void {
    this.#catchUp();
    this.#counters = undefined;
  }

  /** What the match with state of the rule at `position` remembers. `key` tells the matches of one rule apart. */
  state(position: number, key: number, make: () => object): object {
    const states = (this.#states ??= []);
    const own = (states[position] ??= []) as object[];
    return (own[key] ??= make());
  }

  /** Made when a packet first comes to a long chain; undefined for a short one. */
  index(): ChainIndex | undefined {
    if (this.#index === undefined && this.#rules.length >= INDEX_FROM) this.#index = makeIndex(this.#rules);
    return this.#index;
  }
}

function makeIndex(rules: readonly Rule[]): ChainIndex {
  const byDestination = new Map<Ipv4, number[]>();
  const others: number[] = [];
  rules.forEach((rule, position) => {
    const destination = rule.exactDestination;
    if (destination === undefined) {
      others.push(position);
      return;
    }
    const positions = byDestination.get(destination);
    if (positions === undefined) byDestination.set(destination, [position]);
    else positions.push(position);
  });
  return { byDestination, others };
}
