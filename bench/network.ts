/**
 * The network's speed: `node bench/network.ts MEASURE`, or as part of `npm run bench`. 20,000 Services of two endpoints each in the
 * kernel of one node, in the modes of kube-proxy; connections through them; requests of a pod to a Service in a cluster of three nodes.
 * Prints JSON, one figure a name.
 */
import { DeploymentResource } from '../src/api/apps/deployment.ts';
import { PodResource } from '../src/api/core/pod.ts';
import { ServiceResource } from '../src/api/core/service.ts';
import type { Deployment, Pod, Service } from '../src/api/generated/types.ts';
import type { Sent } from '../src/client/client.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import { installExtras } from '../src/cluster/extras.ts';
import { StepRecorder } from '../src/cluster/packet-traces/step-recorder.ts';
import { TraceWorld } from '../src/cluster/packet-traces/world.ts';
import { DEFAULT_PROXY_CONFIG, type ProxyMode } from '../src/kube-proxy/config.ts';
import { proxyNode } from '../src/kube-proxy/linux-kernel.ts';
import { modesOf } from '../src/kube-proxy/modes.ts';
import { KubeProxyShared } from '../src/kube-proxy/shared.ts';
import { service, slice } from '../src/kube-proxy/testing/objects.ts';
import { connect } from '../src/linux/net/connect.ts';
import { formatIpv4 } from '../src/linux/net/ipv4.ts';
import { lan, listen } from '../src/linux/net/testing/lan.ts';
import { netfilterOf } from '../src/linux/net/netfilter-of.ts';
import { lookup } from '../src/linux/net/resolve.ts';
import { RouteTable, SharedRoutes } from '../src/linux/net/routes.ts';
import { exchangeNow } from '../src/linux/runner.ts';
import { TaskScope } from '../src/sim/task-scope.ts';
import { report } from './lib.ts';

installExtras();

const SERVICES = 20_000;
const FIRST_VIP = 0x0a60_0001;
const PORTS = [{ name: 'http', protocol: 'TCP', port: 80 }];
const NO_PORTS = { open: () => 0, close: () => undefined };

/** Time of this thread, ms: other processes on the machine do not count. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const vipOf = (index: number): number => FIRST_VIP + index;

/** Two machines with two pods each, and a model in which the last Service leads to both pods of the other machine. */
function world(services = SERVICES) {
  const network = lan();
  const shared = new KubeProxyShared();
  shared.configure({ ...DEFAULT_PROXY_CONFIG, clusterCIDR: '10.244.0.0/16' });
  const pods = network.b.pods.map((pod) => formatIpv4(pod.link('eth0')?.addresses[0]?.ip ?? 0));
  for (const pod of network.b.pods) listen(pod, 80);
  for (let index = 0; index < services; index++) {
    const name = `s${index}`;
    shared.model.putService(service(name, formatIpv4(vipOf(index))));
    const ends =
      index === services - 1 ? pods : [1, 2].map((last) => `10.${128 + (index >> 14)}.${(index >> 6) & 255}.${((index & 63) << 2) + last}`);
    shared.model.putSlice(
      slice(
        name,
        ends.map((ip) => ({ ip, node: 'm2' })),
        PORTS,
      ),
    );
  }
  return { ...network, shared, pods };
}

/** Writes all rules of a mode into machine A. */
function write(mode: ProxyMode, made: ReturnType<typeof world>) {
  const { netns } = made.a.machine;
  const { shared } = made;
  const modes = modesOf({
    scope: new TaskScope(made.sim, 'kube-proxy'),
    shared,
    node: proxyNode('m1', '172.18.0.2', netns),
    netns,
    ports: NO_PORTS,
  });
  const settle = () => void netfilterOf(netns).table('nat');
  const start = threadMs();
  const writer = modes[mode].start({ ...shared.config, mode });
  writer.write(undefined);
  settle();
  const fullMs = threadMs() - start;
  return { writer, settle, fullMs };
}

/** One endpoint of one Service comes and goes. */
function changes(made: ReturnType<typeof world>, { writer, settle }: Pick<ReturnType<typeof write>, 'writer' | 'settle'>): number {
  // The thread's clock ticks in steps of milliseconds: only sums mean anything.
  const ROUNDS = 201;
  let total = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const index = 100 + round * 90;
    const ends = ['10.250.0.1', ...(round % 2 === 0 ? ['10.250.0.2'] : [])];
    made.shared.model.putSlice(
      slice(
        `s${index}`,
        ends.map((ip) => ({ ip, node: 'm2' })),
        PORTS,
      ),
    );
    const start = threadMs();
    writer.write(new Set([`default/s${index}:http`]));
    settle();
    total += threadMs() - start;
  }
  return total / ROUNDS;
}

/** Connections of a pod of machine A to the last Service, without anybody following them; µs each. */
function connectUs(made: ReturnType<typeof world>, rounds = 20_000): number {
  const [pod] = made.a.pods;
  if (pod === undefined) throw new Error('no pod');
  const connectOnce = () => {
    if (connect(pod, vipOf(SERVICES - 1), 80, 'TCP').state !== 'connected') throw new Error('not connected');
  };
  for (let round = 0; round < 2000; round++) connectOnce();
  const start = threadMs();
  for (let round = 0; round < rounds; round++) connectOnce();
  return ((threadMs() - start) / rounds) * 1000;
}

function iptables(): Record<string, number> {
  const made = world();
  const written = write('iptables', made);
  const changeMs = changes(made, written);
  const [pod] = made.a.pods;
  const place = { node: 'm1', place: 'host' };
  const TRACES = 51;
  let comparisons = 0;
  const start = threadMs();
  for (let round = 0; round < TRACES; round++) {
    const recorder = new StepRecorder(() => place);
    if (pod !== undefined) connect(pod, vipOf(SERVICES - 1), 80, 'TCP', { recorder });
    comparisons = recorder.hops.reduce((sum, hop) => sum + (hop.comparisons ?? 0), 0);
  }
  const traceMs = (threadMs() - start) / TRACES;
  const connectionUs = connectUs(made);
  return { fullMs: written.fullMs, changeMs, traceMs, comparisons, connectionsPerSecond: 1e6 / connectionUs };
}

function otherMode(mode: 'ipvs' | 'nftables'): Record<string, number> {
  const made = world();
  const written = write(mode, made);
  const changeMs = changes(made, written);
  return { [`${mode}FullMs`]: written.fullMs, [`${mode}ChangeMs`]: changeMs, [`${mode}ConnectionUs`]: connectUs(made) };
}

/** 5,000 nodes, each with routes to the pods of all others, which it shares with them. */
function routes(): Record<string, number> {
  const NODES = 5000;
  const { a } = lan();
  const start = threadMs();
  const shared = new SharedRoutes();
  const networkOfNode = (node: number) => 0x0a80_0000 + node * 256;
  const tables = Array.from({ length: NODES }, () => new RouteTable());
  for (const table of tables) table.attach(shared, a.eth);
  for (let node = 0; node < NODES; node++) shared.set(networkOfNode(node), 24, 0xac12_0000 + node);
  const buildMs = threadMs() - start;
  const lookups = 100_000;
  const begun = threadMs();
  for (let index = 0; index < lookups; index++) tables[index % NODES]?.lookup(networkOfNode((index * 7) % NODES) + 5);
  const lookupUs = ((threadMs() - begun) / lookups) * 1000;
  const listed = threadMs();
  tables[0]?.list();
  return { routesBuildMs: buildMs, routeLookupUs: lookupUs, routesListMs: threadMs() - listed };
}

const at = (name: string) => ({ namespace: 'default', name });

/** A pod asks a Service with two pods on the other nodes; by DNS name it looks the name up before each request. */
function requests(): Record<string, number> {
  const cluster = new Cluster({ seed: 1, layout: { workers: 3 } });
  cluster.boot(600_000);
  const client = cluster.client('bench');
  const labels = { app: 'web' };
  const containers = [{ name: 'c', image: 'gcr.io/google-samples/hello-app:1.0' }];
  client.create(DeploymentResource, {
    metadata: at('web'),
    spec: { replicas: 2, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  } as Sent<Deployment>);
  client.create(PodResource, { metadata: at('client'), spec: { containers } } as Sent<Pod>);
  client.create(ServiceResource, {
    metadata: at('web'),
    spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
  } as Sent<Service>);
  cluster.sim.runUntil(cluster.sim.now + 60_000);
  const world = new TraceWorld({
    scope: new TaskScope(cluster.sim, 'bench'),
    client,
    nodes: cluster.nodes,
  } as unknown as TraceWorld['surroundings']);
  const pod = client.get(PodResource, at('client'));
  const sandbox = world.sandboxOf(pod);
  if (sandbox === undefined) throw new Error('the client does not run');
  const looker = world.lookerIn(sandbox);
  const ask = (ip: number) => {
    const message = { kind: 'http', method: 'GET', path: '/', host: 'web', headers: [], body: '', tls: false } as const;
    const { outcome } = exchangeNow(sandbox.netns, { ip, port: 80, protocol: 'TCP', timeoutMs: 1000 }, message);
    if (outcome.state !== 'answered') throw new Error(outcome.state);
  };
  const addressOf = (): number => {
    const found = lookup(looker, 'web.default.svc.cluster.local.');
    return 'error' in found ? 0 : (found.addresses[0] ?? 0);
  };
  const vip = addressOf();
  const perSecond = (once: () => void): number => {
    const rates: number[] = [];
    for (let round = 0; round < 7; round++) {
      const begun = threadMs();
      for (let index = 0; index < 10_000; index++) once();
      rates.push(10_000 / ((threadMs() - begun) / 1000));
      cluster.sim.runUntil(cluster.sim.now + 1000);
    }
    return median(rates);
  };
  return { byAddressPerSecond: perSecond(() => ask(vip)), byNamePerSecond: perSecond(() => ask(addressOf())) };
}

const MEASURES: Record<string, () => Record<string, number>> = {
  iptables,
  ipvs: () => otherMode('ipvs'),
  nftables: () => otherMode('nftables'),
  routes,
  requests,
};
report(MEASURES[process.argv[2] ?? '']?.() ?? {});
