/** What an extension of iptables (`libxt_tcp.so` and the like) consists of here: its options, and how a rule gets made of them. */
import type { Match, Target } from './rule.ts';
import { UsageError } from './tool-error.ts';

/** An option of an extension: its full name, and how many words follow it. */
export interface Option {
  readonly name: string;
  readonly args: 0 | 1 | 2;
}

/** An option as it was given. */
export interface GivenOption {
  readonly values: readonly string[];
  readonly inverted: boolean;
}

/** What the rule says besides: some extensions want to know. */
export interface RuleHeader {
  readonly protocol: number;
  readonly protocolInverted: boolean;
}

/** All options that were given to one extension. */
export class GivenOptions {
  readonly #names: string[] = [];
  readonly #options: GivenOption[] = [];
  readonly module: string;

  constructor(module: string) {
    this.module = module;
  }

  add(option: Option, given: GivenOption): void {
    if (this.has(option.name)) throw new UsageError(`${this.module}: option "${option.name}" can only be used once.\n`);
    this.#names.push(option.name);
    this.#options.push(given);
  }

  has(name: string): boolean {
    return this.#names.includes(name);
  }

  get(name: string): GivenOption | undefined {
    return this.#options[this.#names.indexOf(name)];
  }

  /** The word after the option. */
  value(name: string): string | undefined {
    return this.get(name)?.values[0];
  }

  inverted(name: string): boolean {
    return this.get(name)?.inverted ?? false;
  }

  get size(): number {
    return this.#names.length;
  }

  /** The word after an option that must be there. */
  required(name: string): string {
    const value = this.value(name);
    if (value === undefined) throw new UsageError(`${this.module}: option "${name}" must be specified\n`);
    return value;
  }

  /** All that was given, as one text. */
  key(): string {
    let key = this.module;
    for (let i = 0; i < this.#names.length; i++) {
      const given = this.#options[i];
      key += given?.inverted ? ' ! ' : ' ';
      key += this.#names[i] ?? '';
      for (const value of given?.values ?? []) key += `\n${value}`;
    }
    return key;
  }
}

/** An extension that compares. */
export interface MatchModule {
  readonly name: string;
  /** Spelling on the command line → option. */
  readonly options: Readonly<Record<string, Option>>;
  build(given: GivenOptions, header: RuleHeader): Match;
  /** Nearly every rule has another one, so that keeping them to share is not worth it. */
  readonly unique?: boolean;
  /** The number of the protocol that loads it without -m. */
  readonly protocol?: number;
}

/** An extension that acts. */
export interface TargetModule {
  readonly name: string;
  readonly unique?: boolean;
  readonly options: Readonly<Record<string, Option>>;
  build(given: GivenOptions, header: RuleHeader): Target;
}

/** Options by all of their spellings; the first one is the full name. */
export function options(...list: readonly (readonly [args: 0 | 1 | 2, ...names: string[]])[]): Record<string, Option> {
  const all: Record<string, Option> = {};
  for (const [args, ...names] of list) {
    const option: Option = { name: names[0] ?? '', args };
    for (const name of names) all[name] = option;
  }
  return all;
}
