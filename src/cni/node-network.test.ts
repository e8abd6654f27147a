import { describe, expect, it } from 'vitest';
import { Machine } from '../linux/machine.ts';
import { Fabric } from '../linux/net/fabric.ts';
import { parseCidr, parseIpv4 } from '../linux/net/ipv4.ts';
import { NetworkNamespace } from '../linux/net/namespace.ts';
import { formatRoute } from '../linux/net/routes.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { FLANNEL_CONFIG, Flannel } from './flannel/flannel.ts';
import { NodeNetwork } from './node-network.ts';

function node() {
  const machine = new Machine(new TaskScope(new Simulation(), 'test'), { hostname: 'n', milliCpu: 1000, memoryBytes: 2 ** 30 });
  new Fabric(parseCidr('172.18.0.0/16')!).plug(machine, parseIpv4('172.18.0.2')!);
  const network = new NodeNetwork(machine);
  const flannel = new Flannel(machine);
  return { machine, network, flannel, netns: new NetworkNamespace(machine, 'pod') };
}

describe('the node network', () => {
  it('says what is missing, step by step', () => {
    const { network, flannel, netns } = node();
    expect(network.add('id', netns)).toEqual({ error: 'cni plugin not initialized' });
    network.configure(FLANNEL_CONFIG);
    expect(network.add('id', netns)).toEqual({
      error: 'plugin type="flannel" failed (add): failed to find plugin "flannel" in path [/opt/cni/bin]',
    });
    network.install(flannel);
    const missing = 'loadFlannelSubnetEnv failed: open /run/flannel/subnet.env: no such file or directory';
    expect(network.add('id', netns)).toEqual({ error: `plugin type="flannel" failed (add): ${missing}` });
    flannel.acquireSubnet('10.244.1.0/30');
    expect(network.add('id', netns)).toEqual({ ips: ['10.244.1.2'] });
    const full = 'failed to delegate add: failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.2';
    expect(network.add('id2', netns)).toEqual({ error: `plugin type="flannel" failed (add): ${full}` });
  });

  it('makes a veth to the bridge, and takes it away again', () => {
    const { machine, network, flannel, netns } = node();
    network.install(flannel);
    network.configure(FLANNEL_CONFIG);
    flannel.acquireSubnet('10.244.1.0/24');
    network.add('0123456789abcdef', netns);
    expect(machine.netns.links.map(({ name }) => name)).toEqual(['lo', 'eth0', 'cni0', 'veth01234567']);
    expect(netns.routes.list().map(formatRoute)).toEqual([
      '10.244.1.0/24 dev eth0 scope link src 10.244.1.2',
      'default via 10.244.1.1 dev eth0',
    ]);
    network.remove('0123456789abcdef', netns);
    expect(machine.netns.links.map(({ name }) => name)).toEqual(['lo', 'eth0', 'cni0']);
    expect(network.add('b', new NetworkNamespace(machine, 'b'), '10.244.1.2')).toEqual({ ips: ['10.244.1.2'] });
  });

  it('keeps routes to the other nodes and no others', () => {
    const { machine, flannel } = node();
    const routes = () =>
      machine.netns.routes
        .list()
        .map(formatRoute)
        .filter((route) => route.startsWith('10.'));
    flannel.setPeers([
      { podCidr: '10.244.2.0/24', nodeIp: '172.18.0.3' },
      { podCidr: '10.244.3.0/24', nodeIp: '172.18.0.4' },
    ]);
    flannel.setPeers([{ podCidr: '10.244.3.0/24', nodeIp: '172.18.0.9' }]);
    expect(routes()).toEqual(['10.244.3.0/24 via 172.18.0.9 dev eth0']);
    flannel.removePeer('10.244.3.0/24');
    expect(routes()).toEqual([]);
  });
});
