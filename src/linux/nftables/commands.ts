/** The commands of an nft script: add, create, flush, delete and destroy of tables, chains, rules, sets, maps and elements. */
import { detached, Interned } from '../netfilter/interning.ts';
import { parseRule, parseVerdict, words, Words } from './rule-parser.ts';
import {
  type BaseChain,
  type NftChain,
  type NftElement,
  NftError,
  type NftHook,
  type NftRule,
  type NftSet,
  type NftTable,
} from './types.ts';

const NOT_FOUND = 'Could not process rule: No such file or directory';
const EXISTS = 'Could not process rule: File exists';
const BUSY = 'Could not process rule: Device or resource busy';

type Tables = Map<string, NftTable>;
/** How to take a command back. */
type Undo = (() => void)[];

/** Carries out one line. Throws NftError; the caller then takes back what the lines before did. */
export function applyCommand(tables: Tables, line: string, undo: Undo): void {
  const added = /^add rule (\S+ \S+) (\S+) (.*)$/.exec(line);
  if (added !== null) {
    const [, key = '', chain = '', text = ''] = added;
    return addRule(tables.get(key), chain, text, undo);
  }
  const input = new Words(words(line));
  const action = input.next();
  const kind = input.next();
  const key = `${input.next()} ${input.next()}`;
  if (kind === 'table') return onTable(tables, action, key, input, undo);
  const table = tables.get(key);
  if (table === undefined) throw new NftError(NOT_FOUND);
  if (kind === 'chain') onChain(table, action, input, undo);
  else if (kind === 'set' || kind === 'map') onSet(table, action, kind, input, undo);
  else if (kind === 'element') onElement(table, action, input, undo);
  else throw new NftError(`syntax error, unexpected ${kind}`);
}

/** Changes a map so that it can be taken back. */
function put<V>(map: Map<string, V>, key: string, value: V, undo: Undo): void {
  const before = map.get(key);
  undo.push(() => void (before === undefined ? map.delete(key) : map.set(key, before)));
  map.set(key, value);
}

function remove<V>(map: Map<string, V>, key: string, undo: Undo): void {
  const before = map.get(key);
  if (before === undefined) return;
  undo.push(() => void map.set(key, before));
  map.delete(key);
}

function onTable(tables: Tables, action: string, key: string, input: Words, undo: Undo): void {
  const known = tables.get(key);
  if (action === 'add' || action === 'create') {
    if (known !== undefined) return;
    const [family = '', name = ''] = key.split(' ');
    put(tables, key, { family, name, comment: options(input)['comment'] ?? '', chains: new Map(), sets: new Map() }, undo);
    return;
  }
  if (known === undefined && action === 'delete') throw new NftError(NOT_FOUND);
  if (action === 'delete' || action === 'destroy') remove(tables, key, undo);
  else if (action === 'flush')
    for (const chain of known?.chains.values() ?? []) if (known !== undefined) setRules(known.chains, chain, [], undo);
}

/** "{ type filter hook input priority -110 ; comment "…" ; }" as words by their names. */
function options(input: Words): Record<string, string> {
  const found: Record<string, string> = {};
  if (!input.take('{')) return found;
  while (!input.take('}')) {
    if (input.take(';')) continue;
    const name = input.next();
    const parts: string[] = [];
    const isSingle = name === 'type' || name === 'hook' || name === 'priority';
    while (input.peek() !== ';' && input.peek() !== '}') {
      if (isSingle && parts.length > 0 && /^(hook|priority)$/.test(input.peek())) break;
      parts.push(input.quoted());
    }
    found[name] = parts.join(' ').replaceAll(' , ', ',');
  }
  return found;
}

function onChain({ chains }: NftTable, action: string, input: Words, undo: Undo): void {
  const name = input.next();
  const known = chains.get(name);
  if (action === 'add' || action === 'create') {
    if (known !== undefined) return;
    const { type, hook, priority, comment = '' } = options(input);
    const base = hook === undefined ? undefined : ({ type, hook: hook as NftHook, priority: parsePriority(priority ?? '0') } as BaseChain);
    put(chains, name, { name, comment, base, rules: [], references: 0 }, undo);
    return;
  }
  if (known === undefined) {
    if (action === 'destroy') return;
    throw new NftError(NOT_FOUND);
  }
  if (action === 'flush') return setRules(chains, known, [], undo);
  if (known.references > 0) throw new NftError(BUSY);
  remove(chains, name, undo);
}

/** dstnat-10, srcnat, -110 */
function parsePriority(text: string): number {
  const [, name = '', offset = '0'] = /^([a-z]*)\s*([+-]?\s*\d*)$/.exec(text) ?? [];
  const base = { dstnat: -100, srcnat: 100, filter: 0, mangle: -150, raw: -300, security: 50 }[name] ?? 0;
  return base + (Number(offset.replaceAll(' ', '')) || 0);
}

/** Counts who leads to chains; the commands that are taken back count the other way. */
function refer(chains: NftTable['chains'], targets: readonly (string | undefined)[], by: 1 | -1): void {
  for (const target of targets) {
    const chain = chains.get(target ?? '');
    if (chain !== undefined) chain.references += by;
  }
}

/** The same, now, and back when the script fails. */
function referUndoable(chains: NftTable['chains'], targets: readonly (string | undefined)[], by: 1 | -1, undo: Undo): void {
  if (targets.length === 0) return;
  refer(chains, targets, by);
  undo.push(() => refer(chains, targets, by === 1 ? -1 : 1));
}

function setRules(chains: NftTable['chains'], chain: NftChain, rules: NftChain['rules'], undo: Undo): void {
  const before = chain.rules;
  const targetsOf = (list: NftChain['rules']) => list.flatMap(({ targets }) => targets);
  referUndoable(chains, targetsOf(rules), 1, undo);
  referUndoable(chains, targetsOf(before), -1, undo);
  undo.push(() => void (chain.rules = before));
  chain.rules = rules;
}

/** The machines of a cluster have the same rules: each text is read once. */
const RULES_KEPT = 400_000;
let rules: Interned<NftRule> | undefined;

function ruleOf(text: string): NftRule {
  rules ??= new Interned(RULES_KEPT);
  return rules.get(text) ?? rules.set(detached(text), parseRule(words(text)));
}

function addRule(table: NftTable | undefined, name: string, text: string, undo: Undo): void {
  const chain = table?.chains.get(name);
  if (table === undefined || chain === undefined) throw new NftError(NOT_FOUND);
  const rule = ruleOf(text);
  if (rule.targets.some((target) => !table.chains.has(target))) throw new NftError(NOT_FOUND);
  const before = chain.rules;
  referUndoable(table.chains, rule.targets, 1, undo);
  undo.push(() => void (chain.rules = before));
  chain.rules = before.concat(rule);
}

function onSet({ sets, chains }: NftTable, action: string, kind: string, input: Words, undo: Undo): void {
  const name = input.next();
  const known = sets.get(name);
  if (action === 'add' || action === 'create') {
    if (known !== undefined) return;
    const { type = '', comment = '', flags = '', timeout = '0' } = options(input);
    const list = flags === '' ? [] : flags.split(/\s*,\s*/);
    put(
      sets,
      name,
      { name, isMap: kind === 'map', type, comment, flags: list, timeoutSeconds: Number.parseInt(timeout, 10), elements: new Map() },
      undo,
    );
    return;
  }
  if (known === undefined) {
    if (action === 'destroy') return;
    throw new NftError(NOT_FOUND);
  }
  if (action === 'flush') clear(known, chains, undo);
  else {
    clear(known, chains, undo);
    remove(sets, name, undo);
  }
}

function clear({ elements }: NftSet, chains: NftTable['chains'], undo: Undo): void {
  for (const [key, { verdict }] of [...elements]) {
    referUndoable(chains, [verdict?.chain], -1, undo);
    remove(elements, key, undo);
  }
}

function onElement({ sets, chains }: NftTable, action: string, input: Words, undo: Undo): void {
  const set: NftSet | undefined = sets.get(input.next());
  if (set === undefined) throw new NftError(NOT_FOUND);
  input.expect('{');
  while (!input.take('}')) {
    if (input.take(',')) continue;
    const element = parseElement(input);
    const known = set.elements.get(element.key);
    if (action === 'delete' || action === 'destroy') {
      if (known === undefined && action === 'delete') throw new NftError(NOT_FOUND);
      if (known !== undefined) referUndoable(chains, [known.verdict?.chain], -1, undo);
      remove(set.elements, element.key, undo);
      continue;
    }
    const { verdict } = element;
    if (verdict?.chain !== undefined && !chains.has(verdict.chain)) throw new NftError(NOT_FOUND);
    const differs = known !== undefined && (known.verdict?.kind !== verdict?.kind || known.verdict?.chain !== verdict?.chain);
    if (differs || (known !== undefined && action === 'create')) throw new NftError(EXISTS);
    if (known !== undefined) continue;
    referUndoable(chains, [verdict?.chain], 1, undo);
    put(set.elements, element.key, element, undo);
  }
}

/** KEY [comment "…"] [: VERDICT] */
function parseElement(input: Words): NftElement {
  const parts: string[] = [];
  let comment = '';
  while (!/^[:,}]$/.test(input.peek())) {
    if (input.take('comment')) comment = input.quoted();
    else parts.push(input.next());
  }
  const verdict = input.take(':') ? parseVerdict(input) : undefined;
  return { key: parts.join(' '), comment, verdict };
}
