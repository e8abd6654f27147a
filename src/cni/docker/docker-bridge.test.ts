import { describe, expect, it } from 'vitest';
import { Machine } from '../../linux/machine.ts';
import { connect } from '../../linux/net/connect.ts';
import { Fabric } from '../../linux/net/fabric.ts';
import { parseCidr, parseIpv4 } from '../../linux/net/ipv4.ts';
import { macOf } from '../../linux/net/link.ts';
import { NetworkNamespace } from '../../linux/net/namespace.ts';
import { netfilterOf } from '../../linux/net/netfilter-of.ts';
import type { PortMapping } from '../../linux/net/port-maps.ts';
import { formatRoute } from '../../linux/net/routes.ts';
import { EMPTY_INPUT, NULL_OUTPUT } from '../../linux/streams.ts';
import { PAUSE } from '../../linux/syscalls.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import { NodeNetwork } from '../node-network.ts';
import { startDocker } from './docker-bridge.ts';

const ip = (text: string) => parseIpv4(text)!;
const WEB: PortMapping = { protocol: 'TCP', hostPort: 8080, containerPort: 80 };

function dockerHost() {
  const machine = new Machine(new TaskScope(new Simulation(), 'test'), { hostname: 'n', milliCpu: 1000, memoryBytes: 2 ** 30 });
  const fabric = new Fabric(parseCidr('10.249.67.0/24')!);
  fabric.plug(machine, ip('10.249.67.30'));
  const network = new NodeNetwork(machine);
  startDocker(machine, network);
  const run = (id: string, ports: readonly PortMapping[] = [], wanted?: string) => {
    const netns = new NetworkNamespace(machine, id);
    return { netns, result: network.add(id, netns, wanted, ports, { namespace: 'default', name: id }) };
  };
  const save = () => ['nat', 'filter'].map((table) => netfilterOf(machine.netns).save({ table: table as 'nat' })).join('');
  const docker = () =>
    save()
      .split('\n')
      .filter((line) => line.includes('172.17.0.2') || line.includes('--dport'));
  return { machine, fabric, network, run, save, docker };
}

/** A program in the namespace that listens on port 80. */
function serve(netns: NetworkNamespace): void {
  const { machine } = netns;
  const process = machine.spawn({
    context: machine.context,
    argv: ['httpd'],
    executable: function* () {
      yield PAUSE;
      return 0;
    },
    stdin: EMPTY_INPUT,
    stdout: NULL_OUTPUT,
    stderr: NULL_OUTPUT,
  });
  const service = { serve: () => ({ kind: 'text' as const, text: 'hello' }) };
  netns.listen({ protocol: 'TCP', ip: 0, port: 80, process, service });
}

describe("Docker's rules", () => {
  it('are what iptables-save prints on a machine with dockerd and one published port', () => {
    const { run, save } = dockerHost();
    run('a', [WEB]);
    expect(save()).toBe(`*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 80 -j MASQUERADE
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-ISOLATION-STAGE-1 - [0:0]
:DOCKER-ISOLATION-STAGE-2 - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
-A DOCKER-ISOLATION-STAGE-2 -j RETURN
-A DOCKER-USER -j RETURN
COMMIT
`);
  });

  it.each<[string, PortMapping, string]>([
    ['TCP', WEB, '! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80'],
    ['UDP', { ...WEB, protocol: 'UDP' }, '! -i docker0 -p udp -m udp --dport 8080 -j DNAT --to-destination 172.17.0.2:80'],
    [
      'one address of the machine',
      { ...WEB, hostIp: ip('10.249.67.30') },
      '-d 10.249.67.30/32 ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80',
    ],
  ])('publish a port: %s', (_name, mapping, rule) => {
    const { run, docker } = dockerHost();
    run('a', [mapping]);
    expect(docker()).toContain(`-A DOCKER ${rule}`);
  });

  it('go with the container, whatever has been flushed since', () => {
    const { machine, network, run, docker } = dockerHost();
    const { netns } = run('a', [WEB, { ...WEB, hostPort: 8081 }]);
    // The two ports lead to one: its two other rules are there once.
    expect(docker()).toHaveLength(4);
    netfilterOf(machine.netns).command(['-t', 'nat', '-F', 'DOCKER']);
    network.remove('a', netns);
    expect(docker()).toEqual([]);
    expect(machine.netns.listeners).toEqual([]);
    expect(machine.processes.size).toBe(0);
  });
});

describe('containers on docker0', () => {
  it('get the lowest address that is free, a hardware address made of it, and docker0 as their gateway', () => {
    const { machine, network, run } = dockerHost();
    const first = run('0123456789');
    const second = run('1123456789');
    expect([first.result, second.result]).toEqual([{ ips: ['172.17.0.2'] }, { ips: ['172.17.0.3'] }]);
    expect(macOf(first.netns.link('eth0')!)).toBe('02:42:ac:11:00:02');
    expect(first.netns.routes.list().map(formatRoute)).toEqual([
      '172.17.0.0/16 dev eth0 scope link src 172.17.0.2',
      'default via 172.17.0.1 dev eth0',
    ]);
    expect(machine.netns.links.map(({ name }) => name)).toEqual(['lo', 'eth0', 'docker0', 'veth0123456', 'veth1123456']);
    network.remove('0123456789', first.netns);
    expect(run('2123456789').result).toEqual({ ips: ['172.17.0.2'] });
    expect(run('3123456789', [], '172.17.0.9').result).toEqual({ ips: ['172.17.0.9'] });
    expect(run('4123456789', [], '172.17.0.9').result).toEqual({ error: 'plugin type="docker" failed (add): Address already in use' });
  });

  it('are no business of CNI: there are no calls to show', () => {
    const { network, run } = dockerHost();
    const { netns } = run('a');
    expect(network.notReady).toBeUndefined();
    expect(network.calls('a', netns, { namespace: 'default', name: 'a' })).toEqual([]);
  });

  it('cannot publish a port that is taken', () => {
    const { network, run, docker } = dockerHost();
    run('a', [WEB]);
    const { netns, result } = run('b', [WEB]);
    const text = 'driver failed programming external connectivity: Bind for 0.0.0.0:8080 failed: port is already allocated';
    expect(result).toEqual({ error: `plugin type="docker" failed (add): ${text}` });
    network.remove('b', netns);
    expect(docker().join()).not.toContain('172.17.0.3');
  });

  it('answer at a published port: from the machine, its loopback, another container and themselves', () => {
    const { machine, run } = dockerHost();
    const web = run('web', [WEB]);
    const other = run('other');
    serve(web.netns);
    const [host, loopback] = [ip('10.249.67.30'), ip('127.0.0.1')];
    for (const [from, to] of [
      [machine.netns, host],
      [machine.netns, loopback],
      [other.netns, host],
      [web.netns, host],
    ] as const)
      expect(connect(from, to, 8080, 'TCP')).toMatchObject({ state: 'connected' });
    // The rules lead the machine's own packets to the container; its loopback and its containers meet docker-proxy.
    expect(connect(machine.netns, host, 8080, 'TCP')).toMatchObject({ connection: { server: web.netns } });
    expect(connect(machine.netns, loopback, 8080, 'TCP')).toMatchObject({ connection: { server: machine.netns } });
    expect([...machine.processes.values()].map(({ argv }) => argv.join(' '))).toContain(
      '/usr/bin/docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80',
    );
  });
});
