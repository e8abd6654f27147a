/** Network add-ons: pods of different nodes reach each other with each, and NetworkPolicies have an effect where they should. */
import { describe, expect, it } from 'vitest';
import type { ScenarioCluster } from '../api/kubarium/scenario.ts';
import { netfilterOf } from '../linux/net/netfilter-of.ts';
import { isReady, User } from './testing/user.ts';

const pod = (name: string, node: string, image = 'busybox:1.36', more = 'command: [sleep, infinity]') => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec: {nodeName: ${node}, containers: [{name: c, image: "${image}", ${more}}]}
---`;
const PODS =
  pod('web', 'node-1', 'nginx:1.25', 'ports: [{name: http, containerPort: 80}]') +
  pod('near', 'node-1') +
  pod('far', 'node-2') +
  `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}`;

const policy = (name: string, spec: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}}
spec: ${spec}`;

function start(cni: NonNullable<ScenarioCluster['cni']>) {
  const user = new User({ layout: { workers: 2, cni } });
  user.apply(PODS);
  user.wait(60);
  expect(user.pods().filter(isReady)).toHaveLength(3);
  const get = (from: string, url = 'http://web') => user.exec(from, ['wget', '-qO-', '-T', '2', url]).exitCode === 0;
  const apply = (yaml: string) => {
    user.apply(yaml);
    user.wait(1);
  };
  return { user, apply, get, ip: (name: string) => user.pod(name).status?.podIP ?? '' };
}

describe('pods reach pods', () => {
  it.each(['flannel', 'flannel-host-gw', 'flannel-vxlan-direct', 'flannel-udp', 'canal', 'calico', 'calico-ipip', 'calico-vxlan'] as const)(
    'with %s, by Service and by address',
    (cni) => {
      const { get, ip } = start(cni);
      for (const from of ['near', 'far']) {
        expect([cni, from, get(from)]).toEqual([cni, from, true]);
        expect(get(from, `http://${ip('web')}`)).toBe(true);
      }
    },
  );
});

describe('NetworkPolicies', () => {
  it('have no effect with flannel', () => {
    const { user, get } = start('flannel');
    const [applied] = user.apply(policy('deny', '{podSelector: {}}'));
    user.wait(5);
    expect(JSON.stringify(applied)).toContain('flannel');
    expect(get('far')).toBe(true);
  });

  it.each(['canal', 'calico'] as const)('let in with %s who is named, at the port that is named, and nobody else', (cni) => {
    const { user, apply, get, ip } = start(cni);
    apply(
      policy(
        'web',
        '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: far}}}], ports: [{port: http}]}]}',
      ),
    );
    expect([get('far'), get('near'), get('far', `http://${ip('web')}:81`)]).toEqual([true, false, false]);
    const node = user.cluster.nodes.get('node-1');
    const rules = node === undefined ? '' : netfilterOf(node.machine.netns).save({ table: 'filter' });
    expect(rules).toContain('Policy default/web ingress');
    expect(rules).toContain('Drop if no policies passed packet: Policy default/web');
    // The node itself may always ask its pods.
    user.wait(60);
    expect(isReady(user.pod('web'))).toBe(true);
    apply(policy('web', '{podSelector: {matchLabels: {app: web}}, ingress: [{}]}'));
    expect(get('near')).toBe(true);
  });

  it('isolate both directions; ranges of ports, blocks with exceptions and namespaces', () => {
    const { apply, get, ip } = start('canal');
    apply(policy('quiet', '{podSelector: {matchLabels: {app: near}}, policyTypes: [Egress]}'));
    const url = `http://${ip('web')}`;
    expect([get('near', url), get('far', url)]).toEqual([false, true]);
    const range = (endPort: number) =>
      policy(
        'quiet',
        `{podSelector: {matchLabels: {app: near}}, policyTypes: [Egress], egress: [{ports: [{port: 70, endPort: ${endPort}}]}]}`,
      );
    apply(range(80));
    expect(get('near', url)).toBe(true);
    apply(range(79));
    expect(get('near', url)).toBe(false);
    const block = (except: string) =>
      policy('web', `{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: 10.244.0.0/16, except: [${except}]}}]}]}`);
    apply(block(''));
    expect(get('far', url)).toBe(true);
    apply(block(`${ip('far')}/32`));
    expect(get('far', url)).toBe(false);
    apply(policy('web', '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: a}}}]}]}'));
    expect(get('far', url)).toBe(false);
    apply('{apiVersion: v1, kind: Namespace, metadata: {name: default, labels: {team: a}}}');
    expect(get('far', url)).toBe(true);
  });
});
