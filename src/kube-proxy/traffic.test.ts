/** Connections through the rules of each mode, on two machines with two pods each: who answers, and whom the server sees. */
import { describe, expect, it } from 'vitest';
import { connect } from '../linux/net/connect.ts';
import { formatIpv4, parseIpv4 } from '../linux/net/ipv4.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';
import { lan, listen } from '../linux/net/testing/lan.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { DEFAULT_PROXY_CONFIG, type ProxyMode } from './config.ts';
import { newKubeProxy } from './modes.ts';
import { KubeProxyShared } from './shared.ts';
import { ProxySockets } from './sockets.ts';
import { service, slice } from './testing/objects.ts';

const VIP = '10.96.0.1';
const WEB = [{ name: 'http', port: 80, targetPort: 80, protocol: 'TCP', nodePort: 30080 }];
const P80 = [{ name: 'http', protocol: 'TCP', port: 80 }];

function setUp(mode: ProxyMode) {
  const world = lan();
  const shared = new KubeProxyShared();
  shared.configure({ ...DEFAULT_PROXY_CONFIG, mode, clusterCIDR: '10.244.0.0/16' });
  shared.model.putService(service('web', VIP, { type: 'NodePort', ports: WEB }));
  for (const { machine } of [world.a, world.b]) {
    const { sim } = machine.scope;
    const { netns, hostname } = machine;
    const nodeIp = formatIpv4(netns.link('eth0')?.addresses[0]?.ip ?? 0);
    const { process } = listen(netns, 10_249, 'TCP', 'kube-proxy');
    const scope = new TaskScope(sim, `kube-proxy/${hostname}`);
    newKubeProxy({ scope, shared, machine, nodeName: hostname, nodeIp, ports: new ProxySockets(process) }).start();
  }
  const run = () => world.a.machine.scope.sim.runUntil(world.a.machine.now + 3000);
  const serve = (...pods: NetworkNamespace[]) => {
    for (const pod of pods) listen(pod, 80);
    shared.model.putSlice(
      slice(
        'web',
        pods.map((pod) => ({ ip: addressOf(pod), node: pod.machine.hostname })),
        P80,
      ),
    );
    run();
  };
  run();
  return { ...world, serve };
}

const addressOf = (pod: NetworkNamespace): string => formatIpv4(pod.link('eth0')?.addresses[0]?.ip ?? 0);

/** "10.244.2.2 sees 10.244.1.2", or why not. */
function call(from: NetworkNamespace, ip: string, port = 80): string {
  const outcome = connect(from, parseIpv4(ip) ?? 0, port, 'TCP');
  if (outcome.state !== 'connected') return outcome.state;
  return `${addressOf(outcome.connection.server)} sees ${formatIpv4(outcome.peer.ip)}`;
}

describe.each(['iptables', 'ipvs', 'nftables'] as const)('traffic in mode %s', (mode) => {
  it('goes from a pod to an endpoint on another node, with the pod as its source', () => {
    const { a, b, serve } = setUp(mode);
    serve(b.pods[0]!);
    expect(call(a.pods[0]!, VIP)).toBe(`${addressOf(b.pods[0]!)} sees ${addressOf(a.pods[0]!)}`);
  });

  it('goes to an endpoint on the same node', () => {
    const { a, serve } = setUp(mode);
    serve(a.pods[1]!);
    expect(call(a.pods[0]!, VIP)).toBe(`${addressOf(a.pods[1]!)} sees ${addressOf(a.pods[0]!)}`);
  });

  it('comes back to its sender by way of the node', () => {
    const { a, serve } = setUp(mode);
    for (const port of a.bridge.ports ?? []) port.hairpin = true;
    serve(a.pods[0]!);
    expect(call(a.pods[0]!, VIP)).toMatch(/sees 10\.244\.1\.1$/);
  });

  it('goes from a node to a cluster address and to a node port, masqueraded', () => {
    const { a, b, serve } = setUp(mode);
    serve(b.pods[0]!);
    const nodes = [a, b].map(({ machine }) => formatIpv4(machine.netns.link('eth0')?.addresses[0]?.ip ?? 0));
    expect(call(a.machine.netns, VIP)).toMatch(/^10\.244\.2\.2 sees /);
    expect(call(a.machine.netns, nodes[1]!, 30080)).toMatch(/^10\.244\.2\.2 sees 10\.244\.2\.1$/);
    expect(call(b.machine.netns, nodes[0]!, 30080)).toBe(`${addressOf(b.pods[0]!)} sees ${nodes[0]}`);
  });

  it('is spread over the endpoints', () => {
    const { a, b, serve } = setUp(mode);
    serve(...b.pods, a.pods[1]!);
    const seen = new Set(Array.from({ length: 30 }, () => call(a.pods[0]!, VIP).split(' ')[0]));
    expect(seen.size).toBe(3);
  });

  it('is refused when nobody is there', () => {
    const { a } = setUp(mode);
    expect(call(a.pods[0]!, VIP)).toBe('refused');
  });
});

describe('traffic in mode userspace', () => {
  it('ends at kube-proxy, which dials the endpoint itself', () => {
    const { a, b, serve } = setUp('userspace');
    serve(b.pods[0]!);
    const outcome = connect(a.pods[0]!, parseIpv4(VIP) ?? 0, 80, 'TCP');
    if (outcome.state !== 'connected') throw new Error(outcome.state);
    const { socket, peer } = outcome;
    expect(socket.process.argv).toEqual(['kube-proxy']);
    let seen = '';
    b.pods[0]!.listeners[0]!.service = {
      serve: (_process, _message, from) => {
        seen = formatIpv4(from.ip);
        return { kind: 'text', text: 'hello' };
      },
    };
    expect(socket.service.serve(socket.process, { kind: 'text', text: '' }, peer)).toEqual({ kind: 'text', text: 'hello' });
    expect(seen).toBe('172.18.0.2');
  });
});
