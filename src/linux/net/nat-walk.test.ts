import { describe, expect, it } from 'vitest';
import { connect, ping } from './connect.ts';
import { formatIpv4 } from './ipv4.ts';
import { netfilterOf } from './netfilter-of.ts';
import { ip, lan, listen } from './testing/lan.ts';
import { WalkTrace } from './walk-trace.ts';

const VIRTUAL = '10.96.0.1';

/** On machine 1, 10.96.0.1:80 leads to `to`; what comes from its own pod is masqueraded. */
function world(to: string, protocol: 'tcp' | 'udp' = 'tcp') {
  const built = lan();
  const netfilter = netfilterOf(built.a.machine.netns);
  const source = to.split(':')[0]!;
  const result = netfilter.restore(`*nat
-A PREROUTING -d ${VIRTUAL}/32 -p ${protocol} -m ${protocol} --dport 80 -j DNAT --to-destination ${to}
-A OUTPUT -d ${VIRTUAL}/32 -p ${protocol} -m ${protocol} --dport 80 -j DNAT --to-destination ${to}
-A POSTROUTING -s ${source}/32 -d ${source}/32 -j MASQUERADE
COMMIT
`);
  expect(result.stderr).toBe('');
  const pods = [...built.a.pods, ...built.b.pods];
  for (const pod of pods) listen(pod, 8080);
  return { ...built, netfilter };
}

function traced(from: Parameters<typeof connect>[0]) {
  const recorder = new WalkTrace();
  const outcome = connect(from, ip(VIRTUAL), 80, 'TCP', { recorder });
  return { outcome, packets: recorder.packets };
}

describe('a translated connection', () => {
  it('to the same bridge is bridged: its TTL stays, and POSTROUTING sees no input', () => {
    const { a } = world('10.244.1.3:8080');
    const { outcome, packets } = traced(a.pods[0]!);
    expect(outcome.state).toBe('connected');
    const visit = packets[0]!.visits[1]!;
    expect(visit.points.map(({ hook, phase, packet }) => `${hook} ${phase} ${packet.destination} ${packet.ttl}`)).toEqual([
      'PREROUTING before 10.96.0.1 64',
      'PREROUTING after 10.244.1.3 64',
      'FORWARD before 10.244.1.3 64',
      'FORWARD after 10.244.1.3 64',
      'POSTROUTING before 10.244.1.3 64',
      'POSTROUTING after 10.244.1.3 64',
    ]);
    expect(visit.points[2]).toMatchObject({ input: 'cni0', output: 'cni0', physIn: 'veth2', physOut: 'veth3' });
  });

  it('needs bridge-nf-call-iptables for its way back over the bridge', () => {
    const { a } = world('10.244.1.3:8080');
    a.machine.netns.setSysctl('net/bridge/bridge-nf-call-iptables', 0);
    expect(traced(a.pods[0]!).outcome.state).toBe('timeout');
  });

  it.each([
    [true, 'connected'],
    [false, 'timeout'],
  ])('to oneself, with hairpin mode %s: %s', (hairpin, state) => {
    const { a } = world('10.244.1.2:8080');
    a.machine.netns.link('veth2')!.hairpin = hairpin;
    const { outcome } = traced(a.pods[0]!);
    expect(outcome.state).toBe(state);
    if (outcome.state === 'connected') expect(formatIpv4(outcome.peer.ip)).toBe('10.244.1.1');
  });

  it('from the machine itself is routed again after OUTPUT', () => {
    const { a } = world('10.244.2.3:8080');
    const { outcome, packets } = traced(a.machine.netns);
    expect(outcome).toMatchObject({ state: 'connected', peer: { ip: ip('172.18.0.2') } });
    expect(packets[0]!.visits[0]!.routes).toEqual(['default via 172.18.0.1 dev eth0', '10.244.2.0/24 via 172.18.0.3 dev eth0']);
  });

  it('is ended in the table of connections', () => {
    const { a, netfilter } = world('10.244.2.3:8080');
    traced(a.pods[0]!);
    expect(netfilter.conntrack.entries(a.machine.now).map(({ tcp, assured, seenReply }) => [tcp, assured, seenReply])).toEqual([
      ['TIME_WAIT', true, true],
    ]);
  });

  it('hears of a closed port behind the translation', () => {
    const { a } = world('10.244.2.3:9', 'udp');
    expect(connect(a.pods[0]!, ip(VIRTUAL), 80, 'UDP').state).toBe('refused');
  });

  it.each([
    ['REJECT', 'refused'],
    ['REJECT --reject-with tcp-reset', 'refused'],
    ['REJECT --reject-with icmp-net-unreachable', 'network unreachable'],
    ['REJECT --reject-with icmp-admin-prohibited', 'host unreachable'],
    ['DROP', 'timeout'],
  ])('that the filter ends by %s: %s', (target, state) => {
    const { a, netfilter } = world('10.244.2.3:8080');
    netfilter.command(['-A', 'FORWARD', '-p', 'tcp', '-d', '10.244.2.3', '-j', ...target.split(' ')]);
    expect(traced(a.pods[0]!).outcome.state).toBe(state);
    netfilter.command(['-F', 'FORWARD']);
    netfilter.command(['-A', 'OUTPUT', '-p', 'tcp', '-d', '10.244.2.3', '-j', ...target.split(' ')]);
    expect(traced(a.machine.netns).outcome.state).toBe(state);
  });

  it('is told about by ICMP from another address than it knows', () => {
    const { a, b } = world('10.244.2.3:8080');
    netfilterOf(b.machine.netns).command(['-A', 'FORWARD', '-d', '10.244.2.3', '-j', 'REJECT']);
    expect(traced(a.pods[0]!).outcome.state).toBe('refused');
    expect(ping(a.pods[0]!, ip('10.244.2.3'))).toMatchObject({ state: 'error', error: 'port-unreachable', from: ip('172.18.0.3') });
  });
});
