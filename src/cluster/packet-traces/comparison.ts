/**
 * The same packet under another proxy mode: on a machine of thought with the addresses and routes of the node where the
 * packet met kube-proxy's rules, into which a kube-proxy of that mode has written everything once. It has a simulation
 * of its own, so that the cluster neither sees it nor draws other numbers for it.
 */
import type { TraceComparison } from '../../api/kubarium/packet-trace.ts';
import { modesOf } from '../../kube-proxy/modes.ts';
import { proxyNode } from '../../kube-proxy/linux-kernel.ts';
import { Machine } from '../../linux/machine.ts';
import { Journey } from '../../linux/net/journey.ts';
import { addAddress, addLink, type Link } from '../../linux/net/link.ts';
import type { NetworkNamespace } from '../../linux/net/namespace.ts';
import { advance } from '../../linux/net/send.ts';
import { Simulation } from '../../sim/simulation.ts';
import { TaskScope } from '../../sim/task-scope.ts';
import type { KubeProxyShared } from '../../kube-proxy/shared.ts';
import { type Arrival, StepRecorder } from './step-recorder.ts';
import type { TraceWorld } from './world.ts';

type Mode = TraceComparison['mode'];

/** Names of devices that modes make for themselves. */
const OWN_DEVICES = new Set(['lo', 'kube-ipvs0']);
const NO_PORTS = { open: () => 0, close: () => undefined };
/** A machine with one device has at most so many stages before a packet leaves it. */
const MOST_STAGES = 32;

/** Sends the first packet of a trace once more under each mode. Empty when it never came to a machine's own network. */
export function compareModes(modes: readonly Mode[], recorder: StepRecorder, world: TraceWorld): TraceComparison[] {
  const arrival = recorder.translatedAt ?? recorder.firstHost;
  if (arrival === undefined) return [];
  return modes.map((mode) => compare(mode, arrival, world));
}

function compare(mode: Mode, { netns, input, packet }: Arrival, world: TraceWorld): TraceComparison {
  const { hostname: node } = netns.machine;
  const { surroundings } = world;
  const { shared } = surroundings.proxies;
  const place = { node, place: 'host' };
  const recorder = new StepRecorder(() => place);
  const sim = new Simulation({ seed: `${surroundings.scope.sim.seed}/compare`, startTime: surroundings.scope.now });
  const scope = new TaskScope(sim, 'comparison');
  const machine = twinOf(netns, scope);
  writeRules(mode, machine, node, surroundings.nodes.get(node)?.plan.ip ?? '', shared, scope);
  const journey = new Journey(machine.netns, packet.clone(), recorder);
  recorder.event({ kind: 'send', netns: machine.netns, packet: journey.packet, role: 'request' });
  journey.packet.scrub();
  enter(journey, input === undefined ? undefined : machine.netns.link(input.name));
  run(journey);
  recorder.finish();
  scope.kill();
  const hops = recorder.hops.filter(({ kind }) => kind === 'hook' || kind === 'ipvs');
  const sum = (pick: 'comparisons' | 'lookups') => hops.reduce((total, hop) => total + (hop[pick] ?? 0), 0);
  return { mode, comparisons: sum('comparisons'), lookups: sum('lookups'), hops };
}

/** A machine with the node's devices, addresses, routes and settings, and nothing else. */
function twinOf(netns: NetworkNamespace, scope: TaskScope): Machine {
  const { hostname, milliCpu, memoryBytes } = netns.machine;
  const machine = new Machine(scope, { hostname, milliCpu, memoryBytes });
  const twin = machine.netns;
  twin.forwards = netns.forwards;
  const links = new Map<Link, Link>([[netns.loopback, twin.loopback]]);
  for (const link of netns.links) {
    if (OWN_DEVICES.has(link.name)) continue;
    const copy = addLink(twin, link.name, 'eth');
    links.set(link, copy);
    copy.mtu = link.mtu;
    for (const { ip, prefixLength } of link.addresses) addAddress(copy, ip, prefixLength);
  }
  for (const route of netns.routes.list()) {
    const link = links.get(route.link);
    if (link !== undefined) twin.addRoute({ ...route, link });
  }
  return machine;
}

function writeRules(mode: Mode, { netns }: Machine, node: string, ip: string, shared: KubeProxyShared, scope: TaskScope): void {
  const modes = modesOf({ scope, shared, node: proxyNode(node, ip, netns), netns, ports: NO_PORTS });
  const writer = modes[mode].start({ ...shared.config, mode });
  writer.write(undefined);
}

function enter(journey: Journey, input: Link | undefined): void {
  journey.input = input;
  journey.stage = input === undefined ? 'local out' : 'ip receive';
}

/** As far as the hook that translates, or to the last one of the machine. */
function run(journey: Journey): void {
  const { packet } = journey;
  const { destination, destinationPort } = packet;
  for (let stages = 0; stages < MOST_STAGES; stages++) {
    const { stage } = journey;
    if (stage === 'neighbour' || stage === 'deliver' || stage === 'done') return;
    if (packet.destination !== destination || packet.destinationPort !== destinationPort) return;
    advance(journey);
  }
}
