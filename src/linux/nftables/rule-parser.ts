/**
 * Reads the text of a rule into steps, and back into the words that `nft list` prints. Understood is what kube-proxy
 * writes; anything else is refused as a syntax error.
 */
import { type Cidr, contains, formatIpv4, type Ipv4, parseCidr, parseIpv4 } from '../net/ipv4.ts';
import { type NftPacket, type NftRule, type NftState, NftError, type Step, type Verdict } from './types.ts';

const NO_MATCH = 'no match';
const PROTOCOL_NAMES = new Set(['tcp', 'udp', 'sctp']);

/** Splits at spaces; what is quoted stays in one piece, without its quotes. Braces, semicolons and commas are words of their own. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const [, quoted, word] of text.matchAll(/"([^"]*)"|([{};,]|[^\s{};,"]+)/g))
    found.push(quoted === undefined ? (word ?? '') : `"${quoted}`);
  return found;
}

/** Words that are read one after the other. */
export class Words {
  readonly #words: readonly string[];
  #position = 0;

  constructor(list: readonly string[]) {
    this.#words = list;
  }

  get done(): boolean {
    return this.#position >= this.#words.length;
  }

  peek(ahead = 0): string {
    return this.#words[this.#position + ahead] ?? '';
  }

  next(): string {
    if (this.done) throw new NftError('syntax error, unexpected newline');
    return this.#words[this.#position++] ?? '';
  }

  /** Takes these words if they come next. */
  take(...expected: readonly string[]): boolean {
    if (!expected.every((word, index) => this.peek(index) === word)) return false;
    this.#position += expected.length;
    return true;
  }

  expect(word: string): void {
    if (!this.take(word)) throw new NftError(`syntax error, unexpected ${this.peek() || 'newline'}, expecting ${word}`);
  }

  /** `"quoted` without the mark that `words` has left. */
  quoted(): string {
    return this.next().replace(/^"/, '');
  }
}

/** The rule's parts while it is read. */
interface Draft {
  readonly texts: string[];
  readonly steps: Step[];
  readonly targets: string[];
}

/** Reads a rule. Throws NftError. */
export function parseRule(list: readonly string[]): NftRule {
  const input = new Words(list);
  const draft: Draft = { texts: [], steps: [], targets: [] };
  let comment = '';
  while (!input.done) {
    if (input.take('comment')) comment = input.quoted();
    else parsePart(input, draft);
  }
  return { text: draft.texts.join(' '), comment, steps: draft.steps, targets: draft.targets };
}

/** jump X, goto X, accept, drop, reject, return. */
export function parseVerdict(input: Words): Verdict {
  const kind = input.next();
  if (kind === 'jump' || kind === 'goto') return { kind, chain: input.next() };
  if (kind === 'accept' || kind === 'drop' || kind === 'return' || kind === 'reject') return { kind };
  throw new NftError(`syntax error, unexpected ${kind}`);
}

/** "goto services" */
export const verdictText = ({ kind, chain }: Verdict): string => (chain === undefined ? kind : `${kind} ${chain}`);

function parsePart(input: Words, draft: Draft): void {
  const first = input.peek();
  if (input.peek(1) === '.' || input.peek(2) === '.') return parseConcat(input, draft);
  if (first === 'ip') return parseAddress(input, draft);
  if (input.take('ct', 'state', 'new')) return add(draft, 'ct state new', ({ context }) => matched(context.isNew));
  if (input.take('meta', 'l4proto')) {
    const protocol = input.next();
    return add(draft, `meta l4proto ${protocol}`, ({ packet }) => matched(packet.protocol === protocol));
  }
  if (PROTOCOL_NAMES.has(first) && input.peek(1) === 'dport') {
    const [protocol, , port] = [input.next(), input.next(), Number(input.next())];
    return add(draft, `${protocol} dport ${port}`, ({ packet }) =>
      matched(packet.protocol === protocol && packet.destinationPort === port),
    );
  }
  if (first === 'fib') return parseFib(input, draft);
  if (first === 'mark' || (first === 'meta' && input.peek(1) === 'mark')) return parseMark(input, draft);
  if (input.take('numgen', 'random', 'mod')) return parseNumgen(input, draft);
  if (input.take('update')) return parseUpdate(input, draft);
  parseEnd(input, draft);
}

const matched = (holds: boolean): 'no match' | undefined => (holds ? undefined : NO_MATCH);

function add({ texts, steps }: Draft, text: string, step: Step): void {
  texts.push(text);
  steps.push(step);
}

/** ip saddr|daddr [!=] ADDRESS | NETWORK | @SET | { … } */
function parseAddress(input: Words, draft: Draft): void {
  input.expect('ip');
  const field = input.next();
  if (field !== 'saddr' && field !== 'daddr') throw new NftError(`syntax error, unexpected ${field}`);
  const negated = input.take('!=');
  const read = ({ packet }: NftState): Ipv4 => (field === 'saddr' ? packet.source : packet.destination);
  const name = `ip ${field}${negated ? ' !=' : ''}`;
  if (input.peek().startsWith('@')) {
    const set = input.next().slice(1);
    return add(draft, `${name} @${set}`, (state) => matched(isMember(state, set, formatIpv4(read(state))) !== negated));
  }
  const networks = parseNetworks(input);
  const text =
    networks.length === 1
      ? networkText(networks[0])
      : `{ ${[...networks]
          .sort((a, b) => a.network - b.network)
          .map(networkText)
          .join(', ')} }`;
  return add(draft, `${name} ${text}`, (state) => {
    const ip = read(state);
    return matched(networks.some((network) => contains(network, ip)) !== negated);
  });
}

const networkText = (cidr: Cidr | undefined): string =>
  cidr === undefined ? '' : `${formatIpv4(cidr.network)}${cidr.prefixLength === 32 ? '' : `/${cidr.prefixLength}`}`;

function parseNetworks(input: Words): Cidr[] {
  const texts: string[] = [];
  if (input.take('{')) {
    while (!input.take('}')) if (!input.take(',')) texts.push(input.next());
  } else texts.push(input.next());
  return texts.map((text) => {
    const cidr = parseCidr(text.includes('/') ? text : `${text}/32`);
    if (cidr === undefined) throw new NftError(`Could not resolve hostname: ${text}`);
    return cidr;
  });
}

/** Whether a set has the key now; one with a timeout forgets. */
function isMember({ table, cost, context }: NftState, name: string, key: string): boolean {
  cost.lookups++;
  const element = table.sets.get(name)?.elements.get(key);
  return element !== undefined && (element.expiresAt === undefined || element.expiresAt > context.now);
}

/** [ip daddr .] meta l4proto . th dport vmap @MAP */
function parseConcat(input: Words, draft: Draft): void {
  const withAddress = input.take('ip', 'daddr', '.');
  for (const word of ['meta', 'l4proto', '.', 'th', 'dport', 'vmap']) input.expect(word);
  const map = input.next().slice(1);
  const key = ({ destination, protocol, destinationPort }: NftPacket) =>
    withAddress ? `${formatIpv4(destination)} . ${protocol} . ${destinationPort}` : `${protocol} . ${destinationPort}`;
  add(draft, `${withAddress ? 'ip daddr . ' : ''}meta l4proto . th dport vmap @${map}`, ({ table, cost, packet }) => {
    cost.lookups++;
    return table.sets.get(map)?.elements.get(key(packet))?.verdict ?? NO_MATCH;
  });
}

/** fib saddr|daddr type local */
function parseFib(input: Words, draft: Draft): void {
  input.expect('fib');
  const field = input.next();
  input.expect('type');
  input.expect('local');
  add(draft, `fib ${field} type local`, ({ packet, context }) =>
    matched(context.isLocal(field === 'saddr' ? packet.source : packet.destination)),
  );
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

/** mark and X == Y, mark set mark or|xor X; with or without "meta" */
function parseMark(input: Words, draft: Draft): void {
  input.take('meta');
  input.expect('mark');
  if (input.take('set')) {
    input.take('meta');
    input.expect('mark');
    const operator = input.next();
    const value = Number(input.next());
    const isOr = operator === 'or' || operator === '|';
    return add(draft, `meta mark set meta mark ${isOr ? '|' : '^'} ${hex(value)}`, ({ packet }) => {
      packet.mark = (isOr ? packet.mark | value : packet.mark ^ value) >>> 0;
      return undefined;
    });
  }
  if (!input.take('and')) input.expect('&');
  const mask = Number(input.next());
  input.expect('==');
  const value = Number(input.next());
  return add(draft, `meta mark & ${hex(mask)} == ${hex(value)}`, ({ packet }) => matched((packet.mark & mask) >>> 0 === value));
}

/** numgen random mod N vmap { 0 : goto A , 1 : goto B } */
function parseNumgen(input: Words, draft: Draft): void {
  const modulus = Number(input.next());
  input.expect('vmap');
  input.expect('{');
  const verdicts = new Map<number, Verdict>();
  while (!input.take('}')) {
    if (input.take(',')) continue;
    const number = Number(input.next());
    input.expect(':');
    const verdict = parseVerdict(input);
    verdicts.set(number, verdict);
    if (verdict.chain !== undefined) draft.targets.push(verdict.chain);
  }
  const members = [...verdicts].map(([number, verdict]) => `${number} : ${verdictText(verdict)}`).join(', ');
  add(draft, `numgen random mod ${modulus} vmap { ${members} }`, ({ context, cost }) => {
    cost.lookups++;
    return verdicts.get(context.random.int(modulus)) ?? NO_MATCH;
  });
}

/** update @SET { ip saddr }: the client is in the set, for the set's timeout from now. */
function parseUpdate(input: Words, draft: Draft): void {
  const set = input.next().slice(1);
  for (const word of ['{', 'ip', 'saddr', '}']) input.expect(word);
  add(draft, `update @${set} { ip saddr }`, ({ table, packet, context, cost }) => {
    cost.lookups++;
    const found = table.sets.get(set);
    const key = formatIpv4(packet.source);
    found?.elements.set(key, { key, comment: '', verdict: undefined, expiresAt: context.now + found.timeoutSeconds * 1000 });
    return undefined;
  });
}

/** What ends a rule: translations and verdicts. */
function parseEnd(input: Words, draft: Draft): void {
  if (input.take('masquerade')) {
    const random = input.take('fully-random');
    return add(draft, `masquerade${random ? ' fully-random' : ''}`, (state) => {
      state.masquerade = true;
      return { kind: 'accept' };
    });
  }
  if (input.take('dnat', 'to')) {
    const text = input.next();
    const [address = '', port = ''] = text.split(':');
    const dnat = { ip: parseIpv4(address) ?? 0, port: Number(port) };
    return add(draft, `dnat to ${text}`, (state) => {
      state.dnat = dnat;
      return { kind: 'accept' };
    });
  }
  const verdict = parseVerdict(input);
  if (verdict.chain !== undefined) draft.targets.push(verdict.chain);
  return add(draft, verdictText(verdict), () => verdict);
}
