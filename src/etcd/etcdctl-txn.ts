/**
 * The text that `etcdctl txn` reads: lines of comparisons, an empty line, requests for success, an empty line, requests for failure
 * (`etcdctl/ctlv3/command/txn_command.go`).
 */
import { flagsOf, UsageError } from './etcdctl-flags.ts';
import type { TextCodec } from './etcdctl.ts';
import { prefixRange } from './rpc.ts';
import type { Comparison, RequestOp, TxnRequest } from './rpc-types.ts';

const COMPARISON = /^\s*(\w+)\(\s*("(?:[^"\\]|\\.)*"|[^)]*?)\s*\)\s*(=|!=|<|>)\s*("(?:[^"\\]|\\.)*"|\S+)\s*$/;
const RESULTS: Readonly<Record<string, Comparison<never>['result']>> = { '=': 'EQUAL', '!=': 'NOT_EQUAL', '<': 'LESS', '>': 'GREATER' };
const TARGETS: Readonly<Record<string, Comparison<never>['target']>> = {
  ver: 'VERSION',
  version: 'VERSION',
  c: 'CREATE',
  create: 'CREATE',
  m: 'MOD',
  mod: 'MOD',
  val: 'VALUE',
  value: 'VALUE',
  lease: 'LEASE',
};

/** Reads a transaction. Throws `UsageError` with etcdctl's text. */
export function parseTransaction<V>(text: string, codec: TextCodec<V>): TxnRequest<V> {
  const [compare = [], success = [], failure = []] = blocksOf(text);
  return {
    compare: compare.map((line) => comparisonOf(line, codec)),
    success: success.map((line) => requestOf(line, codec)),
    failure: failure.map((line) => requestOf(line, codec)),
  };
}

/** Three blocks of lines, each ended by an empty line. */
function blocksOf(text: string): string[][] {
  const blocks: string[][] = [[]];
  for (const line of text.split('\n')) {
    if (line.trim() === '') blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  return blocks;
}

function comparisonOf<V>(line: string, codec: TextCodec<V>): Comparison<V> {
  const [, kind = '', key = '', sign = '', operand = ''] = COMPARISON.exec(line) ?? [];
  const [target, result] = [TARGETS[kind], RESULTS[sign]];
  if (result === undefined) throw new UsageError(`malformed comparison: ${line}`);
  if (target === undefined) throw new UsageError(`malformed comparison: ${line} (unknown compare operation)`);
  if (target === 'VALUE') return { key: unquoted(key), target, result, operand: codec.parse(unquoted(operand)) };
  const number = target === 'LEASE' ? parseInt(unquoted(operand), 16) : Number(unquoted(operand));
  if (!Number.isSafeInteger(number)) throw new UsageError(`malformed comparison: ${line} (strconv.ParseInt: invalid syntax)`);
  return { key: unquoted(key), target, result, operand: number };
}

function requestOf<V>(line: string, codec: TextCodec<V>): RequestOp<V> {
  const words = line.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\S+/g) ?? [];
  const { args, flags } = flagsOf(words.map(unquoted));
  const [name, key = '', value = ''] = args;
  const range = flags.flag('prefix') ? prefixRange(key) : { key, ...(name !== 'put' && value !== '' && { end: value }) };
  const prevKv = flags.flag('prev-kv');
  if (name === 'get') return { type: 'range', request: range };
  if (name === 'del') return { type: 'deleteRange', request: { ...range, prevKv } };
  if (name !== 'put') throw new UsageError(`invalid txn request: ${line}`);
  return { type: 'put', request: { key, value: codec.parse(value), lease: parseInt(flags.text('lease', '0'), 16), prevKv } };
}

function unquoted(word: string): string {
  if (word.startsWith("'")) return word.slice(1, -1);
  return word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word;
}
