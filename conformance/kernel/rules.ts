/** Fills the nodes' kernels with rules: the kubelet's, flannel's and kube-proxy's, and what a case says that others have put there. */
import { flannelRules } from '../../src/cni/flannel/masq-rules.ts';
import type { EndpointSlice, Node, Service } from '../../src/api/generated/types.ts';
import { kubeletRules } from '../../src/kubelet/network-rules.ts';
import { DEFAULT_PROXY_CONFIG } from '../../src/kube-proxy/config.ts';
import { IptablesProxier } from '../../src/kube-proxy/iptables/proxier.ts';
import { SharedServiceRules } from '../../src/kube-proxy/iptables/shared-rules.ts';
import { NetfilterIptables, proxyNode } from '../../src/kube-proxy/linux-kernel.ts';
import { ServiceModel } from '../../src/kube-proxy/service-model.ts';
import { netfilterOf } from '../../src/linux/net/netfilter-of.ts';
import type { Netfilter } from '../../src/linux/netfilter/netfilter.ts';
import { type KernelCase, textOf } from './case.ts';
import type { Network } from './network.ts';

const DEFAULT_CLUSTER_CIDR = '10.244.0.0/16';
/** Chains whose owners are simulated; what leads to other chains is somebody else's. */
const OWN_CHAIN = /^(KUBE|FLANNEL|CNI)-/;
const BUILT_IN = /^(PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)$/;

/** Writes the rules of a case's own text. */
export function loadCaseRules({ iptables = {} }: KernelCase, { nodes }: Network): void {
  for (const [name, text] of Object.entries(iptables)) {
    const netns = nodes.get(name);
    if (netns !== undefined) succeed(netfilterOf(netns).restore(textOf(text)));
  }
}

/** Writes what the programs of a cluster write for the case's Kubernetes objects. */
export function writeClusterRules(testCase: KernelCase, { nodes }: Network): void {
  const { kubernetes = [], cluster, topology, iptables } = testCase;
  const clusterCidr = cluster?.clusterCIDR ?? DEFAULT_CLUSTER_CIDR;
  const model = new ServiceModel();
  for (const object of kubernetes) {
    const { kind } = object as { kind?: string };
    if (kind === 'Service') model.putService(object as Service);
    if (kind === 'EndpointSlice') model.putSlice(object as EndpointSlice);
    if (kind === 'Node') model.putNode(object as Node);
  }
  const shared = new SharedServiceRules();
  const config = { ...DEFAULT_PROXY_CONFIG, clusterCIDR: clusterCidr };
  for (const { name, ip, podCIDR } of topology.nodes) {
    const netns = nodes.get(name);
    if (netns === undefined) continue;
    const netfilter = netfilterOf(netns);
    succeed(netfilter.restore(kubeletRules(), { noflush: true }));
    if (podCIDR !== undefined) succeed(netfilter.restore(flannelRules(podCIDR, clusterCidr), { noflush: true }));
    const node = proxyNode(name, ip, netns);
    new IptablesProxier({ node, model, config }, new NetfilterIptables(netfilter), shared).write(undefined);
    restoreForeign(netfilter, textOf(iptables?.[name]));
  }
}

/** Chains of programs that are not simulated (a case's policy engine), and the jumps to them, each at its place. */
function restoreForeign(netfilter: Netfilter, text: string): void {
  let table = '';
  const chains = new Map<string, string[]>();
  const position = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) table = line.slice(1);
    const chain = /^:(\S+)/.exec(line)?.[1];
    if (chain !== undefined && !BUILT_IN.test(chain) && !OWN_CHAIN.test(chain)) {
      chains.set(chain, [table]);
      succeed(netfilter.command(['-t', table, '-N', chain]));
    }
    const rule = /^-A (\S+) (.*)$/.exec(line);
    if (rule === null) continue;
    const [, owner = '', rest = ''] = rule;
    const number = (position.get(`${table}/${owner}`) ?? 0) + 1;
    position.set(`${table}/${owner}`, number);
    const target = / ?-[jg] (\S+)/.exec(rest)?.[1] ?? '';
    if (chains.has(owner)) succeed(netfilter.command(['-t', table, '-A', owner, ...words(rest)]));
    else if (chains.has(target)) succeed(netfilter.command(['-t', table, '-I', owner, String(number), ...words(rest)]));
  }
}

/** "a \"b c\" d" as a, b c, d. */
const words = (text: string): string[] => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

function succeed({ exitCode, stderr }: { exitCode: number; stderr: string }): void {
  if (exitCode !== 0) throw new Error(stderr);
}
