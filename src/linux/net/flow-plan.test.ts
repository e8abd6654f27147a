import { describe, expect, it } from 'vitest';
import { Random } from '../../sim/random.ts';
import { connect } from './connect.ts';
import { flowPlans } from './flow-late.ts';
import { installFlowPlans } from './flow-plans.ts';
import { formatIpv4 } from './ipv4.ts';
import type { NetworkNamespace } from './namespace.ts';
import { netfilterOf } from './netfilter-of.ts';
import type { Protocol } from './socket.ts';
import { type Backend, ip, lan, listen } from './testing/lan.ts';

/** Rules as kube-proxy writes them, and some that no plan can stand for. */
const RULES = `*filter
:KUBE-FORWARD - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-POLICY - [0:0]
-A INPUT -m conntrack --ctstate NEW -j KUBE-SERVICES
-A FORWARD -j KUBE-FORWARD
-A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
-A FORWARD -j KUBE-POLICY
-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
-A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A KUBE-SERVICES -d 10.96.0.6/32 -p tcp -m tcp --dport 80 -j REJECT
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-NODEPORTS - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-POSTROUTING - [0:0]
:ONE - [0:0]
:TWO - [0:0]
:THREE - [0:0]
:DNS - [0:0]
-A PREROUTING -j KUBE-SERVICES
-A OUTPUT -j KUBE-SERVICES
-A POSTROUTING -j KUBE-POSTROUTING
${Array.from({ length: 16 }, (_, index) => `-A KUBE-SERVICES -d 10.96.1.${index}/32 -p tcp -m tcp --dport 80 -j ONE`).join('\n')}
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j ONE
-A KUBE-SERVICES -d 10.96.0.2/32 -p tcp -m tcp --dport 80 -j TWO
-A KUBE-SERVICES -d 10.96.0.3/32 -p tcp -m multiport --dports 80,81 -j THREE
-A KUBE-SERVICES -d 10.96.0.4/32 -p udp -m udp --dport 53 -j DNS
-A KUBE-SERVICES -d 10.96.0.5/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.244.2.2:81
-A KUBE-SERVICES -d 10.96.0.7/32 -p tcp -m tcp --sport 33000:40000 -j TWO
-A KUBE-SERVICES -d 10.96.0.7/32 -p tcp -m tcp --dport 80 -j ONE
-A KUBE-SERVICES -d 10.96.0.8/32 -p tcp -m limit --limit 1/sec -j TWO
-A KUBE-SERVICES -d 10.96.0.8/32 -p tcp -m tcp --dport 80 -j ONE
-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m statistic --mode nth --every 3 --packet 0 -j TWO
-A KUBE-SERVICES -d 10.96.0.9/32 -p tcp -m tcp --dport 80 -j ONE
-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j KUBE-MARK-MASQ
-A KUBE-NODEPORTS -p tcp -m tcp --dport 30080 -j TWO
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
-A KUBE-POSTROUTING -j MASQUERADE --random-fully
-A ONE -p tcp -m tcp -j DNAT --to-destination 10.244.2.2:8080
-A TWO -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.3:8080
-A TWO -p tcp -m tcp -j DNAT --to-destination 10.244.2.3:80
-A THREE -s 10.244.1.2/32 -m statistic --mode random --probability 0.1 -j KUBE-MARK-MASQ
-A THREE -p tcp -m statistic --mode random --probability 0.33333 -j DNAT --to-destination 10.244.1.2:80
-A THREE -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.2.2:80
-A THREE -p tcp -m tcp -j DNAT --to-destination 10.244.2.3:80
-A DNS -p udp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.244.1.3:53
-A DNS -p udp -m udp -j DNAT --to-destination 10.244.2.3:53
COMMIT
`;

const TARGETS: readonly (readonly [address: string, port: number, protocol: Protocol])[] = [
  ...[1, 2, 3, 5, 6, 7, 8, 9].map((last) => [`10.96.0.${last}`, 80, 'TCP'] as const),
  ['10.96.0.4', 53, 'UDP'],
  ['10.96.0.4', 53, 'UDP'],
  ['172.18.0.2', 30080, 'TCP'],
  ['172.18.0.3', 30080, 'TCP'],
  ['10.244.1.2', 80, 'TCP'],
  ['10.244.2.3', 50051, 'TCP'],
  ['10.244.2.3', 53, 'UDP'],
  ['10.96.9.9', 80, 'TCP'],
];

const DNS = TARGETS.findIndex(([, port]) => port === 53);

type World = ReturnType<typeof world>;

function world(backend: Backend) {
  const made = lan(backend);
  for (const node of [made.a, made.b]) {
    expect(netfilterOf(node.machine.netns).restore(RULES).stderr).toBe('');
    for (const pod of node.pods) {
      for (const port of [80, 8080, 50051]) listen(pod, port);
      listen(pod, 53, 'UDP');
    }
  }
  return made;
}

/** All that anybody can see of the world, and the next number of chance. */
function stateOf({ a, b }: World): unknown {
  return [a, b].map(({ machine, bridge }) => {
    const netfilter = netfilterOf(machine.netns);
    const { conntrack, cost } = netfilter;
    const entries = conntrack.entries(machine.now).map((entry) => {
      const { original: o, reply: r, serial, older, newer, ...rest } = entry;
      const text = [o, r].map(
        (t) => `${t.protocol} ${formatIpv4(t.source)}:${t.sourcePort} ${formatIpv4(t.destination)}:${t.destinationPort}`,
      );
      return `${text.join(' | ')} ${JSON.stringify(rest)}`;
    });
    const fdb = [...(bridge.details.fdb ?? [])].map(([mac, { port, seenAt }]) => `${mac} ${port.name} ${seenAt}`);
    return { rules: netfilter.save({ counters: true }), entries, stats: conntrack.stats, cost, fdb, next: machine.random.uint32() };
  });
}

type Act = (made: World, random: Random, log: string[]) => void;

const clientsOf = ({ a, b }: World): NetworkNamespace[] => [...a.pods, ...b.pods, a.machine.netns, b.machine.netns];

function attempt(netns: NetworkNamespace, index: number): string {
  const [address, port, protocol] = TARGETS[index] ?? TARGETS[0]!;
  const outcome = connect(netns, ip(address), port, protocol);
  if (outcome.state !== 'connected') return `${outcome.state} ${outcome.afterMs}`;
  const { socket, peer, connection } = outcome;
  return JSON.stringify([socket.port, peer, connection.client.name, connection.server.name, connection.request, connection.reply]);
}

/** Which client asked for which target last. */
const habits = new WeakMap<World, readonly [client: number, target: number]>();

const burst: Act = (made, random, log) => {
  const clients = clientsOf(made);
  const habit = random.int(10) < 6 ? habits.get(made) : undefined;
  const [client, target] = habit ?? [random.int(clients.length), random.int(TARGETS.length)];
  habits.set(made, [client, target]);
  for (let left = 5 + random.int(100); left > 0; left--) log.push(attempt(clients[client]!, target));
};

const firstPort = (client: NetworkNamespace): void => {
  while (client.ephemeralPort() !== 60_999);
};

/** The same ports again and again, while the connections of before still stand. */
const again: Act = (made, random, log) => {
  const client = clientsOf(made)[random.int(3)]!;
  const target = random.int(2) === 0 ? DNS : random.int(TARGETS.length);
  for (let round = 0; round < 6; round++) {
    firstPort(client);
    for (let left = 12; left > 0; left--) log.push(attempt(client, target));
    made.sim.runUntil(made.sim.now + random.int(4000));
  }
};

const mixture: Act = (made, random, log) => {
  const clients = clientsOf(made);
  for (let left = 30; left > 0; left--) log.push(attempt(clients[random.int(clients.length)]!, random.int(TARGETS.length)));
};

const command = (made: World, random: Random, words: string): void => {
  const { netns } = [made.a, made.b][random.int(2)]!.machine;
  netfilterOf(netns).command(words.split(' '));
};

/** What happens between connections, the likelier the oftener. */
const ACTS: readonly Act[] = [
  ...Array.from({ length: 10 }, () => burst),
  again,
  again,
  mixture,
  ({ sim }, random) => sim.runUntil(sim.now + random.int(3000)),
  ({ sim }, random) => sim.runUntil(sim.now + 10_000 + random.int(30_000)),
  ({ sim }, random) => sim.runUntil(sim.now + (random.int(2) === 0 ? 130_000 : 400_000)),
  (made, random) => {
    // Ports begin anew.
    for (const client of clientsOf(made)) while (client.ephemeralPort() < 60_990 - random.int(50));
  },
  (made, random) => command(made, random, '-t nat -R ONE 1 -p tcp -m tcp -j DNAT --to-destination 10.244.1.3:8080'),
  (made, random) => command(made, random, '-t nat -R ONE 1 -p tcp -m tcp -j DNAT --to-destination 10.244.2.2:80'),
  (made, random) => command(made, random, '-A KUBE-POLICY -s 10.244.1.2/32 -p tcp -j DROP'),
  (made, random) => command(made, random, '-F KUBE-POLICY'),
  (made, random) => command(made, random, '-t nat -Z'),
  (made, random) => command(made, random, `-t ${['mangle', 'raw', 'security'][random.int(3)]} -L`),
  ({ a, b }, random) => netfilterOf([a, b][random.int(2)]!.machine.netns).conntrack.flush(),
  ({ a, b }, random) => {
    const { machine } = [a, b][random.int(2)]!;
    netfilterOf(machine.netns).conntrack.delete(machine.now, ({ original }) => original.sourcePort % 3 === 0);
  },
  ({ a, b }, random) => {
    const { machine } = [a, b][random.int(2)]!;
    const { conntrack } = netfilterOf(machine.netns);
    conntrack.max = random.int(3) === 0 ? 100 : 262_144;
  },
  (made, _, log) => log.push(JSON.stringify(stateOf(made))),
];

function run(backend: Backend, seed: string, enabled: boolean): { log: string[]; replayed: number } {
  const log: string[] = [];
  const before = flowPlans.replayed;
  if (!enabled) flowPlans.planFor = undefined;
  try {
    const made = world(backend);
    const random = new Random(seed);
    for (let round = 0; round < 120; round++) {
      const act = random.int(ACTS.length);
      ACTS[act]!(made, random, log);
    }
    log.push(JSON.stringify(stateOf(made), undefined, 1));
  } finally {
    installFlowPlans();
  }
  return { log, replayed: flowPlans.replayed - before };
}

describe('connections by plan', () => {
  installFlowPlans();

  for (const backend of ['host-gw', 'vxlan', 'ipip', 'udp'] as const)
    for (const seed of ['a', 'b', 'c'])
      it(`leave behind what their packets would: ${backend}, seed ${seed}`, () => {
        const planned = run(backend, seed, true);
        const walked = run(backend, seed, false);
        expect(walked.replayed).toBe(0);
        const first = walked.log.findIndex((line, index) => line !== planned.log[index]);
        expect({ first, line: planned.log[first] }).toEqual({ first, line: walked.log[first] });
        expect(planned.log).toHaveLength(walked.log.length);
        expect(planned.replayed).toBeGreaterThan(backend === 'udp' ? 50 : 300);
      });

  it('are made without packets after a few', () => {
    const { a } = world('vxlan');
    const before = flowPlans.replayed;
    for (let index = 0; index < 40; index++) attempt(a.pods[0]!, 0);
    expect(flowPlans.replayed - before).toBeGreaterThan(30);
  });

  it('see a rule that is new at once', () => {
    const { a } = world('vxlan');
    const [pod] = a.pods;
    for (let index = 0; index < 20; index++) expect(attempt(pod!, 0)).toContain('[8080,');
    netfilterOf(a.machine.netns).command('-A KUBE-POLICY -p tcp -j REJECT'.split(' '));
    expect(attempt(pod!, 0)).toBe('refused 0');
  });

  it('see a rule at once that is written when somebody looks', () => {
    const { a } = world('host-gw');
    const netfilter = netfilterOf(a.machine.netns);
    for (let index = 0; index < 20; index++) attempt(a.pods[0]!, 0);
    netfilter.defer(() => netfilter.command('-A KUBE-POLICY -p tcp -j REJECT'.split(' ')));
    expect(attempt(a.pods[0]!, 0)).toBe('refused 0');
  });

  it('see that nobody listens any more', () => {
    const { a, b } = world('vxlan');
    for (let index = 0; index < 20; index++) attempt(a.pods[0]!, 0);
    const server = b.pods[0]!;
    for (const socket of server.listeners) server.close(socket);
    expect(attempt(a.pods[0]!, 0)).toBe('refused 0');
  });
});
