import { describe, expect, it } from 'vitest';
import { etcdctl } from './etcdctl.ts';
import type { EtcdctlTarget } from './etcdctl.ts';
import { Etcd } from './etcd.ts';
import { EtcdRpc } from './rpc.ts';

function target(): EtcdctlTarget<string> {
  const etcd = new Etcd<string>();
  const member = {
    id: 0x8e9e05c52164694dn,
    name: 'control-plane',
    peerUrl: 'https://192.168.0.10:2380',
    clientUrl: 'https://192.168.0.10:2379',
    version: '3.5.21',
    dbSizeBytes: 2_400_000,
    isLeader: true,
    raftTerm: 2,
    raftIndex: 812,
  };
  return {
    rpc: new EtcdRpc(etcd, { compare: (a, b) => (a < b ? -1 : a > b ? 1 : 0), empty: '' }, () => 0),
    codec: { show: (value) => value, parse: (text) => text },
    clusterId: 0xcdf818194e3a8c32n,
    members: [member],
  };
}

/** What a few commands in a row print; the last one's text. */
function run(lines: readonly string[], stdin = ''): string {
  const to = target();
  const results = lines.map((line) => etcdctl(to, line.split(' '), stdin));
  const last = results.at(-1);
  return (last?.stdout ?? '') + (last?.stderr ?? '') + (last?.code ? `(${last.code})` : '');
}

describe('etcdctl prints', () => {
  it.each<[string, string[], string, string?]>([
    ['OK after a put', ['put a 1'], 'OK\n'],
    ['what was before, when asked', ['put a 1', 'put a 2 --prev-kv'], 'OK\na\n1\n'],
    ['keys and values', ['put a 1', 'put b 2', 'get --prefix '], 'a\n1\nb\n2\n'],
    ['values alone', ['put a 1', 'get a --print-value-only'], '1\n'],
    ['keys alone, each with an empty line', ['put a 1', 'get a --keys-only'], 'a\n\n'],
    ['a state of the past', ['put a 1', 'put a 2', 'get a --rev=2'], 'a\n1\n'],
    ['in the order wanted', ['put a 1', 'put b 2', 'get a c --order=DESCEND --sort-by=KEY'], 'b\n2\na\n1\n'],
    [
      'JSON',
      ['put a 1', 'get a -w json'],
      '"kvs":[{"key":"YQ==","create_revision":2,"mod_revision":2,"version":1,"value":"MQ=="}],"count":1}\n',
    ],
    ['how many went', ['put a 1', 'put b 1', 'del a c'], '2\n'],
    ['a compaction', ['put a 1', 'compact 2'], 'compacted revision 2\n'],
    [
      'the refusal of a compacted revision',
      ['put a 1', 'put a 2', 'compact 3', 'get a --rev=2'],
      'Error: etcdserver: mvcc: required revision has been compacted\n(1)',
    ],
    ['a lease', ['lease grant 60'], 'lease 0000000000000001 granted with TTL(60s)\n'],
    [
      'what a lease holds',
      ['lease grant 60', 'put a 1 --lease=1', 'lease timetolive 1 --keys'],
      'lease 0000000000000001 granted with TTL(60s), remaining(60s), attached keys([a])\n',
    ],
    ['a lease that is gone', ['lease timetolive 1f'], 'lease 000000000000001f already expired\n'],
    ['leases', ['lease grant 60', 'lease grant 30', 'lease list'], 'found 2 leases\n0000000000000002\n0000000000000001\n'],
    ['the refusal to end no lease', ['lease revoke 7'], 'Error: etcdserver: requested lease not found\n(1)'],
    ['a transaction', ['put a 1', 'txn'], 'SUCCESS\n\nOK\n\na\n2\n', 'value("a") = "1"\n\nput a 2\nget a\n\ndel a\n'],
    ['the other branch', ['put a 1', 'txn'], 'FAILURE\n\n1\n', 'mod("a") > "100"\n\nput a 2\n\ndel a\n'],
    ['members', ['member list'], '8e9e05c52164694d, started, control-plane, https://192.168.0.10:2380, https://192.168.0.10:2379, false\n'],
    ['the status', ['endpoint status'], 'https://192.168.0.10:2379, 8e9e05c52164694d, 3.5.21, 2.4 MB, true, false, 2, 812, 812, \n'],
    ['that it does not know a flag', ['get a --nope'], 'Error: unknown flag: --nope\n(1)'],
    ['that a key is missing', ['get'], 'Error: get command needs one argument as key and an optional argument as range_end\n(128)'],
  ])('%s', (_name, lines, expected, stdin) => {
    expect(run(lines, stdin)).toContain(expected);
  });

  it('what happens to the keys that are watched', () => {
    const to = target();
    const seen: string[] = [];
    etcdctl(to, ['put', 'a', '1']);
    const stop = etcdctl(to, ['watch', 'a', '--rev=2', '--prev-kv']).watch?.((text) => seen.push(text));
    etcdctl(to, ['put', 'a', '2']);
    etcdctl(to, ['del', 'a']);
    stop?.();
    etcdctl(to, ['put', 'a', '3']);
    expect(seen).toEqual(['PUT\na\n1\n', 'PUT\na\n1\na\n2\n', 'DELETE\na\n2\na\n\n']);
  });
});
