/** What iptables-restore does with its input (`iptables/xtables-restore.c`). */
import { applyCommand, checkRules } from './apply-command.ts';
import type { Draft } from './draft.ts';
import type { IpSets } from '../ipset/ip-sets.ts';
import type { TableName } from './recorder.ts';
import { checkChainName, readAppend, readCommand } from './rule-lines.ts';
import { isTableName } from './table.ts';
import { KernelError, RulesetError, UsageError } from './tool-error.ts';
import { tokenize } from './tokens.ts';

/** What the tables look like to the reader. */
export interface RestoreHost {
  readonly sets: IpSets;
  begin(table: TableName, fresh: boolean): Draft;
  commit(draft: Draft, prefix: (line: number) => string): void;
}

/** What `iptables-restore` is told on its command line. */
export interface RestoreOptions {
  /** Chains that the text does not name stay as they are. */
  readonly noflush?: boolean;
  /** Take over the counters that the text has. */
  readonly counters?: boolean;
  /** Only look whether the text is right (`--test`). */
  readonly test?: boolean;
}

/** How it ended: 0, or the status and what is printed. */
export interface RestoreResult {
  readonly exitCode: number;
  readonly stderr: string;
}

const OK: RestoreResult = Object.freeze({ exitCode: 0, stderr: '' });
const TOOL = 'iptables-restore v1.8.9 (nf_tables): ';
const HELP = "Try `iptables-restore -h' or 'iptables-restore --help' for more information.\n";

/** Reads a whole text. Tables that were committed before an error stay. */
export function restore(text: string, options: RestoreOptions, host: RestoreHost): RestoreResult {
  const reader = new Reader(options, host);
  let start = 0;
  while (start < text.length) {
    let end = text.indexOf('\n', start);
    if (end < 0) end = text.length;
    const failure = reader.line(text.slice(start, end));
    if (failure !== undefined) return failure;
    start = end + 1;
  }
  return reader.end();
}

class Reader {
  readonly #options: RestoreOptions;
  readonly #host: RestoreHost;
  #number = 0;
  #draft: Draft | undefined;

  constructor(options: RestoreOptions, host: RestoreHost) {
    this.#options = options;
    this.#host = host;
  }

  line(line: string): RestoreResult | undefined {
    this.#number++;
    if (line === '' || line.startsWith('#')) return undefined;
    try {
      return this.#read(line);
    } catch (error) {
      return this.#failed(error);
    }
  }

  end(): RestoreResult {
    if (this.#draft === undefined) return OK;
    return { exitCode: 1, stderr: `iptables-restore: COMMIT expected at line ${this.#number + 1}\n` };
  }

  #failed(error: unknown): RestoreResult {
    const number = this.#number;
    if (error instanceof UsageError) {
      const head = error.message.startsWith('Bad argument') ? '' : TOOL;
      return { exitCode: 2, stderr: `${head}${error.message}\nError occurred at line: ${number}\n${HELP}` };
    }
    if (error instanceof RulesetError) return { exitCode: 1, stderr: `iptables-restore: line ${number} failed: ${error.message}.\n` };
    if (error instanceof KernelError) return { exitCode: 4, stderr: `${TOOL}\n${error.message}` };
    throw error;
  }

  #read(line: string): RestoreResult | undefined {
    const draft = this.#draft;
    if (draft === undefined) return this.#beginTable(line);
    if (line === 'COMMIT') {
      if (this.#options.test !== true) this.#host.commit(draft, (number) => `line ${number}: `);
      this.#draft = undefined;
    } else if (line.startsWith(':')) this.#declare(draft, line);
    else if (line.startsWith('*')) throw new UsageError('COMMIT expected before the next table');
    else this.#command(draft, line);
    return undefined;
  }

  #beginTable(line: string): RestoreResult | undefined {
    if (!line.startsWith('*')) return { exitCode: 1, stderr: `iptables-restore: line ${this.#number} failed\n` };
    const name = line.slice(1).trim();
    if (!isTableName(name)) throw new UsageError(`iptables-restore: line ${this.#number} table name '${name}' invalid`);
    this.#draft = this.#host.begin(name, this.#options.noflush !== true);
    return undefined;
  }

  #declare(draft: Draft, line: string): void {
    const [name = '', policy, counters] = line.slice(1).split(/[ \t]+/);
    if (!draft.table.isBuiltIn(name)) checkChainName(name);
    if (policy === undefined || policy === '') throw new UsageError(`iptables-restore: line ${this.#number} policy invalid`);
    if (!draft.table.isBuiltIn(name)) return draft.declare(name);
    const counts = this.#options.counters === true && counters !== undefined ? this.#parseCounters(counters) : undefined;
    if (policy === '-') return undefined;
    if (policy !== 'ACCEPT' && policy !== 'DROP') throw new RulesetError('Bad policy name');
    if (policy === 'DROP' && draft.table.name === 'nat')
      throw new UsageError('\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
    return draft.setPolicy(name, policy, counts);
  }

  #parseCounters(text: string): [number, number] {
    const found = /^\[(\d+):(\d+)\]$/.exec(text);
    if (found === null) throw new UsageError('invalid policy counters for chain');
    return [Number(found[1]), Number(found[2])];
  }

  #command(draft: Draft, line: string): void {
    let rest = line;
    let counters: readonly [number, number] | undefined;
    if (line.startsWith('[')) {
      const end = line.indexOf(']');
      if (end < 0) throw new UsageError(`Bad line ${this.#number}: need ]`);
      const [packets = 0, bytes = 0] = line.slice(1, end).split(':').map(Number);
      if (this.#options.counters === true) counters = [packets, bytes];
      rest = line.slice(end + 1).trimStart();
    }
    const append = readAppend(rest);
    if (append !== undefined) {
      checkRules(draft, this.#host, append.chain, append.rules, this.#number, 'RULE_APPEND');
      draft.insert(append.chain, append.rules, undefined, counters ?? append.counters);
      return;
    }
    applyCommand(draft, this.#host, readCommand(tokenize(rest), false), this.#number);
  }
}
