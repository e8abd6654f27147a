/**
 * nftables of one network namespace: runs scripts of nft commands as one transaction, and packets through the base
 * chains of a hook (nft 1.0.6). As much of it as kube-proxy's nftables mode needs.
 */
// Differs: only table family ip, and only the expressions that kube-proxy writes.
import {
  NftError,
  type NftContext,
  type NftCost,
  type NftHook,
  type NftPacket,
  type NftResult,
  type NftRule,
  type NftState,
  type NftTable,
  type Step,
  type Verdict,
} from './types.ts';
import { listTable } from './list.ts';
import { applyCommand } from './commands.ts';
import { verdictText } from './rule-parser.ts';

/** How a run of nft ended. */
export interface NftToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A base chain that wants to see packets at a hook. */
export interface HookedChain {
  readonly type: 'filter' | 'nat' | 'route';
  readonly priority: number;
  readonly name: string;
  /** Runs the packet through it. A `nat` chain must only see the first packet of a connection. */
  run(packet: NftPacket, context: NftContext): NftResult;
}

const MAX_DEPTH = 16;

/** The tables of a namespace. */
export class Nftables {
  readonly cost: NftCost = { rules: 0, lookups: 0 };
  readonly #tables = new Map<string, NftTable>();
  #hooked: Readonly<Record<NftHook, readonly HookedChain[]>> | undefined;

  /** "ip kube-proxy" */
  table(name: string): NftTable | undefined {
    return this.#tables.get(name);
  }

  /** `nft -f`: all commands, or none of them. */
  run(script: string): NftToolResult {
    const undo: (() => void)[] = [];
    this.#hooked = undefined;
    for (const [index, line] of script.split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        applyCommand(this.#tables, line, undo);
      } catch (error) {
        if (!(error instanceof NftError)) throw error;
        for (const back of undo.reverse()) back();
        return { exitCode: 1, stdout: '', stderr: `/dev/stdin:${index + 1}:1-${line.length}: Error: ${error.message}\n${line}\n` };
      }
    }
    return { exitCode: 0, stdout: '', stderr: '' };
  }

  /** `nft list table ip kube-proxy`, or `nft list ruleset` without a name. */
  list(name?: string): NftToolResult {
    const tables = name === undefined ? [...this.#tables.values()] : [this.#tables.get(name)];
    let stdout = '';
    for (const table of tables) {
      if (table === undefined) return { exitCode: 1, stdout: '', stderr: `Error: No such file or directory\nlist table ${name}\n` };
      stdout += listTable(table);
    }
    return { exitCode: 0, stdout, stderr: '' };
  }

  /** The base chains of a hook, lowest priority first. */
  hooked(hook: NftHook): readonly HookedChain[] {
    this.#hooked ??= this.#collect();
    return this.#hooked[hook];
  }

  /** Runs all base chains of a hook; `nat` chains only for packets that begin a connection. */
  hook(hook: NftHook, packet: NftPacket, context: NftContext): NftResult {
    let result: NftResult = { verdict: 'accept' };
    for (const chain of this.hooked(hook)) {
      if (chain.type === 'nat' && !context.isNew) continue;
      const { verdict, dnat, masquerade } = chain.run(packet, context);
      if (verdict !== 'accept') return { verdict };
      if (dnat !== undefined) {
        packet.destination = dnat.ip;
        packet.destinationPort = dnat.port;
      }
      result = { verdict, dnat: dnat ?? result.dnat, masquerade: masquerade ?? result.masquerade };
    }
    return result;
  }

  #collect(): Readonly<Record<NftHook, readonly HookedChain[]>> {
    const hooked: Record<NftHook, HookedChain[]> = { prerouting: [], input: [], forward: [], output: [], postrouting: [] };
    for (const table of this.#tables.values()) {
      for (const { name, base } of table.chains.values()) {
        if (base === undefined) continue;
        const run = (packet: NftPacket, context: NftContext) => this.#run(table, name, packet, context);
        hooked[base.hook].push({ type: base.type, priority: base.priority, name, run });
      }
    }
    for (const chains of Object.values(hooked)) chains.sort((one, other) => one.priority - other.priority);
    return hooked;
  }

  #run(table: NftTable, chain: string, packet: NftPacket, context: NftContext): NftResult {
    const state: NftState = { packet, context, table, cost: this.cost };
    const { kind } = evaluate(state, chain, 0);
    const verdict = kind === 'drop' || kind === 'reject' ? kind : 'accept';
    return { verdict, dnat: state.dnat, masquerade: state.masquerade };
  }
}

const RETURN: Verdict = { kind: 'return' };

/** A chain's rules from the first on, until a verdict is final or sends the packet elsewhere. */
function evaluate(state: NftState, name: string, depth: number): Verdict {
  if (depth >= MAX_DEPTH) return { kind: 'drop' };
  const { recorder } = state.context;
  let number = 0;
  for (const rule of state.table.chains.get(name)?.rules ?? []) {
    number++;
    state.cost.rules++;
    const verdict = recorder?.nftRuleCompared === undefined ? ask(state, rule.steps) : askAndTell(state, name, number, rule);
    if (verdict === undefined || verdict === 'no match') continue;
    if (verdict.kind === 'jump') {
      const inner = evaluate(state, verdict.chain ?? '', depth + 1);
      if (inner.kind !== 'return') return inner;
    } else if (verdict.kind === 'goto') return evaluate(state, verdict.chain ?? '', depth + 1);
    else return verdict;
  }
  return RETURN;
}

/** undefined: the rule did what it does, and the next one follows. */
function ask(state: NftState, steps: readonly Step[]): Verdict | 'no match' | undefined {
  for (const step of steps) {
    const answer = step(state);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function askAndTell(state: NftState, chain: string, number: number, { steps, text, comment }: NftRule): Verdict | 'no match' | undefined {
  const { table, cost, context } = state;
  const before = cost.lookups;
  const answer = ask(state, steps);
  const matched = answer !== 'no match';
  const verdict = answer === undefined || answer === 'no match' ? '' : verdictText(answer);
  const lookups = cost.lookups - before;
  context.recorder?.nftRuleCompared?.({ table: `${table.family} ${table.name}`, chain, number, text, comment, matched, verdict, lookups });
  return answer;
}
