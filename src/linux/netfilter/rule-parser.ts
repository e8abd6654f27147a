/** Reads the words of a rule (`iptables/xshared.c`, do_parse) and compiles them. */
import { type AddressMask, parseAddressMask, parseProtocol } from './values.ts';
import { matchModule, protocolModule, targetModule, UNMODELLED } from './extensions.ts';
import { Interned } from './interning.ts';
import { parseInterface } from './interface-match.ts';
import { GivenOptions, type MatchModule, type Option, type TargetModule } from './modules.ts';
import { type InterfaceMatch, type Match, Rule, type Target } from './rule.ts';
import { UsageError } from './tool-error.ts';

/** What the words of one rule said. Several addresses make several rules. */
export interface ParsedRule {
  readonly rules: readonly Rule[];
  /** -c or [packets:bytes]. */
  readonly counters: readonly [number, number] | undefined;
}

interface Loaded<M> {
  readonly module: M;
  readonly given: GivenOptions;
}

const matchCache = new Interned<Match>(20_000);
const targetCache = new Interned<Target>(20_000);

const ANY: AddressMask = { address: 0, mask: 0 };
const noListing = (): string => '';
const NO_TARGET: Target = Object.freeze({ name: '', kind: 'none', text: '', listing: noListing });

/** Spellings of the options that every rule may have. */
const COMMON: Readonly<Record<string, string>> = {
  '--source': '-s',
  '--src': '-s',
  '--destination': '-d',
  '--dst': '-d',
  '--in-interface': '-i',
  '--out-interface': '-o',
  '--protocol': '-p',
  '--proto': '-p',
  '--match': '-m',
  '--jump': '-j',
  '--goto': '-g',
  '--fragment': '-f',
  '--set-counters': '-c',
  '--ipv4': '-4',
  '--ipv6': '-6',
};
const INVERTIBLE = new Set(['-s', '-d', '-i', '-o', '-p', '-f']);
const FAMILY = new Set(['-4', '-6']);

const parseAddressMasks = (text: string): AddressMask[] =>
  text.includes(',') ? text.split(',').map(parseAddressMask) : [parseAddressMask(text)];

/** Reads one rule; `used` keeps from giving an option twice. */
class RuleReader {
  readonly #words: readonly string[];
  #at: number;
  #used = '';
  #sources: readonly AddressMask[] = [ANY];
  #sourceInverted = false;
  #destinations: readonly AddressMask[] = [ANY];
  #destinationInverted = false;
  #input: InterfaceMatch | undefined;
  #output: InterfaceMatch | undefined;
  #protocol = 0;
  #protocolInverted = false;
  #fragment: boolean | undefined;
  #counters: readonly [number, number] | undefined;
  #jump = '';
  #goto = false;
  readonly #loaded: Loaded<MatchModule>[] = [];
  #target: Loaded<TargetModule> | undefined;

  constructor(words: readonly string[], from: number) {
    this.#words = words;
    this.#at = from;
  }

  read(): ParsedRule {
    let inverted = false;
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++] ?? '';
      if (word === '!') {
        if (inverted) throw new UsageError("Multiple `!' flags not allowed");
        inverted = true;
        continue;
      }
      if (!word.startsWith('-')) throw new UsageError(`Bad argument \`${word}'`);
      const common = COMMON[word] ?? word;
      if (inverted && !INVERTIBLE.has(common) && common.length === 2) throw new UsageError(`unexpected ! flag before ${word}`);
      if (!this.#readCommon(common, word, inverted)) this.#readExtension(word, inverted);
      inverted = false;
    }
    return { rules: this.#build(), counters: this.#counters };
  }

  #value(option: string): string {
    const value = this.#words[this.#at++];
    if (value === undefined) throw new UsageError(`option "${option}" requires an argument`);
    return value;
  }

  #once(option: string): void {
    if (this.#used.includes(option)) throw new UsageError(`multiple ${option} flags not allowed`);
    this.#used += option;
  }

  #readCommon(option: string, word: string, inverted: boolean): boolean {
    if (option.length !== 2) return false;
    if (option === '-m') {
      this.#load(this.#value(word));
      return true;
    }
    if (FAMILY.has(option)) return true;
    if (!'sdiopjgfc'.includes(option.charAt(1))) return false;
    this.#once(option === '-g' ? '-j' : option);
    if (option === '-f') this.#fragment = !inverted;
    else if (option === '-c') this.#counters = [Number(this.#value(word)), Number(this.#value(word))];
    else this.#readValue(option, this.#value(word), inverted);
    return true;
  }

  #readValue(option: string, value: string, inverted: boolean): void {
    switch (option) {
      case '-s':
        this.#sources = parseAddressMasks(value);
        this.#sourceInverted = inverted;
        break;
      case '-d':
        this.#destinations = parseAddressMasks(value);
        this.#destinationInverted = inverted;
        break;
      case '-i':
        this.#input = parseInterface(value, inverted);
        break;
      case '-o':
        this.#output = parseInterface(value, inverted);
        break;
      case '-p':
        this.#protocol = parseProtocol(value);
        this.#protocolInverted = inverted;
        if (this.#protocol === 0 && inverted) throw new UsageError('rule would never match protocol');
        break;
      case '-g':
        this.#jump = value;
        this.#goto = true;
        break;
      default:
        this.#readJump(value);
    }
  }

  #readJump(name: string): void {
    this.#jump = name;
    const module = targetModule(name);
    if (module !== undefined) this.#target = { module, given: new GivenOptions(name) };
    else if (UNMODELLED.has(name)) throw new UsageError(`target \`${name}' is not modelled`);
  }

  #load(name: string): Loaded<MatchModule> {
    const module = matchModule(name);
    if (module === undefined) {
      if (UNMODELLED.has(name)) throw new UsageError(`match \`${name}' is not modelled`);
      throw new UsageError(`Couldn't load match \`${name}':No such file or directory\n`);
    }
    // The transport's own extension is one, however often it is named.
    const before = module.protocol === undefined ? undefined : this.#loaded.find((loaded) => loaded.module === module);
    if (before !== undefined) return before;
    const loaded = { module, given: new GivenOptions(name) };
    this.#loaded.push(loaded);
    return loaded;
  }

  /** An option of the target or of a match that was loaded, the latest first; else of the protocol's own extension. */
  #readExtension(word: string, inverted: boolean): void {
    const target = this.#target?.module.options[word];
    if (this.#target !== undefined && target !== undefined) return this.#give(this.#target.given, target, word, inverted);
    for (let i = this.#loaded.length - 1; i >= 0; i--) {
      const loaded = this.#loaded[i];
      const option = loaded?.module.options[word];
      if (loaded !== undefined && option !== undefined) return this.#give(loaded.given, option, word, inverted);
    }
    const module = this.#protocolInverted ? undefined : protocolModule(this.#protocol);
    const option = module?.options[word];
    if (module === undefined || option === undefined) throw new UsageError(`unknown option "${word}"`);
    this.#give(this.#load(module.name).given, option, word, inverted);
  }

  #give(given: GivenOptions, option: Option, word: string, inverted: boolean): void {
    const values = this.#words.slice(this.#at, this.#at + option.args);
    if (values.length < option.args || (option.args === 2 && values[1]?.startsWith('-')))
      throw new UsageError(option.args === 2 ? `${word} requires two args.` : `option "${word}" requires an argument`);
    this.#at += option.args;
    given.add(option, { values, inverted });
  }

  #build(): Rule[] {
    const header = { protocol: this.#protocol, protocolInverted: this.#protocolInverted };
    const matches = this.#loaded.map(({ module, given }) => {
      if (module.unique) return module.build(given, header);
      const key = `${given.key()}\n${header.protocolInverted ? '!' : ''}${header.protocol}`;
      return matchCache.get(key) ?? matchCache.set(key, module.build(given, header));
    });
    const target = this.#buildTarget();
    const rules: Rule[] = [];
    for (const source of this.#sources)
      for (const destination of this.#destinations) rules.push(this.#buildRule(source, destination, matches, target));
    if ((this.#sources.length > 1 && this.#sourceInverted) || (this.#destinations.length > 1 && this.#destinationInverted))
      throw new UsageError('! not allowed with multiple source or destination IP addresses');
    return rules;
  }

  #buildTarget(): Target {
    const name = this.#jump;
    if (name === '') return NO_TARGET;
    const header = { protocol: this.#protocol, protocolInverted: this.#protocolInverted };
    if (this.#target === undefined) return new PlainTarget(name, this.#goto);
    const { module, given } = this.#target;
    if (module.unique) return module.build(given, header);
    const key = `${given.key()}\n${header.protocolInverted ? '!' : ''}${header.protocol}`;
    return targetCache.get(key) ?? targetCache.set(key, module.build(given, header));
  }

  #buildRule(source: AddressMask, destination: AddressMask, matches: readonly Match[], target: Target): Rule {
    const input = anyDevice(this.#input) ? undefined : this.#input;
    const output = anyDevice(this.#output) ? undefined : this.#output;
    const parts = {
      source: source.address,
      sourceMask: source.mask,
      sourceInverted: this.#sourceInverted,
      destination: destination.address,
      destinationMask: destination.mask,
      destinationInverted: this.#destinationInverted,
      input,
      output,
      protocol: this.#protocol,
      protocolInverted: this.#protocolInverted,
      fragment: this.#fragment,
      matches,
      target,
    };
    return new Rule(parts);
  }
}

/** "-i +" */
const anyDevice = (match: InterfaceMatch | undefined): boolean => match?.prefix === '' && !match.inverted;

const VERDICTS = new Set(['ACCEPT', 'DROP', 'RETURN']);

/** A verdict or another chain. */
class PlainTarget implements Target {
  readonly name: string;
  readonly kind: 'verdict' | 'jump' | 'goto';

  constructor(name: string, isGoto: boolean) {
    this.name = name;
    this.kind = isGoto ? 'goto' : VERDICTS.has(name) ? 'verdict' : 'jump';
  }

  get text(): string {
    return `${this.kind === 'goto' ? ' -g' : ' -j'} ${this.name}`;
  }

  listing(): string {
    return '';
  }
}

/** Reads a rule from the words that begin at `from`. Throws a UsageError. */
export const parseRule = (words: readonly string[], from: number): ParsedRule => new RuleReader(words, from).read();
