/** The rules that a real kernel printed back for six clusters, node by node: the part that is kube-proxy's and the kubelet's. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EndpointSlice, Node, Service } from '../../api/generated/types.ts';
import { Netfilter } from '../../linux/netfilter/netfilter.ts';
import { DEFAULT_PROXY_CONFIG } from '../config.ts';
import { NetfilterIptables } from '../linux-kernel.ts';
import { ServiceModel } from '../service-model.ts';
import { IptablesProxier } from './proxier.ts';
import { SharedServiceRules } from './shared-rules.ts';

interface KernelCase {
  name: string;
  description: string;
  clusterCIDR: string;
  objects: (Node | Service | EndpointSlice)[];
  rules: Record<string, string[]>;
}

const CASES = JSON.parse(readFileSync(new URL('../testing/kernel-cases.json', import.meta.url), 'utf8')) as KernelCase[];

/** What the kubelet writes before kube-proxy comes. */
const KUBELET = `*mangle
:KUBE-IPTABLES-HINT - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
*filter
:KUBE-FIREWALL - [0:0]
:KUBE-KUBELET-CANARY - [0:0]
-A INPUT -j KUBE-FIREWALL
-A OUTPUT -j KUBE-FIREWALL
COMMIT
*nat
:KUBE-KUBELET-CANARY - [0:0]
COMMIT
`;

/** Lines with KUBE-, in their order; Services come in any order. */
function kubePart(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => line.startsWith('*') || line.includes('KUBE-'));
  const services = kept.filter((line) => line.startsWith('-A KUBE-SERVICES -d')).sort();
  return kept.map((line) => (line.startsWith('-A KUBE-SERVICES -d') ? (services.shift() ?? '') : line));
}

describe.each(CASES)('case $name', ({ clusterCIDR, objects, rules }) => {
  const model = new ServiceModel();
  for (const object of objects) {
    if (object.kind === 'Node') model.putNode(object);
    else if (object.kind === 'Service') model.putService(object);
    else model.putSlice(object);
  }
  const shared = new SharedServiceRules();

  it.each(objects.filter((object) => object.kind === 'Node').map((node) => [node.metadata.name, node] as const))(
    'has the same rules on %s',
    (name, node) => {
      const netfilter = new Netfilter();
      expect(netfilter.restore(KUBELET, { noflush: true }).stderr).toBe('');
      const ip = node.status?.addresses?.[0]?.address ?? '';
      const options = {
        node: { name, ip, addresses: () => [ip], setSysctl: () => undefined },
        model,
        config: { ...DEFAULT_PROXY_CONFIG, clusterCIDR },
      };
      new IptablesProxier(options, new NetfilterIptables(netfilter), shared).write(undefined);
      expect(kubePart(netfilter.save().split('\n'))).toEqual(kubePart(rules[name] ?? []));
    },
  );
});
