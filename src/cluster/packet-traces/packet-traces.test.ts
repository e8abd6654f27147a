/** Traces through a whole cluster, asked for and read through the API only. */
import { beforeAll, describe, expect, it } from 'vitest';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace, PacketTraceSpec, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import type { Sent } from '../../client/client.ts';
import { FaultResource } from '../../api/kubarium/fault.ts';
import { isReady, User } from '../testing/user.ts';

const MANIFESTS = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx:1.25, ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {nodeName: node-1, containers: [{name: c, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: alone, labels: {app: alone}}
spec: {nodeName: node-2, containers: [{name: c, image: nginx:1.25}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{name: http, port: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: headless}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alone}
spec: {selector: {app: alone}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: nobody}
spec: {selector: {app: nobody}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: wrong}
spec: {selector: {app: alone}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside}
spec: {type: ExternalName, externalName: example.com}
`;

let user: User;
let traces = 0;

function trace(spec: PacketTraceSpec): PacketTraceStatus {
  const name = `t${++traces}`;
  user.cluster.sim.perform('you', 'create', name, () =>
    user.client.create(PacketTraceResource, { metadata: { name, namespace: 'default' }, spec } as Sent<PacketTrace>),
  );
  user.wait(1);
  return user.client.get(PacketTraceResource, { namespace: 'default', name }).status ?? {};
}

/** "node-1 PREROUTING", of the request. */
const hooksOf = ({ hops = [] }: PacketTraceStatus): string[] =>
  hops.filter(({ kind, reply }) => (kind === 'hook' || kind === 'ipvs') && !reply).map(({ node, hook }) => `${node} ${hook ?? ''}`);
const placesOf = ({ hops = [] }: PacketTraceStatus): string[] => [...new Set(hops.map(({ node, place }) => `${node} ${place}`.trim()))];
const kindsOf = ({ hops = [] }: PacketTraceStatus): string[] => [...new Set(hops.map(({ kind }) => kind))];

beforeAll(() => {
  user = new User({ layout: { workers: 2 } });
  user.apply(MANIFESTS);
  user.waitUntil(() => user.pods().length === 5 && user.pods().every(isReady), 60);
  user.wait(5);
});

describe('a PacketTrace', () => {
  it('follows a connection to a cluster address on another node, rule by rule, and back', () => {
    const status = trace({ from: { pod: 'client' }, to: { service: 'alone' } });
    expect(status).toMatchObject({ phase: 'Done', verdict: 'Delivered', backendPod: 'default/alone', proxyMode: 'iptables' });
    expect(placesOf(status)).toEqual(['node-1 pod default/client', 'node-1 host', 'network', 'node-2 host', 'node-2 pod default/alone']);
    expect(hooksOf(status).slice(0, 3)).toEqual(['node-1 PREROUTING', 'node-1 FORWARD', 'node-1 POSTROUTING']);
    const translated = status.hops?.find(({ hook }) => hook === 'PREROUTING');
    expect(translated?.after?.destination).toBe(status.backend?.split(':')[0]);
    expect(translated?.conntrack?.bindings?.[0]).toMatch(/^DNAT 10\.\d+\.\d+\.\d+:80 → 10\.244\.2\.\d+:80$/);
    const matched = translated?.rules?.filter((rule) => rule.matched && rule.owner !== undefined) ?? [];
    expect(matched.map(({ owner }) => owner)).toContainEqual({ kind: 'Service', namespace: 'default', name: 'alone' });
    expect(matched.at(-1)?.target).toBe('DNAT');
    expect(status.hops?.some(({ reply, message }) => reply && message === 'the answer is with the client')).toBe(true);
    expect(status.comparisons).toBeGreaterThan(20);
  });

  it('folds rules that were compared in vain', () => {
    const { hops = [] } = trace({ from: { pod: 'client' }, to: { service: 'web' } });
    const folded = hops.flatMap(({ rules = [] }) => rules).filter(({ skipped }) => skipped !== undefined);
    expect(folded.length).toBeGreaterThan(0);
    for (const rule of folded) expect(rule).toMatchObject({ matched: false, skipped: expect.any(Number) as number });
    expect(JSON.stringify(hops).length).toBeLessThan(40_000);
  });

  it('shows a pod that reaches itself, masqueraded', () => {
    const status = trace({ from: { pod: 'alone' }, to: { service: 'alone' } });
    expect(status.verdict).toBe('Delivered');
    const post = status.hops?.find(({ hook, reply }) => hook === 'POSTROUTING' && !reply);
    expect(post?.packet.mark).toBe('0x4000');
    expect(post?.after?.source).toBe('10.244.2.1');
  });

  it('comes from outside by a node port, and is spread over the endpoints', () => {
    const status = trace({ from: { external: true }, to: { node: 'node-1' }, port: 30080, count: 60 });
    expect(status.verdict).toBe('Delivered');
    expect(placesOf(status)[0]).toBe('external client');
    expect(Object.keys(status.endpoints ?? {})).toHaveLength(3);
    expect(Object.values(status.endpoints ?? {}).reduce((sum, count) => sum + count, 0)).toBe(60);
  });

  it('looks up headless and external names, with every question', () => {
    const headless = trace({ from: { pod: 'client' }, to: { service: 'headless' } });
    expect(headless.verdict).toBe('Delivered');
    expect(headless.questions?.at(-1)).toMatchObject({ server: '10.96.0.10' });
    expect(headless.questions?.length).toBe(8);
    expect(headless.backend).toMatch(/^10\.244\.\d\.\d+:80$/);
    expect(trace({ from: { pod: 'client' }, to: { service: 'outside' } })).toMatchObject({
      verdict: 'Delivered',
      backend: '93.184.215.14:80',
    });
    expect(trace({ from: { pod: 'client' }, to: { host: 'no-such-name' } })).toMatchObject({
      verdict: 'NoSuchHost',
      endpoints: { NoSuchHost: 1 },
    });
  });

  it('sends datagrams and echo requests too', () => {
    expect(trace({ from: { pod: 'client' }, to: { service: 'kube-system/kube-dns' }, port: 53, protocol: 'UDP' }).verdict).toBe(
      'Delivered',
    );
    expect(trace({ from: { pod: 'client' }, to: { pod: 'alone' }, protocol: 'ICMP', count: 3 })).toMatchObject({ verdict: 'Delivered' });
  });

  it("begins at the node when a pod of the control plane sends, and names the program behind an image's entry point", () => {
    const status = trace({ from: { pod: 'kube-system/etcd-control-plane' }, to: { service: 'web' } });
    expect(status.verdict).toBe('Delivered');
    expect(status.hops?.[0]).toMatchObject({ node: 'control-plane', place: 'host' });
    expect(status.hops?.map(({ message }) => message)).toContain('nginx listens on TCP port 80');
  });

  it('says when the ends are none', () => {
    expect(trace({ from: { pod: 'nobody' }, to: { service: 'web' } })).toMatchObject({
      phase: 'Failed',
      message: 'there is no pod default/nobody',
    });
    expect(trace({ from: { pod: 'client' }, to: { service: 'none' } }).message).toBe('there is no Service default/none');
  });
});

describe('a failed PacketTrace', () => {
  it('blames a Service without endpoints', () => {
    const status = trace({ from: { pod: 'client' }, to: { service: 'nobody' } });
    expect(status).toMatchObject({ verdict: 'Rejected', blame: { kind: 'Service', namespace: 'default', name: 'nobody' } });
    expect(status.message).toBe('Service default/nobody has no endpoints: no Ready pod has labels app=nobody');
    expect(kindsOf(status)).toContain('drop');
  });

  it('blames a wrong target port, and says which one is open', () => {
    const status = trace({ from: { pod: 'client' }, to: { service: 'wrong' } });
    expect(status).toMatchObject({ verdict: 'Refused', blame: { kind: 'Service', name: 'wrong' } });
    expect(status.message).toBe('nothing listens on port 8080 in pod default/alone; it listens on 80');
    expect(status.repair).toContain('"path":"/spec/ports/0/targetPort","value":80');
  });

  it('says that no pod has an address, and that cluster addresses mean nothing outside', () => {
    expect(trace({ from: { pod: 'client' }, to: { ip: '10.244.2.200' } })).toMatchObject({
      verdict: 'Unreachable',
      message: expect.stringContaining('no pod has the address 10.244.2.200') as string,
    });
    expect(trace({ from: { external: true }, to: { service: 'web' } })).toMatchObject({
      message: 'the address of Service default/web means nothing outside of the cluster',
    });
  });

  it('blames ip_forward, and names the command', () => {
    const node = user.cluster.nodes.get('node-2')!;
    node.machine.netns.setSysctl('net/ipv4/ip_forward', 0);
    const status = trace({ from: { pod: 'client' }, to: { pod: 'alone' } });
    node.machine.netns.setSysctl('net/ipv4/ip_forward', 1);
    expect(status).toMatchObject({ verdict: 'Dropped', blame: { kind: 'Node', name: 'node-2' } });
    expect(status.repair).toBe('sysctl -w net.ipv4.ip_forward=1 on node-2');
  });

  it('blames a full table of connections', () => {
    const { netfilter } = user.cluster.nodes.get('node-1')!.machine.netns;
    const { conntrack } = netfilter!;
    const before = conntrack.max;
    conntrack.delete(user.now, () => true);
    conntrack.max = 0;
    const status = trace({ from: { pod: 'client' }, to: { service: 'web' } });
    conntrack.max = before;
    expect(status.message).toContain('table full');
    expect(status.repair).toContain('nf_conntrack_max');
  });

  it('blames a Fault that cut the link', () => {
    user.apply('apiVersion: kubarium.dev/v1alpha1\nkind: Fault\nmetadata: {name: cut}\nspec: {kind: LinkDown, node: node-2}\n');
    user.wait(1);
    const status = trace({ from: { pod: 'client' }, to: { pod: 'alone' } });
    user.client.delete(FaultResource, { name: 'cut' });
    user.wait(1);
    expect(status).toMatchObject({ blame: { kind: 'Fault', name: 'cut' }, repair: 'kubectl delete fault cut' });
  });
});

describe('a trace is carried out as it is created', () => {
  const key = { namespace: 'default', name: 'at-once' };
  const apply = () =>
    user.client.patch(
      PacketTraceResource,
      key,
      'apply',
      {
        apiVersion: 'kubarium.dev/v1alpha1',
        kind: 'PacketTrace',
        metadata: key,
        spec: { from: { pod: 'client' }, to: { service: 'web' } },
      },
      { options: { fieldManager: 'you' } },
    );

  it('while the clock stands still, once, and stays when it is applied again', () => {
    expect(apply().status?.verdict).toBe('Delivered');
    const { status } = user.client.get(PacketTraceResource, key);
    expect(apply().status).toEqual(status);
    user.wait(1);
    expect(user.client.get(PacketTraceResource, key).status).toEqual(status);
  });

  it('not in a dry run, nor when it is refused', () => {
    const { netfilter } = user.cluster.nodes.get('node-1')!.machine.netns;
    const counters = () => netfilter!.save({ counters: true });
    const before = counters();
    const create = (spec: PacketTraceSpec, dryRun: boolean) =>
      user.client.create(PacketTraceResource, { metadata: { name: 'dry', namespace: 'default' }, spec } as Sent<PacketTrace>, { dryRun });
    expect(create({ from: { pod: 'client' }, to: { service: 'web' } }, true).status).toBeUndefined();
    expect(() => create({ from: { pod: 'client' }, to: {} }, false)).toThrow('spec.to');
    expect(counters()).toBe(before);
  });
});

describe('the same packet under other proxy modes', () => {
  it('is compared by rules and look-ups, and leaves no trace in the cluster', () => {
    const { netfilter } = user.cluster.nodes.get('node-1')!.machine.netns;
    const entries = () => netfilter!.conntrack.entries(user.now).length;
    trace({ from: { pod: 'client' }, to: { service: 'web' } });
    const before = entries();
    const rulesNow = () => netfilter!.save().replace(/\[\d+:\d+\]/g, '');
    const rules = rulesNow();
    const { compared = [] } = trace({ from: { pod: 'client' }, to: { service: 'web' }, compare: ['iptables', 'ipvs', 'nftables'] });
    expect(compared.map(({ mode }) => mode)).toEqual(['iptables', 'ipvs', 'nftables']);
    const [iptables, ipvs, nftables] = compared;
    expect(iptables?.hops.at(-1)?.after?.destination).toMatch(/^10\.244\./);
    expect(ipvs?.hops.at(-1)).toMatchObject({ kind: 'ipvs', ipvs: { scheduler: 'rr' } });
    expect(ipvs?.hops.at(-1)?.ipvs?.servers).toHaveLength(3);
    expect(nftables?.hops.at(-1)?.after?.destination).toMatch(/^10\.244\./);
    expect(nftables?.lookups).toBeGreaterThan(0);
    expect(rulesNow()).toBe(rules);
    expect(entries()).toBeLessThanOrEqual(before + 1);
  });
});
