/**
 * etcdctl: command lines to requests, answers to what etcdctl prints (`etcdctl/ctlv3/command`). Pure: the shell gives it arguments and a
 * store and shows the text. Left out: auth, snapshots, elections, locks, changes of members.
 * Differs: values are shown by `TextCodec`, for a cluster as JSON, where a real apiserver stores protobuf.
 */
import { EtcdError } from './errors.ts';
import { flagsOf, UsageError } from './etcdctl-flags.ts';
import type { Flags } from './etcdctl-flags.ts';
import { headerJson, hex, keyValueJson, keyValueText, membersText, responsesText, statusText } from './etcdctl-print.ts';
import { parseTransaction } from './etcdctl-txn.ts';
import { prefixRange } from './rpc.ts';
import type { EtcdRpc } from './rpc.ts';
import type { KeyRange } from './etcd.ts';
import type { RangeRequest, WatchRequest } from './rpc-types.ts';

/** Values as text on the command line and on the screen. `parse` throws `EtcdError` for what cannot be stored. */
export interface TextCodec<V> {
  show(value: V): string;
  parse(text: string): V;
}

/** One member as `member list` and `endpoint status` know it. */
export interface EtcdMember {
  id: bigint;
  name: string;
  peerUrl: string;
  clientUrl: string;
  version: string;
  dbSizeBytes: number;
  isLeader: boolean;
  raftTerm: number;
  raftIndex: number;
}

/** What etcdctl talks to. */
export interface EtcdctlTarget<V> {
  rpc: EtcdRpc<V>;
  codec: TextCodec<V>;
  clusterId: bigint;
  /** The first one answers. */
  members: readonly EtcdMember[];
}

/** What a command prints, and its exit code; `watch` goes on until it is stopped. */
export interface EtcdctlResult {
  stdout: string;
  stderr: string;
  code: number;
  /** Of `etcdctl watch`: prints what happens from now on. Returns how to stop. */
  watch?: (print: (text: string) => void) => () => void;
}

type Command = <V>(
  target: EtcdctlTarget<V>,
  args: string[],
  flags: Flags,
  stdin: string,
) => string | Pick<EtcdctlResult, 'stdout' | 'watch'>;

/** Runs "etcdctl …" without the word etcdctl. Never throws. */
export function etcdctl<V>(target: EtcdctlTarget<V>, words: readonly string[], stdin = ''): EtcdctlResult {
  try {
    const { args, flags } = flagsOf(words);
    const name = NESTED.has(args[0] ?? '') ? args.splice(0, 2).join(' ') : (args.shift() ?? '');
    const command = COMMANDS[name];
    if (command === undefined) throw new UsageError(`unknown command "${name}" for "etcdctl"`, 1);
    const result = command(target, args, flags, stdin);
    return { stderr: '', code: 0, ...(typeof result === 'string' ? { stdout: result } : result) };
  } catch (error) {
    if (!(error instanceof EtcdError || error instanceof UsageError)) throw error;
    const code = error instanceof UsageError ? error.exitCode : 1;
    return { stdout: '', stderr: `Error: ${error.message}\n`, code };
  }
}

const NESTED = new Set(['lease', 'member', 'endpoint']);

const COMMANDS: Readonly<Record<string, Command>> = {
  get,
  put,
  del,
  txn,
  watch,
  compaction: compact,
  compact,
  'lease grant': leaseGrant,
  'lease revoke': leaseRevoke,
  'lease timetolive': leaseTimeToLive,
  'lease keep-alive': leaseKeepAlive,
  'lease list': leaseList,
  'member list': (target, _args, flags) => membersText(target.members, flags.text('write-out', 'simple'), target.clusterId),
  'endpoint status': (target, _args, flags) => statusText(target.members, flags.text('write-out', 'simple')),
  'endpoint health': (target) =>
    target.members.map(({ clientUrl }) => `${endpointOf(clientUrl)} is healthy: successfully committed proposal: took = 1ms\n`).join(''),
  version: ({ members }) =>
    `etcdctl version: ${members[0]?.version ?? ''}\nAPI version: ${(members[0]?.version ?? '').split('.').slice(0, 2).join('.')}\n`,
};

const endpointOf = (url: string): string => url.replace(/^https?:\/\//, '');

/** The keys that the arguments and --prefix or --from-key name. */
function rangeOf(command: string, args: readonly string[], flags: Flags): KeyRange {
  const [key, end] = args;
  if (key === undefined || args.length > 2)
    throw new UsageError(`${command} command needs one argument as key and an optional argument as range_end`);
  const [prefix, fromKey] = [flags.flag('prefix'), flags.flag('from-key')];
  if (prefix && fromKey) throw new UsageError('`--prefix` and `--from-key` cannot be set at the same time, choose one');
  if ((prefix || fromKey) && end !== undefined)
    throw new UsageError(`too many arguments, only accept one argument when \`--${prefix ? 'prefix' : 'from-key'}\` is set`);
  if (prefix) return prefixRange(key);
  if (fromKey) return { key: key || '\0', end: '\0' };
  return end === undefined ? { key } : { key, end };
}

const TARGETS = { CREATE: 'CREATE', KEY: 'KEY', MODIFY: 'MOD', VALUE: 'VALUE', VERSION: 'VERSION' } as const;

function get<V>({ rpc, codec, clusterId, members }: EtcdctlTarget<V>, args: string[], flags: Flags): string {
  const format = flags.text('write-out', 'simple');
  const countOnly = flags.flag('count-only');
  if (countOnly && format === 'simple') throw new UsageError('--count-only is only for `--write-out=fields`');
  const order = flags.text('order', '').toUpperCase();
  if (order !== '' && order !== 'ASCEND' && order !== 'DESCEND') throw new UsageError(`bad sort order ${flags.text('order', '')}`);
  const sortBy = flags.text('sort-by', 'KEY').toUpperCase();
  if (!(sortBy in TARGETS)) throw new UsageError(`bad sort target ${flags.text('sort-by', '')}`);
  const request: RangeRequest = {
    ...rangeOf('get', args, flags),
    limit: flags.number('limit', 0),
    revision: flags.number('rev', 0),
    keysOnly: flags.flag('keys-only'),
    countOnly,
    sortOrder: order === '' ? (sortBy === 'KEY' ? 'NONE' : 'ASCEND') : order,
    sortTarget: TARGETS[sortBy as keyof typeof TARGETS],
  };
  const { kvs, count, more, revision } = rpc.range(request);
  if (format === 'json') {
    const body = {
      header: headerJson(clusterId, members, revision),
      ...(kvs.length > 0 && { kvs: kvs.map((kv) => keyValueJson(kv, codec)) }),
    };
    return `${JSON.stringify({ ...body, ...(more && { more }), ...(count > 0 && { count }) })}\n`;
  }
  if (format === 'fields') return `"Revision" : ${revision}\n"More" : ${more}\n"Count" : ${count}\n`;
  return kvs.map((kv) => keyValueText(kv, codec, flags.flag('print-value-only'))).join('');
}

function put<V>({ rpc, codec }: EtcdctlTarget<V>, args: string[], flags: Flags, stdin: string): string {
  const [key, text = flags.flag('ignore-value') ? undefined : stdin] = args;
  if (key === undefined) throw new UsageError('put command needs 1 argument and input from stdin or 2 arguments');
  const { prevKv } = rpc.put({
    key,
    ...(text !== undefined && { value: codec.parse(text) }),
    lease: parseInt(flags.text('lease', '0'), 16),
    prevKv: flags.flag('prev-kv'),
    ignoreValue: flags.flag('ignore-value'),
    ignoreLease: flags.flag('ignore-lease'),
  });
  return `OK\n${prevKv ? keyValueText(prevKv, codec, false) : ''}`;
}

function del<V>({ rpc, codec }: EtcdctlTarget<V>, args: string[], flags: Flags): string {
  const { deleted, prevKvs } = rpc.deleteRange({ ...rangeOf('del', args, flags), prevKv: flags.flag('prev-kv') });
  return `${deleted}\n${prevKvs.map((kv) => keyValueText(kv, codec, false)).join('')}`;
}

function txn<V>({ rpc, codec }: EtcdctlTarget<V>, args: string[], _flags: Flags, stdin: string): string {
  if (args.length > 0) throw new UsageError('txn command does not accept argument');
  const { succeeded, responses } = rpc.txn(parseTransaction(stdin, codec));
  return `${succeeded ? 'SUCCESS' : 'FAILURE'}\n${responsesText(responses, codec)}`;
}

function watch<V>({ rpc, codec }: EtcdctlTarget<V>, args: string[], flags: Flags): Pick<EtcdctlResult, 'stdout' | 'watch'> {
  const request: WatchRequest = { ...rangeOf('watch', args, flags), startRevision: flags.number('rev', 0), prevKv: flags.flag('prev-kv') };
  return {
    stdout: '',
    watch: (print) =>
      rpc.watch(request, (response) => {
        if ('canceled' in response) {
          const { reason = 'etcdserver: mvcc: required revision has been compacted' } = response;
          print(`watch was canceled (${reason})\nError: watch is canceled by the server\n`);
          return;
        }
        for (const { type, kv, prevKv } of response.events)
          print(`${type}\n${prevKv ? keyValueText(prevKv, codec, false) : ''}${keyValueText(kv, codec, false)}`);
      }),
  };
}

function compact<V>({ rpc }: EtcdctlTarget<V>, args: string[]): string {
  const [text = ''] = args;
  if (args.length !== 1) throw new UsageError('compaction command needs 1 argument');
  const revision = Number(text);
  if (!Number.isSafeInteger(revision) || text === '')
    throw new UsageError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`, 1);
  rpc.compact(revision);
  return `compacted revision ${revision}\n`;
}

function leaseGrant<V>({ rpc }: EtcdctlTarget<V>, args: string[]): string {
  if (args.length !== 1) throw new UsageError('lease grant command needs TTL argument');
  const seconds = Number(args[0]);
  if (!Number.isSafeInteger(seconds))
    throw new UsageError(`bad TTL (strconv.ParseInt: parsing ${JSON.stringify(args[0])}: invalid syntax)`);
  const { id, ttl } = rpc.leaseGrant(seconds);
  return `lease ${hex(id)} granted with TTL(${ttl}s)\n`;
}

function leaseIdOf(command: string, args: readonly string[]): number {
  if (args.length !== 1)
    throw new UsageError(`${command} command needs ${command === 'lease revoke' ? '1 argument' : 'lease ID as argument'}`);
  const id = parseInt(args[0] ?? '', 16);
  if (Number.isNaN(id))
    throw new UsageError(`bad lease ID arg (strconv.ParseInt: parsing ${JSON.stringify(args[0])}: invalid syntax), expecting ID in Hex`);
  return id;
}

function leaseRevoke<V>({ rpc }: EtcdctlTarget<V>, args: string[]): string {
  const id = leaseIdOf('lease revoke', args);
  rpc.leaseRevoke(id);
  return `lease ${hex(id)} revoked\n`;
}

function leaseTimeToLive<V>({ rpc }: EtcdctlTarget<V>, args: string[], flags: Flags): string {
  const id = leaseIdOf('lease timetolive', args);
  const { ttl, grantedTtl, keys } = rpc.leaseTimeToLive(id);
  if (ttl === -1) return `lease ${hex(id)} already expired\n`;
  const attached = flags.flag('keys') ? `, attached keys([${keys.join(' ')}])` : '';
  return `lease ${hex(id)} granted with TTL(${grantedTtl}s), remaining(${ttl}s)${attached}\n`;
}

function leaseKeepAlive<V>({ rpc }: EtcdctlTarget<V>, args: string[]): string {
  const id = leaseIdOf('lease keep-alive', args);
  const ttl = rpc.leaseKeepAlive(id);
  return ttl === 0 ? `lease ${hex(id)} expired or revoked.\n` : `lease ${hex(id)} keepalived with TTL(${ttl})\n`;
}

function leaseList<V>({ rpc }: EtcdctlTarget<V>): string {
  const ids = rpc.leaseLeases();
  return `found ${ids.length} leases\n${ids.map((id) => `${hex(id)}\n`).join('')}`;
}
