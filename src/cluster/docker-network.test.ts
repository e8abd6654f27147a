/** Docker's own network, as before CNI: what works on one node, and why that is not enough for a cluster. */
import { beforeAll, describe, expect, it } from 'vitest';
import { PacketTraceResource } from '../api/kubarium/packet-trace.ts';
import type { PacketTrace, PacketTraceSpec, PacketTraceStatus } from '../api/kubarium/packet-trace.ts';
import type { Sent } from '../client/client.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { reloaded } from './testing/reload.ts';
import { isReady, User } from './testing/user.ts';

const SLEEP = 'command: [sleep, infinity]';
const pod = (name: string, node: string, image = 'busybox:1.36', more = SLEEP) => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: c, image: "${image}", ${more}}]}
---`;
const WEB = `${pod('web', 'node-1', 'nginx:1.25', 'ports: [{containerPort: 80, hostPort: 8080}]')}
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---`;

/** A person with two workers: web and near on the first; on the second as many pods as it takes for one to have near's address. */
class DockerUser {
  user: User;
  /** The pod on node-2 with near's address, and one of node-2 with an address that nobody has on node-1. */
  twin = '';
  alone = '';
  #traces = 0;

  constructor() {
    this.user = new User({ layout: { workers: 2, cni: 'docker' } });
    this.#add(WEB + pod('near', 'node-1'));
    for (let number = 1; this.alone === ''; number++) {
      const name = `far-${number}`;
      this.#add(pod(name, 'node-2', 'nginx:1.25', 'ports: [{containerPort: 80}]'));
      if (this.ip(name) === this.ip('near')) this.twin = name;
      if (this.twin !== '' && name !== this.twin && !['near', 'web'].some((own) => this.ip(own) === this.ip(name))) this.alone = name;
    }
  }

  #add(yaml: string): void {
    this.user.apply(yaml);
    this.user.wait(1);
    expect(this.user.waitUntil(() => this.user.pods().every(isReady), 120)).toBeLessThan(120);
    this.user.wait(3);
  }

  reload(): void {
    this.user = new User(reloaded(this.user.cluster));
    this.user.wait(5);
  }

  ip(name: string): string {
    return this.user.pod(name).status?.podIP ?? '';
  }

  trace(spec: PacketTraceSpec): PacketTraceStatus {
    const name = `t${this.#traces++}`;
    this.user.client.create(PacketTraceResource, { metadata: { name, namespace: 'default' }, spec } as Sent<PacketTrace>);
    this.user.wait(1);
    return this.user.client.get(PacketTraceResource, { namespace: 'default', name }).status ?? {};
  }

  rules(node: string): string {
    const machine = this.user.cluster.nodes.get(node)?.machine;
    return machine === undefined ? '' : netfilterOf(machine.netns).save();
  }
}

/** "nat DOCKER DNAT --to-destination 172.17.0.3:80": the rules of Docker that were met and changed or let pass the request. */
const met = ({ hops = [] }: PacketTraceStatus): string[] =>
  hops
    .filter(({ connection, reply }) => connection === 0 && reply !== true)
    .flatMap(({ rules = [] }) => rules)
    .filter(({ matched, text = '' }) => matched && /docker0.* -j (?:ACCEPT|DNAT|MASQUERADE)|172\.17\..* -j MASQUERADE/.test(text))
    .map(({ table, chain, text }) => `${table} ${chain} ${text}`);

describe("with Docker's own network", () => {
  let world: DockerUser;
  beforeAll(() => {
    world = new DockerUser();
  });

  it('nodes are Ready without a network add-on, and each gives out the same addresses', () => {
    const { user } = world;
    for (const node of ['control-plane', 'node-1', 'node-2']) expect(user.nodeReady(node)).toBe('True');
    expect(user.pods({}, 'kube-system').filter(({ metadata }) => /flannel|calico|canal/.test(metadata.name))).toEqual([]);
    expect(world.ip(world.twin)).toBe(world.ip('near'));
    expect(user.pod(world.twin).spec.nodeName).not.toBe(user.pod('near').spec.nodeName);
  });

  it('pods of one node reach each other over docker0', () => {
    const status = world.trace({ from: { pod: 'near' }, to: { pod: 'web' } });
    expect(status).toMatchObject({ verdict: 'Delivered', backendPod: 'default/web', cni: 'docker' });
    expect(met(status)).toEqual(['filter FORWARD -i docker0 -o docker0 -j ACCEPT']);
    expect(status.hops?.find(({ kind }) => kind === 'bridge')).toMatchObject({ device: 'docker0', node: 'node-1' });
  });

  it("a pod reaches the Internet with its node's address", () => {
    const status = world.trace({ from: { pod: 'near' }, to: { ip: '93.184.215.14' } });
    expect(status.verdict).toBe('Delivered');
    expect(met(status)).toEqual([
      'filter FORWARD -i docker0 ! -o docker0 -j ACCEPT',
      'nat POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
    ]);
    const hop = status.hops?.find(({ hook, device }) => hook === 'POSTROUTING' && device === 'eth0');
    expect([hop?.packet.source, hop?.after?.source]).toEqual([world.ip('near'), '192.168.0.11']);
  });

  it('a published port leads from another machine to the container; a port that is not published does not', () => {
    const status = world.trace({ from: { external: true }, to: { node: 'node-1' }, port: 8080 });
    expect(status).toMatchObject({ verdict: 'Delivered', backendPod: 'default/web' });
    expect(met(status)).toEqual([
      `nat DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination ${world.ip('web')}:80`,
      `filter DOCKER -d ${world.ip('web')}/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT`,
    ]);
    expect(world.trace({ from: { external: true }, to: { node: 'node-1' }, port: 8081 }).verdict).toBe('Refused');
    expect(world.trace({ from: { pod: world.alone }, to: { node: 'node-1' }, port: 8080 }).backendPod).toBe('default/web');
  });

  it('docker-proxy takes what the rules leave out', () => {
    const status = world.trace({ from: { pod: 'near' }, to: { node: 'node-1' }, port: 8080 });
    expect(status).toMatchObject({ verdict: 'Delivered', backendPod: 'default/web' });
    expect(met(status)).toEqual([]);
    expect(status.hops?.some(({ message }) => message === '/usr/bin/docker-proxy listens on TCP port 8080')).toBe(true);
  });

  it('a pod of another node is out of reach: nobody on this bridge has its address', () => {
    const { alone } = world;
    const status = world.trace({ from: { pod: 'near' }, to: { pod: alone } });
    expect(status.verdict).toBe('Unreachable');
    expect(status.message).toContain(`pod default/${alone} on node-2 has the address ${world.ip(alone)}, which leads nowhere from here`);
    expect(status.repair).toContain('hostPort');
    expect(status.hops?.every(({ node }) => node === 'node-1')).toBe(true);
  });

  it('a pod of another node with the same address as the sender: it speaks to itself', () => {
    const { twin } = world;
    const status = world.trace({ from: { pod: 'near' }, to: { pod: twin } });
    expect(status.verdict).toBe('Refused');
    expect(status.message).toBe(
      `nothing listens on port 80 in pod default/near; nothing listens there at all; it was meant for pod default/${twin} on node-2, which has the same address there`,
    );
    expect(status).not.toHaveProperty('blame');
    expect(status).not.toHaveProperty('repair');
  });

  it('a Service works on the node of its pods only', () => {
    expect(world.trace({ from: { pod: 'near' }, to: { service: 'web' } })).toMatchObject({
      verdict: 'Delivered',
      backendPod: 'default/web',
    });
    const status = world.trace({ from: { pod: world.alone }, to: { service: 'web' } });
    expect(status.backendPod).not.toBe('default/web');
    expect(status.message).toContain('pod default/web on node-1');
  });

  it('NetworkPolicies are stored with a warning', () => {
    const [applied] = world.user.apply(`
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {matchLabels: {app: web}}}`);
    expect(JSON.stringify(applied)).toContain('the network add-on docker does not implement NetworkPolicy');
    const { message } = world.trace({ from: { pod: 'near' }, to: { pod: 'web' } });
    expect(message).toContain('NetworkPolicy default/deny selects the pod, but docker does not enforce policies');
  });
});

describe("Docker's own network comes back", () => {
  const published = (world: DockerUser) => world.trace({ from: { external: true }, to: { node: 'node-1' }, port: 8080 }).backendPod;

  it('with a machine that lost its power', () => {
    const world = new DockerUser();
    const node = world.user.cluster.nodes.get('node-1');
    if (node === undefined) throw new Error('there is no node-1');
    world.user.cluster.powerOff(node);
    world.user.wait(5);
    node.powerOn();
    expect(world.user.waitUntil(() => isReady(world.user.pod('web')) && published(world) === 'default/web', 120)).toBeLessThan(120);
    expect(world.rules('node-1').match(/^-A DOCKER .* -j DNAT .*$/gm)).toHaveLength(1);
    expect(world.rules('node-1')).toContain('\n-A DOCKER -i docker0 -j RETURN\n');
  });

  it('with a page that was closed and opened again', () => {
    const world = new DockerUser();
    const before = [world.ip('web'), world.ip('near'), world.ip(world.twin)];
    world.reload();
    expect([world.ip('web'), world.ip('near'), world.ip(world.twin)]).toEqual(before);
    expect(published(world)).toBe('default/web');
    expect(world.trace({ from: { pod: 'near' }, to: { pod: 'web' } }).backendPod).toBe('default/web');
  });
});
