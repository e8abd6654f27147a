/** Lines of iptables-restore and of the command line: which command, on which chain, with which rule. */
import { detached, Interned } from './interning.ts';
import { parseRule } from './rule-parser.ts';
import type { Rule } from './rule.ts';
import { UsageError } from './tool-error.ts';
import { tokenize } from './tokens.ts';
import { parseNumber } from './values.ts';

/** Letters of the commands. */
export type CommandLetter = 'A' | 'I' | 'D' | 'R' | 'C' | 'N' | 'X' | 'F' | 'Z' | 'P' | 'E' | 'L' | 'S';

/** A command as it was read. */
export interface RuleCommand {
  readonly command: CommandLetter;
  /** undefined: all chains, where the command allows it. */
  readonly chain: string | undefined;
  /** A rule's number from 1, for -I, -D, -R, -L, -S, -Z. */
  readonly number?: number | undefined;
  /** The policy of -P, the new name of -E. */
  readonly argument?: string | undefined;
  readonly rules: readonly Rule[];
  readonly counters: readonly [number, number] | undefined;
  /** Options of the listing and the like: "-n", "-v", "--line-numbers", "-x", "-w". */
  readonly flags: ReadonlySet<string>;
  readonly table?: string | undefined;
}

/** A line "-A CHAIN …". */
interface AppendLine {
  readonly chain: string;
  readonly rules: readonly Rule[];
  readonly counters: readonly [number, number] | undefined;
}

const COMMANDS: Readonly<Record<string, CommandLetter>> = {
  '--append': 'A',
  '--insert': 'I',
  '--delete': 'D',
  '--replace': 'R',
  '--check': 'C',
  '--new-chain': 'N',
  '--new': 'N',
  '--delete-chain': 'X',
  '--flush': 'F',
  '--zero': 'Z',
  '--policy': 'P',
  '--rename-chain': 'E',
  '--list': 'L',
  '--list-rules': 'S',
};
const LETTERS = new Set<string>(['A', 'I', 'D', 'R', 'C', 'N', 'X', 'F', 'Z', 'P', 'E', 'L', 'S']);
const CHAIN_OPTIONAL = new Set<string>(['X', 'F', 'Z', 'L', 'S']);
/** Commands that take a rule. */
const WITH_RULE = new Set<string>(['A', 'I', 'D', 'R', 'C']);
const FLAGS: Readonly<Record<string, string>> = {
  '-n': '-n',
  '--numeric': '-n',
  '-v': '-v',
  '--verbose': '-v',
  '-x': '-x',
  '--exact': '-x',
  '--line-numbers': '--line-numbers',
  '-w': '-w',
  '--wait': '-w',
};
/** XT_EXTENSION_MAXNAMELEN */
const LONGEST_CHAIN = 28;
const VERDICTS = new Set([
  'ACCEPT',
  'DROP',
  'QUEUE',
  'RETURN',
  'REJECT',
  'DNAT',
  'SNAT',
  'MASQUERADE',
  'REDIRECT',
  'MARK',
  'CONNMARK',
  'LOG',
]);

/** Rules by what stands after the chain in "-A CHAIN …". About what twenty thousand Services need; then it is begun anew. */
const readRules = new Interned<Rule>(400_000);
const APPEND = '-A ';

/** Reads "-A CHAIN …", once for each distinct text after the chain. undefined: another command. */
export function readAppend(line: string): AppendLine | undefined {
  if (!line.startsWith(APPEND)) return undefined;
  const end = line.indexOf(' ', APPEND.length);
  if (end <= APPEND.length || end === line.length - 1) return undefined;
  const chain = line.slice(APPEND.length, end);
  const rest = line.slice(end);
  let rule = readRules.get(rest);
  if (rule === undefined) {
    const text = detached(rest);
    const words = tokenize(text);
    if (words.some((word) => word.length === 2 && isCommandWord(word))) return undefined;
    const { rules, counters } = parseRule(words, 0);
    const [only] = rules;
    if (only === undefined || rules.length > 1 || counters !== undefined) {
      checkDirections(chain, rules);
      return { chain, rules, counters };
    }
    rule = readRules.set(text, only);
  }
  if (rule.input !== undefined || rule.output !== undefined) checkDirections(chain, [rule]);
  return { chain, rules: [rule], counters: undefined };
}

const isCommandWord = (word: string): boolean => word.startsWith('-') && LETTERS.has(word.charAt(1)) && word.length === 2;

/** Hooks that have no such device. */
function checkDirections(chain: string, rules: readonly Rule[]): void {
  for (const rule of rules) {
    if (rule.output !== undefined && (chain === 'PREROUTING' || chain === 'INPUT')) throw new UsageError(`Can't use -o with ${chain}\n`);
    if (rule.input !== undefined && (chain === 'POSTROUTING' || chain === 'OUTPUT')) throw new UsageError(`Can't use -i with ${chain}\n`);
  }
}

/** Whether a chain may be called so. */
export function checkChainName(name: string): void {
  if (name.startsWith('-') || name.startsWith('!')) throw new UsageError(`chain name not allowed to start with \`${name.charAt(0)}'`);
  if (name.length > LONGEST_CHAIN) throw new UsageError(`chain name \`${name}' too long (must be under ${LONGEST_CHAIN + 1} chars)`);
  if (VERDICTS.has(name)) throw new UsageError('chain name may not clash with target name');
}

/** Reads a rule's number. */
export function ruleNumber(text: string): number {
  const number = parseNumber(text);
  if (number === undefined || number === 0) throw new UsageError(`Invalid rule number \`${text}'`);
  return number;
}

/** The parts of a command while its words are gone through. */
class CommandReader {
  readonly #words: readonly string[];
  readonly #rest: string[] = [];
  readonly #flags = new Set<string>();
  #command: CommandLetter | undefined;
  #commandWord = '';
  #chain: string | undefined;
  #number: number | undefined;
  #argument: string | undefined;
  #table: string | undefined;
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  read(allowTable: boolean): RuleCommand {
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at++] ?? '';
      const letter = COMMANDS[word] ?? (isCommandWord(word) ? (word.charAt(1) as CommandLetter) : undefined);
      if (letter !== undefined) this.#readCommand(letter, word);
      else if (word === '-t' || word === '--table') this.#readTable(allowTable, word);
      else if (FLAGS[word] !== undefined) this.#flags.add(FLAGS[word]);
      else this.#rest.push(word);
    }
    return this.#finish();
  }

  #readTable(allowed: boolean, word: string): void {
    if (!allowed) throw new UsageError('The -t option cannot be used in iptables-restore.\n');
    this.#table = this.#words[this.#at++];
    if (this.#table === undefined) throw new UsageError(`option "${word}" requires an argument`);
  }

  /** A word that is not an option. */
  #plainWord(): string | undefined {
    const word = this.#words[this.#at];
    if (word === undefined || word.startsWith('-') || word === '!') return undefined;
    this.#at++;
    return word;
  }

  #readCommand(letter: CommandLetter, word: string): void {
    if (this.#command !== undefined && !(this.#command === 'L' && letter === 'Z'))
      throw new UsageError(`Cannot use ${word} with ${this.#commandWord}`);
    this.#command = letter;
    this.#commandWord = word;
    this.#chain = this.#plainWord();
    if (this.#chain === undefined && !CHAIN_OPTIONAL.has(letter)) {
      if (letter === 'A' || letter === 'N' || letter === 'C') throw new UsageError(`option "${word}" requires an argument`);
      throw new UsageError(`${word} requires a chain`);
    }
    if (letter === 'P' || letter === 'E') {
      this.#argument = this.#plainWord();
      if (this.#argument === undefined) throw new UsageError(`${word} requires a chain and a ${letter === 'P' ? 'policy' : 'new name'}`);
    } else if ('IDRLSZ'.includes(letter)) {
      const number = this.#plainWord();
      if (number !== undefined) this.#number = ruleNumber(number);
      else if (letter === 'R') throw new UsageError('-R requires a rule number');
    }
  }

  #finish(): RuleCommand {
    const command = this.#command;
    const [first] = this.#rest;
    // Words that are not even part of a rule are the first thing that is wrong.
    if (command === undefined && first !== undefined) parseRule(this.#rest, 0);
    if (command === undefined) throw new UsageError('no command specified');
    const base = { command, chain: this.#chain, number: this.#number, argument: this.#argument, flags: this.#flags, table: this.#table };
    if (command === 'N' && this.#chain !== undefined) checkChainName(this.#chain);
    if (command === 'E' && this.#argument !== undefined) checkChainName(this.#argument);
    const takesRule = WITH_RULE.has(command) && !(command === 'D' && this.#number !== undefined);
    if (!takesRule) {
      const [word] = this.#rest;
      if (word !== undefined && !/^\d+$/.test(word))
        throw new UsageError(word.startsWith('-') ? `unknown option "${word}"` : `Bad argument \`${word}'`);
      return { ...base, rules: [], counters: undefined };
    }
    const { rules, counters } = parseRule(this.#rest, 0);
    checkDirections(this.#chain ?? '', rules);
    return { ...base, rules, counters };
  }
}

/** Reads a command's words. `allowTable`: -t may be among them. */
export const readCommand = (words: readonly string[], allowTable: boolean): RuleCommand => new CommandReader(words).read(allowTable);
