/**
 * Changes to one table that take effect together or not at all (`iptables/nft.c`, nft_commit). A chain is copied when it
 * is first changed; all that is not named stays as it is, so that a change costs what it says and not what is there.
 */
import { Chain, type Policy } from './chain.ts';
import type { Rule } from './rule.ts';
import { Table } from './table.ts';
import { KernelError, NO_CHAIN, RulesetError, UsageError } from './tool-error.ts';

/** A chain as it will be. */
interface DraftChain {
  readonly name: string;
  rules: Rule[];
  /** Where each rule was in the old chain, or -1; undefined: all are new. */
  origins: number[] | undefined;
  /** Packets and bytes of each rule, once any has some. */
  counters: number[] | undefined;
  policy: Policy | undefined;
  policyCounters: readonly [number, number] | undefined;
  zeroed: boolean;
}

/** What the kernel refused, by line. */
interface Refusal {
  readonly line: number;
  readonly text: string;
}

/** One transaction on a table. */
export class Draft {
  readonly table: Table;
  readonly #changed = new Map<string, DraftChain>();
  readonly #removed = new Map<string, number>();
  readonly #refusals: Refusal[] = [];
  #last: DraftChain | undefined;

  constructor(table: Table, fresh: boolean) {
    this.table = fresh ? new Table(table.name) : table;
  }

  /** Whether the chain will exist. */
  has(name: string): boolean {
    return this.#changed.has(name) || (this.table.chains.has(name) && !this.#removed.has(name));
  }

  /** A chain to change. */
  #open(name: string): DraftChain {
    if (this.#last?.name === name) return this.#last;
    let chain = this.#changed.get(name);
    if (chain === undefined) {
      const before = this.#removed.has(name) ? undefined : this.table.chains.get(name);
      if (before === undefined) throw new RulesetError(NO_CHAIN);
      chain = { ...emptyDraft(name, before.policy), rules: [...before.rules], origins: before.rules.map((_, index) => index) };
      this.#changed.set(name, chain);
    }
    this.#last = chain;
    return chain;
  }

  /** A chain that begins empty, whatever it was: `:NAME - [0:0]`. */
  declare(name: string): void {
    this.#removed.delete(name);
    this.#set(emptyDraft(name, undefined));
  }

  #set(chain: DraftChain): void {
    this.#changed.set(chain.name, chain);
    this.#last = undefined;
  }

  /** `-N` */
  create(name: string): void {
    if (this.has(name)) throw new RulesetError('Chain already exists');
    this.declare(name);
  }

  /** `-F` */
  flush(name: string): void {
    if (!this.has(name)) throw new RulesetError(NO_CHAIN);
    const { policy, policyCounters } = this.#changed.get(name) ?? {
      policy: this.table.chains.get(name)?.policy,
      policyCounters: undefined,
    };
    this.#set({ ...emptyDraft(name, policy), policyCounters });
  }

  /** `-X`. A built-in chain stays. */
  remove(name: string, line: number): void {
    if (!this.has(name)) throw new RulesetError(NO_CHAIN);
    if (this.table.isBuiltIn(name)) return;
    this.#changed.delete(name);
    this.#removed.set(name, line);
    this.#last = undefined;
  }

  /** `-P` */
  setPolicy(name: string, policy: Policy, counters?: readonly [number, number]): void {
    if (!this.table.isBuiltIn(name)) throw new RulesetError('Bad built-in chain name');
    const chain = this.#open(name);
    chain.policy = policy;
    if (counters !== undefined) chain.policyCounters = counters;
  }

  /** `-A`, and with `at` (from 0) `-I`. */
  insert(name: string, rules: readonly Rule[], at: number | undefined, counters: readonly [number, number] | undefined): void {
    const chain = this.#open(name);
    if (at === undefined && counters === undefined && chain.counters === undefined) {
      // Most chains have one rule or two: a list made of one has one place, one that is pushed to has seventeen.
      if (chain.rules.length === 0 && chain.origins === undefined) chain.rules = rules.slice();
      else
        for (const rule of rules) {
          chain.rules.push(rule);
          chain.origins?.push(-1);
        }
      return;
    }
    const position = at ?? chain.rules.length;
    if (position > chain.rules.length) throw new RulesetError('Index of insertion too big');
    chain.counters ??= Array.from({ length: 2 * chain.rules.length }, () => 0);
    chain.counters.splice(2 * position, 0, ...rules.flatMap(() => counters ?? [0, 0]));
    chain.rules.splice(position, 0, ...rules);
    chain.origins?.splice(position, 0, ...rules.map(() => -1));
  }

  /** `-D` by number, from 0. */
  deleteAt(name: string, at: number): void {
    const chain = this.#open(name);
    if (at >= chain.rules.length) throw new RulesetError('Index of deletion too big');
    chain.rules.splice(at, 1);
    chain.origins?.splice(at, 1);
    chain.counters?.splice(2 * at, 2);
  }

  /** The place of a rule with the same text; -1: none. */
  find(name: string, rule: Rule): number {
    return this.#open(name).rules.findIndex(({ text }) => text === rule.text);
  }

  /** `-R`, from 0. */
  replaceAt(name: string, at: number, rule: Rule): void {
    const chain = this.#open(name);
    if (at >= chain.rules.length) throw new RulesetError('Index of replacement too big');
    chain.rules[at] = rule;
    if (chain.origins !== undefined) chain.origins[at] = -1;
    chain.counters?.splice(2 * at, 2, 0, 0);
  }

  /** `-E`: the chain and all jumps to it. */
  rename(name: string, to: string, line: number): void {
    const { rules } = this.#open(name);
    this.declare(to);
    this.insert(to, rules, undefined, undefined);
    for (const other of new Set([...this.table.chains.keys(), ...this.#changed.keys()])) {
      if (other === name || !this.has(other)) continue;
      const chain = this.#changed.get(other) ?? this.table.chains.get(other);
      chain?.rules.forEach((rule, position) => {
        if (rule.target.name === name && rule.target.kind !== 'extension') this.replaceAt(other, position, rule.jumpingTo(to));
      });
    }
    this.remove(name, line);
  }

  /** `-Z` */
  zero(name: string): void {
    const chain = this.#open(name);
    chain.zeroed = true;
    chain.counters = undefined;
  }

  /** Something that the kernel refuses; told at the commit. */
  refuse(line: number, text: string): void {
    this.#refusals.push({ line, text });
  }

  /** Applies all. Throws when it cannot, and changes nothing then. `prefix` makes the text of one refused line. */
  commit(prefix: (line: number) => string): Table {
    this.#checkTargets();
    const chains = this.#makeChains();
    this.#countReferences(chains, 1);
    for (const name of this.#removed.keys()) if ((this.table.chains.get(name)?.references ?? 0) > 0) this.#refuseRemoval(name);
    if (this.#refusals.length > 0) {
      this.#countReferences(chains, -1);
      throw new KernelError(this.#refusals.map(({ line, text }) => `${prefix(line)}${text}\n`).join(''));
    }
    this.#apply(chains);
    return this.table;
  }

  #checkTargets(): void {
    for (const { rules } of this.#changed.values())
      for (const { target } of rules) {
        if ((target.kind !== 'jump' && target.kind !== 'goto') || this.has(target.name)) continue;
        // A chain that is gone already before the commit is missed with its deletion.
        if (!this.#removed.has(target.name)) throw new UsageError(`Chain '${target.name}' does not exist`);
        this.#refuseRemoval(target.name);
      }
  }

  #refuseRemoval(name: string): void {
    const text = `CHAIN_DEL failed (Device or resource busy): chain ${name}`;
    if (!this.#refusals.some((refusal) => refusal.text === text)) this.refuse(this.#removed.get(name) ?? 0, text);
  }

  #makeChains(): Map<string, Chain> {
    const chains = new Map<string, Chain>();
    for (const { name, policy } of this.#changed.values()) if (!this.table.chains.has(name)) chains.set(name, new Chain(name, policy));
    return chains;
  }

  /** Moves the counts of jumps from the old rules to the new ones, or back. */
  #countReferences(chains: ReadonlyMap<string, Chain>, sign: 1 | -1): void {
    const chainOf = (name: string) => this.table.chains.get(name) ?? chains.get(name);
    const count = ({ target: { kind, name } }: Rule, by: number) => {
      if (kind !== 'jump' && kind !== 'goto') return;
      const chain = chainOf(name);
      if (chain !== undefined) chain.references += by;
    };
    for (const [name, { rules }] of this.#changed) {
      const old = this.table.chains.get(name)?.rules ?? [];
      let same = 0;
      while (same < old.length && same < rules.length && old[same] === rules[same]) same++;
      for (let i = same; i < rules.length; i++) count(rules[i] as Rule, sign);
      for (let i = same; i < old.length; i++) count(old[i] as Rule, -sign);
    }
    for (const name of this.#removed.keys()) for (const rule of this.table.chains.get(name)?.rules ?? []) count(rule, -sign);
  }

  #apply(chains: ReadonlyMap<string, Chain>): void {
    for (const draft of this.#changed.values()) {
      let chain = this.table.chains.get(draft.name);
      if (chain === undefined) {
        chain = chains.get(draft.name) as Chain;
        this.table.chains.set(draft.name, chain);
      }
      // A list that grew holds more places than it has rules; a copy does not.
      const rules = draft.rules.length === 1 ? draft.rules : draft.rules.slice();
      if (draft.zeroed) chain.zero();
      if (draft.origins === undefined) chain.replace(rules, draft.counters);
      else if (!isUntouched(draft, chain)) chain.rearrange(rules, draft.origins, draft.counters);
      chain.policy = draft.policy;
      if (draft.policyCounters !== undefined) chain.setPolicyCounters(draft.policyCounters[0], draft.policyCounters[1]);
    }
    for (const name of this.#removed.keys()) this.table.chains.delete(name);
  }

  /** Whether a rule among the new ones looks at connections. */
  needsConntrack(): boolean {
    for (const { rules } of this.#changed.values()) if (rules.some((rule) => rule.needsConntrack)) return true;
    return false;
  }
}

const emptyDraft = (name: string, policy: Policy | undefined): DraftChain => ({
  name,
  rules: [],
  origins: undefined,
  counters: undefined,
  policy,
  policyCounters: undefined,
  zeroed: false,
});

const isUntouched = ({ rules, origins }: DraftChain, chain: Chain): boolean =>
  rules.length === chain.rules.length && origins?.every((origin, index) => origin === index) === true;
