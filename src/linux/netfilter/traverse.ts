/**
 * A packet's way through a table (`ipt_do_table`). Whoever records is told of every comparison; otherwise long chains
 * are searched by destination address, and only the number of comparisons that the kernel would make is kept.
 */
import type { Packet } from '../net/packet.ts';
import type { Chain } from './chain.ts';
import type { Evaluation } from './evaluation.ts';
import { interfaceMatches } from './interface-match.ts';
import type { Rule, TargetResult } from './rule.ts';
import type { Table } from './table.ts';

/**
 * Nested jumps that the kernel allows (NFT_JUMP_STACK_SIZE).
 * Differs: the kernel refuses chains that lead in a circle when they are loaded; here a packet in one is dropped.
 */
const MOST_JUMPS = 16;

/** Sends the packet through the table's chain for the hook. */
export function runTable(table: Table, packet: Packet, evaluation: Evaluation): TargetResult {
  const { hook, recorder } = evaluation;
  const chain = table.chains.get(hook);
  if (chain === undefined) return 'accept';
  recorder?.tableEntered?.(table.name, hook, packet);
  const result = runChain(table, chain, packet, evaluation, 0);
  if (result !== undefined) return result;
  chain.count(chain.rules.length, packet.length);
  recorder?.targetTaken?.(table.name, hook, 0, undefined, chain.policy ?? 'ACCEPT', packet);
  return chain.policy === 'DROP' ? 'drop' : 'accept';
}

/** undefined: the chain's end was reached, or RETURN. */
function runChain(table: Table, start: Chain, packet: Packet, evaluation: Evaluation, depth: number): TargetResult | undefined {
  let chain = start;
  let position = nextMatch(table, chain, 0, packet, evaluation);
  while (position >= 0) {
    const rule = chain.rules[position] as Rule;
    chain.count(position, packet.length);
    const { target } = rule;
    const { name } = target;
    switch (target.kind) {
      case 'verdict':
        tell(table, chain, position, rule, name, packet, evaluation);
        if (name === 'RETURN') return undefined;
        return name === 'DROP' ? 'drop' : 'accept';
      case 'extension': {
        tell(table, chain, position, rule, name, packet, evaluation);
        const result = target.run?.(packet, evaluation);
        if (result !== undefined) return result;
        break;
      }
      case 'jump':
      case 'goto': {
        const next = table.chains.get(name);
        tell(table, chain, position, rule, `${target.kind} ${name}`, packet, evaluation);
        if (next === undefined || depth >= MOST_JUMPS) return 'drop';
        evaluation.recorder?.chainEntered?.(table.name, name);
        if (target.kind === 'goto') {
          chain = next;
          position = -1;
          break;
        }
        const result = runChain(table, next, packet, evaluation, depth + 1);
        if (result !== undefined) return result;
        evaluation.recorder?.chainLeft?.(table.name, name);
        break;
      }
      default:
        tell(table, chain, position, rule, '', packet, evaluation);
    }
    position = nextMatch(table, chain, position + 1, packet, evaluation);
  }
  return undefined;
}

function tell(table: Table, chain: Chain, position: number, rule: Rule, action: string, packet: Packet, { recorder }: Evaluation): void {
  recorder?.targetTaken?.(table.name, chain.name, position + 1, rule, action, packet);
}

/** The position of the first rule from `from` on that matches; -1: none. */
function nextMatch(table: Table, chain: Chain, from: number, packet: Packet, evaluation: Evaluation): number {
  const { recorder } = evaluation;
  if (recorder?.ruleCompared !== undefined) return tracedMatch(table, chain, from, packet, evaluation);
  const index = from === 0 || chain.rules.length - from > MOST_JUMPS ? chain.index() : undefined;
  const found = index === undefined ? scan(chain, from, packet, evaluation) : search(chain, from, packet, evaluation);
  evaluation.cost.comparisons += (found < 0 ? chain.rules.length : found + 1) - from;
  return found;
}

function tracedMatch(table: Table, chain: Chain, from: number, packet: Packet, evaluation: Evaluation): number {
  const { rules } = chain;
  const { recorder, cost } = evaluation;
  for (let position = from; position < rules.length; position++) {
    const rule = rules[position] as Rule;
    const matched = matchesRule(rule, chain, position, packet, evaluation);
    cost.comparisons++;
    recorder?.ruleCompared?.(table.name, chain.name, position + 1, rule, matched);
    if (matched) return position;
  }
  return -1;
}

function scan(chain: Chain, from: number, packet: Packet, evaluation: Evaluation): number {
  const { rules } = chain;
  for (let position = from; position < rules.length; position++)
    if (matchesRule(rules[position] as Rule, chain, position, packet, evaluation)) return position;
  return -1;
}

const NO_POSITIONS: readonly number[] = [];

/** The same as `scan`, without the rules whose destination is another one: in turn the next of both lists. */
function search(chain: Chain, from: number, packet: Packet, evaluation: Evaluation): number {
  const index = chain.index();
  if (index === undefined) return -1;
  const { rules } = chain;
  const own = index.byDestination.get(packet.destination) ?? NO_POSITIONS;
  const { others } = index;
  let i = firstFrom(own, from);
  let j = firstFrom(others, from);
  while (i < own.length || j < others.length) {
    const a = own[i] ?? Infinity;
    const b = others[j] ?? Infinity;
    const position = a < b ? a : b;
    if (a < b) i++;
    else j++;
    if (matchesRule(rules[position] as Rule, chain, position, packet, evaluation)) return position;
  }
  return -1;
}

/** The place of the first number that is at least `from` in an ascending list. */
function firstFrom(list: readonly number[], from: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function matchesRule(rule: Rule, chain: Chain, position: number, packet: Packet, evaluation: Evaluation): boolean {
  if ((((packet.destination ^ rule.destination) & rule.destinationMask) === 0) === rule.destinationInverted) return false;
  if ((((packet.source ^ rule.source) & rule.sourceMask) === 0) === rule.sourceInverted) return false;
  if (rule.protocol !== 0 && (rule.protocol === evaluation.protocol) === rule.protocolInverted) return false;
  if (rule.input !== undefined && !interfaceMatches(rule.input, evaluation.input?.name ?? '')) return false;
  if (rule.output !== undefined && !interfaceMatches(rule.output, evaluation.output?.name ?? '')) return false;
  if (rule.fragment === true) return false;
  const { asked } = rule;
  for (let i = 0; i < asked.length; i++) {
    const match = asked[i];
    if (match === undefined) break;
    if (match.newState !== undefined) evaluation.state = chain.state(position, i, match.newState);
    if (!match.matches(packet, evaluation)) return false;
  }
  return true;
}
