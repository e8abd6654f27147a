/** Faults of the network: what stops working, and that it works again when they end. */
import { describe, expect, it } from 'vitest';
import { FaultResource } from '../api/kubarium/fault.ts';
import { DeploymentResource } from '../api/apps/deployment.ts';
import type { ScenarioCluster } from '../api/kubarium/scenario.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { isReady, User } from './testing/user.ts';

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {nodeName: node-1, containers: [{name: c, image: "curlimages/curl:8.5.0", command: [sleep, infinity]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {nodeName: node-2, containers: [{name: c, image: "nginx:1.25"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}`;

function start(cni: NonNullable<ScenarioCluster['cni']> = 'flannel-vxlan') {
  const user = new User({ layout: { workers: 2, cni } });
  user.apply(PODS);
  user.wait(40);
  expect(user.pods().filter(isReady)).toHaveLength(2);
  const get = () => user.exec('client', ['curl', '-s', '-o', '/dev/null', '-m', '3', 'http://web']).exitCode === 0;
  expect(get()).toBe(true);
  const begin = (spec: string) => {
    user.apply(`{apiVersion: kubarium.dev/v1alpha1, kind: Fault, metadata: {name: f}, spec: ${spec}}`);
    user.wait(1);
    expect(user.client.get(FaultResource, { name: 'f' }).status).toMatchObject({ phase: 'Active' });
  };
  const end = () => {
    user.client.delete(FaultResource, { name: 'f' });
    user.wait(5);
  };
  return { user, get, begin, end };
}

describe('faults of the network', () => {
  it.each([
    ['flannel-vxlan', '{kind: PacketLoss, node: node-2, percent: 100}'],
    ['flannel-vxlan', '{kind: ForwardingOff, node: node-2}'],
    ['flannel-vxlan', '{kind: MtuTooSmall, mtu: 90}'],
    ['flannel-vxlan', '{kind: RouteMissing, node: node-1}'],
    ['flannel-host-gw', '{kind: RouteMissing, node: node-1}'],
    ['flannel-udp', '{kind: RouteMissing, node: node-2}'],
    ['calico', '{kind: RouteMissing, node: node-2}'],
    ['flannel-vxlan', '{kind: LinkDown, node: node-2}'],
    ['flannel-vxlan', '{kind: Partition, nodes: [node-2]}'],
  ] as const)('%s, %s: nothing comes through until it ends', (cni, spec) => {
    const { get, begin, end } = start(cni);
    begin(spec);
    expect(get()).toBe(false);
    end();
    expect(get()).toBe(true);
  });

  it('strict rp_filter drops what comes by another way than the answer takes', () => {
    const { user, get, begin, end } = start();
    begin('{kind: ReversePathFilter, node: node-2}');
    expect(get()).toBe(true);
    const { routes } = user.cluster.nodes.get('node-2')!.machine.netns;
    for (const { network, prefixLength, link } of routes.list()) if (link.name === 'flannel.1') routes.delete(network, prefixLength);
    expect(get()).toBe(false);
    end();
  });

  it('a full table of connections', () => {
    const { user, get, begin, end } = start();
    begin('{kind: ConntrackFull, node: node-1, max: 1}');
    const { conntrack } = netfilterOf(user.cluster.nodes.get('node-1')!.machine.netns);
    expect(conntrack.max).toBe(1);
    end();
    expect(conntrack.max).toBe(262_144);
    expect(get()).toBe(true);
  });

  it('a kube-proxy that stands still leads to endpoints that are gone', () => {
    const { user, get, begin, end } = start();
    begin('{kind: ComponentStopped, components: [kube-proxy], node: node-1}');
    user.client.patch(DeploymentResource, { namespace: 'default', name: 'web' }, 'merge', {
      spec: { template: { metadata: { annotations: { again: 'true' } } } },
    });
    user.wait(40);
    expect(get()).toBe(false);
    end();
    expect(get()).toBe(true);
  });
});
