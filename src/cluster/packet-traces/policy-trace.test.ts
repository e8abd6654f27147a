/** Traces where NetworkPolicies are enforced, and where they are only stored; and under the proxy modes of a cluster. */
import { describe, expect, it } from 'vitest';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace, PacketTraceSpec, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import type { ScenarioCluster } from '../../api/kubarium/scenario.ts';
import type { Sent } from '../../client/client.ts';
import { isReady, User } from '../testing/user.ts';

const MANIFESTS = `
apiVersion: v1
kind: Pod
metadata: {name: client, labels: {app: client}}
spec: {nodeName: node-1, containers: [{name: c, image: busybox, command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec: {nodeName: node-2, containers: [{name: c, image: nginx:1.25}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const DENY = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}
`;

function started(layout: ScenarioCluster): User {
  const user = new User({ layout: { workers: 2, ...layout } });
  user.apply(MANIFESTS);
  user.waitUntil(() => user.pods().length === 2 && user.pods().every(isReady), 60);
  user.wait(5);
  return user;
}

function trace(user: User, spec: PacketTraceSpec): PacketTraceStatus {
  user.client.create(PacketTraceResource, { metadata: { name: 't', namespace: 'default' }, spec } as Sent<PacketTrace>);
  user.wait(1);
  return user.client.get(PacketTraceResource, { namespace: 'default', name: 't' }).status ?? {};
}

const TO_WEB: PacketTraceSpec = { from: { pod: 'client' }, to: { service: 'web' } };

describe('a PacketTrace and NetworkPolicies', () => {
  it('names the policy that denied it', () => {
    const user = started({ cni: 'calico' });
    user.apply(DENY);
    user.wait(3);
    const status = trace(user, TO_WEB);
    expect(status).toMatchObject({ verdict: 'Dropped', blame: { kind: 'NetworkPolicy', namespace: 'default', name: 'deny' } });
    expect(status.message).toContain('NetworkPolicy default/deny does not allow it');
    expect(status.hops?.at(-1)).toMatchObject({ kind: 'drop', node: 'node-2' });
  });

  it('says when a policy is not enforced', () => {
    const user = started({ cni: 'flannel-vxlan' });
    user.apply(DENY);
    user.wait(3);
    const status = trace(user, TO_WEB);
    expect(status.verdict).toBe('Delivered');
    expect(status.message).toContain('NetworkPolicy default/deny selects the pod, but flannel-vxlan does not enforce policies');
  });

  it('shows the packet around the packet in a tunnel', () => {
    const { hops = [] } = trace(started({ cni: 'flannel-vxlan' }), TO_WEB);
    const wrapped = hops.find(({ kind }) => kind === 'encapsulate');
    expect(wrapped).toMatchObject({ device: 'flannel.1', outer: { protocol: 'UDP', destinationPort: 8472 }, packet: { protocol: 'TCP' } });
    expect(hops.some(({ kind, node }) => kind === 'decapsulate' && node === 'node-2')).toBe(true);
  });
});

describe.each(['ipvs', 'nftables', 'userspace'] as const)('a PacketTrace in mode %s', (proxyMode) => {
  it('shows how the address was translated', () => {
    const status = trace(started({ proxyMode }), TO_WEB);
    expect(status).toMatchObject({ verdict: 'Delivered', proxyMode });
    if (proxyMode === 'ipvs') expect(status.hops?.find(({ kind }) => kind === 'ipvs')?.ipvs?.chosen).toBe(status.backend);
    const rules = status.hops?.flatMap((hop) => hop.rules ?? []) ?? [];
    if (proxyMode === 'nftables')
      expect(rules.find(({ table, target = '' }) => table === 'ip kube-proxy' && target.startsWith('goto service-'))).toMatchObject({
        owner: { kind: 'Service', namespace: 'default', name: 'web' },
      });
    if (proxyMode === 'userspace') expect(status).toMatchObject({ backendPod: 'default/web', comparisons: expect.any(Number) as number });
  });
});
