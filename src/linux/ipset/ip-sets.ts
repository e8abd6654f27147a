/**
 * The ipsets of one namespace (`net/netfilter/ipset`), and the ipset tool's commands and texts (ipset 7.17).
 */
import { networkChanged } from '../net/generation.ts';
import type { Packet } from '../net/packet.ts';
import { IpSet, type Key, type Member, type MemberOptions } from './ip-set.ts';
import { IpSetError } from './ipset-error.ts';
import { parseSetOptions, splitWords } from './set-options.ts';
import { portKey, setType } from './set-types.ts';

/** How the ipset tool ended. */
export interface IpSetResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command gets besides its words. */
export interface IpSetInput {
  /** For restore. */
  readonly stdin?: string;
  /** Virtual ms. */
  readonly now?: number;
}

const TOOL = 'ipset v7.17: ';
const HELP = "Try `ipset help' for more information.\n";
const LONGEST_NAME = 31;
const NO_SET = 'The set with the given name does not exist';

/** All spellings of the commands. */
const COMMANDS: Readonly<Record<string, string>> = {
  n: 'create',
  '-N': 'create',
  '--create': 'create',
  create: 'create',
  a: 'add',
  '-A': 'add',
  '--add': 'add',
  add: 'add',
  d: 'del',
  '-D': 'del',
  '--del': 'del',
  del: 'del',
  t: 'test',
  '-T': 'test',
  '--test': 'test',
  test: 'test',
  x: 'destroy',
  '-X': 'destroy',
  '--destroy': 'destroy',
  destroy: 'destroy',
  l: 'list',
  '-L': 'list',
  '--list': 'list',
  list: 'list',
  s: 'save',
  '-S': 'save',
  '--save': 'save',
  save: 'save',
  r: 'restore',
  '-R': 'restore',
  '--restore': 'restore',
  restore: 'restore',
  f: 'flush',
  '-F': 'flush',
  '--flush': 'flush',
  flush: 'flush',
  e: 'rename',
  '-E': 'rename',
  '--rename': 'rename',
  rename: 'rename',
  w: 'swap',
  '-W': 'swap',
  '--swap': 'swap',
  swap: 'swap',
  v: 'version',
  '-V': 'version',
  '--version': 'version',
  version: 'version',
};

interface Flags {
  exist: boolean;
  terse: boolean;
  names: boolean;
  sorted: boolean;
  quiet: boolean;
  save: boolean;
}

/** The sets of one namespace by name. */
export class IpSets {
  readonly #sets = new Map<string, IpSet>();
  /** How many rules name a set. */
  usedBy: (set: string) => number = () => 0;

  has(name: string): boolean {
    return this.#sets.has(name);
  }

  /** A set to look at. */
  get(name: string): IpSet | undefined {
    return this.#sets.get(name);
  }

  names(): IterableIterator<string> {
    return this.#sets.keys();
  }

  /** `ipset …`, the words after the command's name. */
  command(words: readonly string[], { stdin = '', now = 0 }: IpSetInput = {}): IpSetResult {
    return this.#guard('', () => {
      const [rest, flags] = takeFlags(words);
      const command = COMMANDS[rest[0] ?? ''];
      if (rest[0] === undefined) throw new IpSetError(`No command specified.\n${HELP.trimEnd()}`, 2);
      if (command === undefined) throw new IpSetError(`No command specified: unknown argument ${rest[0]}\n${HELP.trimEnd()}`, 2);
      if (command === 'restore') return this.restore(stdin, { exist: flags.exist, now });
      return this.#run(command, rest.slice(1), flags, now);
    });
  }

  /** `ipset restore`. Lines before one that fails stay done. */
  restore(text: string, { exist = false, now = 0 }: { readonly exist?: boolean; readonly now?: number } = {}): IpSetResult {
    let number = 0;
    for (const line of text.split('\n')) {
      number++;
      if (line.trim() === '' || line.startsWith('#')) continue;
      const result = this.#guard(`Error in line ${number}: `, () => {
        const [rest, flags] = takeFlags(splitWords(line));
        const command = COMMANDS[rest[0] ?? ''];
        if (command === undefined) throw new IpSetError(`No command specified: unknown argument ${rest[0] ?? ''}\n${HELP.trimEnd()}`, 2);
        return this.#run(command, rest.slice(1), { ...flags, exist: exist || flags.exist }, now);
      });
      if (result.exitCode !== 0) return result;
    }
    return OK;
  }

  #guard(prefix: string, run: () => IpSetResult): IpSetResult {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof IpSetError)) throw error;
      // Part of it may be done.
      networkChanged();
      const { exitCode, message } = error;
      return { exitCode, stdout: '', stderr: `${TOOL}${exitCode === 2 ? '' : prefix}${message}\n` };
    }
  }

  #run(command: string, words: readonly string[], flags: Flags, now: number): IpSetResult {
    const [name = '', second = ''] = words;
    switch (command) {
      case 'create':
        this.#create(name, second, words.slice(2), flags.exist);
        break;
      case 'add':
      case 'del':
        this.#changeMember(command, this.#need(name), second, words.slice(2), flags.exist, now);
        break;
      case 'test':
        return this.#testMember(this.#need(name), second, now);
      case 'destroy':
        this.#destroy(words[0]);
        break;
      case 'flush':
        for (const set of words[0] === undefined ? this.#sets.values() : [this.#need(name)]) set.flush();
        break;
      case 'rename':
      case 'swap':
        this.#rename(command, name, second);
        break;
      case 'list':
        return done(flags.save ? this.save(words[0], now, flags.sorted) : this.#list(words[0], flags, now));
      case 'save':
        return done(this.save(words[0], now, flags.sorted));
      case 'version':
        return done('ipset v7.17, protocol version: 7\n');
      default:
        break;
    }
    networkChanged();
    return OK;
  }

  #need(name: string): IpSet {
    const set = this.#sets.get(name);
    if (set === undefined) throw new IpSetError(NO_SET);
    return set;
  }

  #create(name: string, typeName: string, words: readonly string[], exist: boolean): void {
    if (name.length > LONGEST_NAME) throw new IpSetError(`Syntax error: setname '${name}' is longer than ${LONGEST_NAME} characters`);
    const type = setType(typeName);
    const set = new IpSet(name, type, parseSetOptions(type, words));
    const before = this.#sets.get(name);
    if (before === undefined) this.#sets.set(name, set);
    else if (!exist || before.type !== type || before.header() !== set.header())
      throw new IpSetError('Set cannot be created: set with the same name already exists');
  }

  #changeMember(command: 'add' | 'del', set: IpSet, text: string, words: readonly string[], exist: boolean, now: number): void {
    const options = memberOptions(words);
    if (set.isList && !this.#sets.has(text)) throw new IpSetError('Set to be added/deleted/tested as element does not exist.');
    for (const member of set.parse(text, options, now)) {
      if (command === 'add') set.add(member, exist, now);
      else set.delete(member, exist);
    }
  }

  #testMember(set: IpSet, text: string, now: number): IpSetResult {
    const [member] = set.parse(text, {}, now);
    const found = member !== undefined && this.#holds(set, member, now);
    const stderr = found ? `Warning: ${text} is in set ${set.name}.\n` : `${text} is NOT in set ${set.name}.\n`;
    return { exitCode: found ? 0 : 1, stdout: '', stderr };
  }

  #holds(set: IpSet, member: Member, now: number): boolean {
    if (set.isList) return set.members(now).some((one) => one.set === member.set);
    const found = set.find(member, now);
    return found !== undefined && !found.nomatch;
  }

  #destroy(name: string | undefined): void {
    const names = name === undefined ? [...this.#sets.keys()] : [this.#need(name).name];
    if (names.some((one) => this.#references(one, name === undefined) > 0))
      throw new IpSetError('Set cannot be destroyed: it is in use by a kernel component');
    for (const one of names) this.#sets.delete(one);
  }

  /** Rules and lists that name the set. */
  #references(name: string, ignoreLists = false): number {
    let count = this.usedBy(name);
    if (ignoreLists) return count;
    for (const set of this.#sets.values()) if (set.isList && set.members(0).some((member) => member.set === name)) count++;
    return count;
  }

  #rename(command: 'rename' | 'swap', name: string, to: string): void {
    const set = this.#need(name);
    const other = this.#sets.get(to);
    if (command === 'swap') {
      if (other === undefined) throw new IpSetError('Sets cannot be swapped: the second set does not exist');
      if (other.type !== set.type) throw new IpSetError('The sets cannot be swapped: their type does not match');
      other.name = name;
      this.#sets.set(name, other);
    } else {
      if (this.#references(name) > 0) throw new IpSetError('Set cannot be renamed: it is in use by another system');
      if (other !== undefined) throw new IpSetError('Set cannot be renamed: a set with the new name already exists');
      this.#sets.delete(name);
    }
    set.name = to;
    this.#sets.set(to, set);
  }

  /** Sets in the order in which they were made, lists of sets last. */
  #ordered(name: string | undefined): IpSet[] {
    if (name !== undefined) return [this.#need(name)];
    const all = [...this.#sets.values()];
    return [...all.filter((set) => !set.isList), ...all.filter((set) => set.isList)];
  }

  #members(set: IpSet, now: number, sorted: boolean): string[] {
    const members = set.members(now).map((member) => set.format(member, now));
    return sorted ? members.sort() : members;
  }

  #list(name: string | undefined, flags: Flags, now: number): string {
    const sets = this.#ordered(name);
    if (flags.names) return sets.map((set) => `${set.name}\n`).join('');
    const texts = sets.map((set) => {
      const members = this.#members(set, now, flags.sorted);
      const lines = [
        `Name: ${set.name}`,
        `Type: ${set.type.name}`,
        `Revision: ${set.type.revision}`,
        `Header: ${set.header()}`,
        `Size in memory: ${set.memory(now)}`,
        `References: ${this.#references(set.name)}`,
        `Number of entries: ${members.length}`,
      ];
      return `${[...lines, ...(flags.terse ? [] : ['Members:', ...members])].join('\n')}\n`;
    });
    return texts.join('\n');
  }

  /** `ipset save [NAME]` */
  save(name?: string, now = 0, sorted = false): string {
    return this.#ordered(name)
      .map((set) => {
        const members = this.#members(set, now, sorted).map((member) => `add ${set.name} ${member}\n`);
        return `create ${set.name} ${set.type.name} ${set.header()}\n${members.join('')}`;
      })
      .join('');
  }

  /** What the set match asks: whether the packet's parts are in the set. `sources`: for each part, whether it is the source's. */
  test(name: string, sources: readonly boolean[], packet: Packet, now: number): boolean {
    const set = this.#sets.get(name);
    if (set === undefined) return false;
    if (set.isList) return set.members(now).some((member) => this.test(member.set, sources, packet, now));
    const key = keyOf(set, sources, packet);
    const found = key === undefined ? undefined : set.find(key, now);
    if (found === undefined || found.nomatch) return false;
    found.packets++;
    found.bytes += packet.length;
    return true;
  }

  /** What the SET target does. */
  change(
    command: 'add' | 'del',
    name: string,
    sources: readonly boolean[],
    packet: Packet,
    now: number,
    { exist, timeout }: { readonly exist: boolean; readonly timeout: number | undefined },
  ): void {
    const set = this.#sets.get(name);
    const key = set === undefined || set.isList ? undefined : keyOf(set, sources, packet);
    if (set === undefined || key === undefined) return;
    const seconds = timeout ?? set.options.timeout ?? 0;
    const expiresAt = seconds === 0 || set.options.timeout === undefined ? Infinity : now + seconds * 1000;
    const member: Member = { ...key, prefixLength: 32, set: '', comment: undefined, nomatch: false, expiresAt, packets: 0, bytes: 0 };
    networkChanged();
    if (command === 'del') set.delete(member, true);
    else if (exist || set.find(key, now) === undefined) set.add(member, true, now);
  }
}

/** The parts of a packet that a set asks for; undefined when the rule names too few, or the packet has no port. */
function keyOf(set: IpSet, sources: readonly boolean[], packet: Packet): Key | undefined {
  const { dimensions } = set.type;
  if (sources.length < dimensions.length) return undefined;
  let [ip, port, second] = [0, 0, 0];
  for (let i = 0; i < dimensions.length; i++) {
    const source = sources[i] === true;
    if (dimensions[i] === 'port') {
      const key = portKey(packet.protocol, source ? packet.sourcePort : packet.destinationPort);
      if (key === undefined) return undefined;
      port = set.isBitmap ? key % 65536 : key;
    } else if (i === 0) ip = source ? packet.source : packet.destination;
    else second = source ? packet.source : packet.destination;
  }
  return { ip, port, second };
}

const OK: IpSetResult = Object.freeze({ exitCode: 0, stdout: '', stderr: '' });
const done = (stdout: string): IpSetResult => ({ ...OK, stdout });

/** Options that may stand anywhere. */
function takeFlags(words: readonly string[]): [string[], Flags] {
  const flags: Flags = { exist: false, terse: false, names: false, sorted: false, quiet: false, save: false };
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '-exist' || word === '-!' || word === '--exist') flags.exist = true;
    else if (word === '-t' || word === '-terse') flags.terse = true;
    else if (word === '-n' || word === '-name') flags.names = true;
    else if (word === '-s' || word === '-sorted') flags.sorted = true;
    else if (word === '-q' || word === '-quiet') flags.quiet = true;
    else if (word === '-o' || word === '-output') flags.save = words[++i] === 'save';
    else rest.push(word);
  }
  return [rest, flags];
}

function memberOptions(words: readonly string[]): MemberOptions {
  let options: MemberOptions = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === 'nomatch') options = { ...options, nomatch: true };
    else if (word === 'timeout') options = { ...options, timeout: Number(words[++i]) };
    else if (word === 'comment') options = { ...options, comment: words[++i] ?? '' };
    else if (word === 'packets' || word === 'bytes' || word.startsWith('skb')) i++;
    else throw new IpSetError(`Unknown argument: \`${word}'\n${HELP.trimEnd()}`, 2);
  }
  return options;
}
