import { describe, expect, it } from 'vitest';
import type { PacketTraceHop } from '../../api/kubarium/packet-trace.ts';
import { machinesOf, stationsOf } from './route-map-model.ts';

const packet = {
  protocol: 'TCP',
  source: '10.244.1.5',
  sourcePort: 4000,
  destination: '10.96.7.1',
  destinationPort: 80,
  ttl: 64,
  length: 60,
};
const outer = { ...packet, protocol: 'UDP', source: '192.168.0.11', destination: '192.168.0.12', destinationPort: 8472 };
const hop = (node: string, place: string, more: Partial<PacketTraceHop> = {}): PacketTraceHop => ({
  kind: 'device',
  connection: 0,
  node,
  place,
  message: '',
  packet,
  ...more,
});

describe('the way of a packet', () => {
  it('has each place once, with its devices, what was translated and the tunnel; the answer goes back through the same places', () => {
    const hops = [
      hop('node-1', 'pod default/client', { device: 'eth0' }),
      hop('node-1', 'host', { device: 'cni0', kind: 'hook', after: { ...packet, destination: '10.244.2.7' } }),
      hop('node-1', 'host', { device: 'flannel.1' }),
      hop('node-1', 'host', { device: 'eth0', outer }),
      hop('', 'network', { kind: 'network', outer }),
      hop('node-2', 'host', { device: 'eth0', outer }),
      hop('node-2', 'host', { device: 'cni0' }),
      hop('node-2', 'host', { device: 'veth1' }),
      hop('node-2', 'pod default/web', { device: 'eth0' }),
      hop('node-2', 'host', { reply: true }),
      hop('', 'network', { kind: 'network', reply: true }),
      hop('node-1', 'host', { reply: true }),
    ];
    const stations = stationsOf(hops);
    expect(stations.map(({ place, devices, steps, replies }) => [place, devices, steps, replies])).toEqual([
      ['pod default/client', ['eth0'], [0], []],
      ['host', ['cni0', 'flannel.1', 'eth0'], [1, 2, 3], [11]],
      ['network', [], [4], [10]],
      ['host', ['eth0', 'cni0'], [5, 6, 7], [9]],
      ['pod default/web', ['eth0'], [8], []],
    ]);
    expect(stations.map(({ translations }) => translations)).toEqual([[], ['DNAT'], [], [], []]);
    expect(stations[2]).toMatchObject({ isWire: true, tunnel: 'VXLAN' });
    expect(machinesOf(stations).map(({ node, stations: own }) => [node, own.length])).toEqual([
      ['node-1', 2],
      ['', 1],
      ['node-2', 2],
    ]);
  });

  it('goes back to the same pod in a hairpin, and the answer takes the way backwards', () => {
    const way = ['pod a', 'host', 'pod a'];
    const hops = [...way.map((place) => hop('node-1', place)), ...way.map((place) => hop('node-1', place, { reply: true }))];
    expect(stationsOf(hops).map(({ place, steps, replies }) => [place, steps, replies])).toEqual([
      ['pod a', [0], [5]],
      ['host', [1], [4]],
      ['pod a', [2], [3]],
    ]);
  });

  it('ends where the packet was dropped', () => {
    const stations = stationsOf([hop('node-1', 'pod a'), hop('node-1', 'host', { kind: 'drop', device: 'cali1' })]);
    expect(stations.map(({ isEnd }) => isEnd)).toEqual([false, true]);
  });
});
