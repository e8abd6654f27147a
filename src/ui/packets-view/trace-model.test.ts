import { describe, expect, it } from 'vitest';
import type { PacketTraceHop, PacketTraceRule } from '../../api/kubarium/packet-trace.ts';
import { changedFields, costsOf, distributionOf, legsOf, nestedRules } from './trace-model.ts';

const packet = {
  protocol: 'TCP',
  source: '10.244.1.5',
  sourcePort: 4000,
  destination: '10.96.7.1',
  destinationPort: 80,
  ttl: 64,
  length: 60,
};
const hop = (node: string, place: string, more: Partial<PacketTraceHop> = {}): PacketTraceHop => ({
  kind: 'hook',
  connection: 0,
  node,
  place,
  message: '',
  packet,
  ...more,
});
const rule = (chain: string, number: number, matched: boolean, target?: string, table = 'nat'): PacketTraceRule => ({
  table,
  chain,
  number,
  matched,
  target,
});

describe('a trace', () => {
  it('is grouped by the places that the packet passes, and the answer is a way of its own', () => {
    const hops = [
      hop('node-1', 'pod'),
      hop('node-1', 'host'),
      hop('node-1', 'host'),
      hop('node-2', 'host'),
      hop('node-2', 'host', { reply: true }),
    ];
    expect(legsOf(hops).map(({ place, steps, reply }) => [place, steps, reply])).toEqual([
      ['pod', [0], false],
      ['host', [1, 2], false],
      ['host', [3], false],
      ['host', [4], true],
    ]);
  });

  it('names the fields that a step changed', () => {
    const after = { ...packet, destination: '10.244.2.7', destinationPort: 8080 };
    expect([...changedFields(hop('a', 'b', { after }))]).toEqual(['destination', 'destinationPort']);
    expect(changedFields(hop('a', 'b')).size).toBe(0);
  });

  it('nests rules below the chain that jumped to theirs', () => {
    const rules = [
      rule('PREROUTING', 1, true, 'jump KUBE-SERVICES'),
      { ...rule('KUBE-SERVICES', 1, false), skipped: 36 },
      rule('KUBE-SERVICES', 37, true, 'jump KUBE-SVC-X'),
      rule('KUBE-SVC-X', 2, true, 'jump KUBE-SEP-Y'),
      rule('KUBE-SEP-Y', 2, true, 'DNAT'),
      rule('INPUT', 0, true, 'policy ACCEPT', 'filter'),
    ];
    expect(nestedRules(rules).map(({ table, rules: nested }) => [table, nested.map(({ depth }) => depth)])).toEqual([
      ['nat', [0, 1, 1, 2, 3]],
      ['filter', [0]],
    ]);
  });

  it('adds up costs beside other modes, and how many connections went where', () => {
    const compared = [{ mode: 'ipvs' as const, comparisons: 12, lookups: 3, hops: [] }];
    expect(
      costsOf({ proxyMode: 'iptables', comparisons: 39, lookups: 0, compared }).map(({ mode, comparisons }) => [mode, comparisons]),
    ).toEqual([
      ['iptables', 39],
      ['ipvs', 12],
    ]);
    expect(distributionOf({ endpoints: { b: 1, a: 3 } })).toEqual([
      { name: 'a', count: 3, part: 0.75 },
      { name: 'b', count: 1, part: 0.25 },
    ]);
  });
});
