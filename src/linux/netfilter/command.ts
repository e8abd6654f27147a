/** `iptables` with one command. */
import { applyCommand } from './apply-command.ts';
import type { Draft } from './draft.ts';
import type { IpSets } from '../ipset/ip-sets.ts';
import { listChains, verboseRule } from './listing.ts';
import type { TableName } from './recorder.ts';
import { readCommand, type RuleCommand } from './rule-lines.ts';
import { listRules } from './save.ts';
import { isTableName, type Table } from './table.ts';
import type { ToolResult } from './tool-result.ts';
import { KernelError, NO_CHAIN, RulesetError, UsageError } from './tool-error.ts';

/** What the command works on. */
export interface CommandHost {
  readonly sets: IpSets;
  /** The table, made if need be: it exists from then on. */
  table(name: TableName): Table;
  begin(table: TableName, fresh: boolean): Draft;
  commit(draft: Draft, prefix: (line: number) => string): void;
}

const TOOL = 'iptables v1.8.9 (nf_tables): ';
const HELP = "Try `iptables -h' or 'iptables --help' for more information.\n";

/** Runs the words after "iptables". */
export function runCommand(words: readonly string[], host: CommandHost): ToolResult {
  try {
    return { exitCode: 0, stdout: run(words, host), stderr: '' };
  } catch (error) {
    if (error instanceof UsageError) {
      const head = error.message.startsWith('Bad argument') ? '' : TOOL;
      return { exitCode: 2, stdout: '', stderr: `${head}${error.message}\n${HELP}` };
    }
    if (error instanceof RulesetError) {
      const hint = error.message === 'Bad policy name' ? ". Run `dmesg' for more information" : '';
      return { exitCode: 1, stdout: '', stderr: `iptables: ${error.message}${hint}.\n` };
    }
    if (error instanceof KernelError) return { exitCode: 4, stdout: '', stderr: `${TOOL} ${error.message}` };
    if (error instanceof NoTable) return { exitCode: 3, stdout: '', stderr: `${TOOL}${error.message}` };
    throw error;
  }
}

class NoTable extends Error {
  override readonly name = 'NoTable';
}

function run(words: readonly string[], host: CommandHost): string {
  const command = readCommand(words, true);
  const name = command.table ?? 'filter';
  if (!isTableName(name)) throw new NoTable(`table '${name}' does not exist\nPerhaps iptables or your kernel needs to be upgraded.\n`);
  if (command.command === 'L' || command.command === 'S') return list(command, host.table(name));
  host.table(name);
  const draft = host.begin(name, false);
  if (command.command === 'D' && command.number !== undefined && command.chain !== undefined && !draft.has(command.chain))
    throw new RulesetError(NO_CHAIN);
  applyCommand(draft, host, command, 0);
  if (command.command !== 'C') host.commit(draft, () => '');
  const told = command.flags.has('-v') && 'AIDRC'.includes(command.command);
  return told ? command.rules.map(verboseRule).join('') : '';
}

function list({ command, chain: name, number, flags }: RuleCommand, table: Table): string {
  const all = table.ordered();
  const chains = name === undefined ? all : all.filter((chain) => chain.name === name);
  if (chains.length === 0) throw new RulesetError(NO_CHAIN);
  if (command === 'S') return listRules(chains, number, flags.has('-v'));
  return listChains(chains, number, {
    numeric: flags.has('-n'),
    verbose: flags.has('-v'),
    lineNumbers: flags.has('--line-numbers'),
    exact: flags.has('-x'),
  });
}
