/** What a command does to a table that is being changed. */
import type { Draft } from './draft.ts';
import type { IpSets } from '../ipset/ip-sets.ts';
import type { RuleCommand } from './rule-lines.ts';
import type { Rule } from './rule.ts';
import { RulesetError, UsageError } from './tool-error.ts';

const NOT_FOUND = 'Bad rule (does a matching rule exist in that chain?)';
const NAT_FILTERS = '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n';

/** Where sets are, should a rule ask one. */
interface HasSets {
  readonly sets: IpSets;
}

/**
 * Looks whether the kernel takes these rules in this chain.
 * Differs: whether a target fits the hooks is asked for rules of built-in chains only, not for those that jumps lead to.
 */
export function checkRules(draft: Draft, kernel: HasSets, chain: string, rules: readonly Rule[], line: number, verb: string): void {
  for (const rule of rules) {
    const { target } = rule;
    if (target.kind === 'verdict') {
      if (target.name === 'DROP' && draft.table.name === 'nat') throw new UsageError(NAT_FILTERS);
    } else if (target.kind === 'extension') {
      if (target.set !== undefined && !kernel.sets.has(target.set)) throw new UsageError(`Set ${target.set} doesn't exist.\n`);
      if (!isAllowed(rule, draft, chain)) draft.refuse(line, `${verb} failed (Invalid argument): rule in chain ${chain}`);
    } else if (target.kind !== 'none' && draft.table.isBuiltIn(target.name)) {
      draft.refuse(line, `${verb} failed (Operation not supported): rule in chain ${chain}`);
    }
    if (rule.asked.some(({ protocol }) => protocol !== undefined && (protocol !== rule.protocol || rule.protocolInverted)))
      draft.refuse(line, `${verb} failed (Invalid argument): rule in chain ${chain}`);
    for (const { set } of rule.asked) if (set !== undefined && !kernel.sets.has(set)) throw new UsageError(`Set ${set} doesn't exist.\n`);
    if ((rule.sourceInverted && rule.sourceMask === 0) || (rule.destinationInverted && rule.destinationMask === 0))
      draft.refuse(line, `${verb} failed (Invalid argument): rule in chain ${chain}`);
  }
}

function isAllowed({ target, protocol, protocolInverted }: Rule, draft: Draft, chain: string): boolean {
  if (target.tables !== undefined && !target.tables.includes(draft.table.name)) return false;
  if (target.protocol !== undefined && (protocol !== target.protocol || protocolInverted)) return false;
  return target.hooks === undefined || !draft.table.isBuiltIn(chain) || target.hooks.includes(chain);
}

/** Does the command. `line` is told when the kernel refuses it. */
export function applyCommand(draft: Draft, kernel: HasSets, command: RuleCommand, line: number): void {
  const { chain } = command;
  if (chain === undefined) return applyToAll(draft, command, line);
  switch (command.command) {
    case 'A':
      checkRules(draft, kernel, chain, command.rules, line, 'RULE_APPEND');
      return draft.insert(chain, command.rules, undefined, command.counters);
    case 'I':
      checkRules(draft, kernel, chain, command.rules, line, 'RULE_INSERT');
      return draft.insert(chain, command.rules, (command.number ?? 1) - 1, command.counters);
    case 'D':
      return deleteRules(draft, command, chain);
    case 'R':
      checkRules(draft, kernel, chain, command.rules, line, 'RULE_REPLACE');
      return replaceRule(draft, command, chain);
    case 'C':
      if (!draft.has(chain) || command.rules.some((rule) => draft.find(chain, rule) < 0)) throw new RulesetError(NOT_FOUND);
      return undefined;
    case 'N':
      return draft.create(chain);
    case 'X':
      return draft.remove(chain, line);
    case 'F':
      return draft.flush(chain);
    case 'Z':
      return draft.zero(chain);
    case 'P':
      return setPolicy(draft, chain, command.argument ?? '');
    case 'E':
      return renameChain(draft, chain, command.argument ?? '', line);
    default:
      return undefined;
  }
}

function applyToAll(draft: Draft, { command }: RuleCommand, line: number): void {
  const names = [...draft.table.chains.keys()].filter((name) => draft.has(name));
  if (command === 'F') for (const name of names) draft.flush(name);
  else if (command === 'Z') for (const name of names) draft.zero(name);
  else if (command === 'X') for (const name of names) draft.remove(name, line);
}

function deleteRules(draft: Draft, { number, rules }: RuleCommand, chain: string): void {
  if (number !== undefined) return draft.deleteAt(chain, number - 1);
  for (const rule of rules) {
    const at = draft.find(chain, rule);
    if (at < 0) throw new RulesetError(NOT_FOUND);
    draft.deleteAt(chain, at);
  }
}

function replaceRule(draft: Draft, { number = 1, rules }: RuleCommand, chain: string): void {
  const [rule] = rules;
  if (rule === undefined || rules.length > 1) throw new UsageError('Replacement rule does not specify a unique address');
  draft.replaceAt(chain, number - 1, rule);
}

function setPolicy(draft: Draft, chain: string, policy: string): void {
  if (policy === 'DROP' && draft.table.name === 'nat') throw new UsageError(NAT_FILTERS);
  if (policy !== 'ACCEPT' && policy !== 'DROP') throw new RulesetError('Bad policy name');
  draft.setPolicy(chain, policy);
}

function renameChain(draft: Draft, chain: string, name: string, line: number): void {
  if (!draft.has(chain) || draft.table.isBuiltIn(chain)) throw new RulesetError('No chain/target/match by that name');
  if (draft.has(name)) throw new RulesetError('File exists');
  draft.rename(chain, name, line);
}
