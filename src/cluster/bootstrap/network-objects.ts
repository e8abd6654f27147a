/**
 * The network add-on's own objects, as its manifest makes them: kube-flannel.yml, canal.yaml or calico.yaml. The
 * settings that can be read there are those in force.
 */
// Differs: calico's IPPool is shown in its ConfigMap; its custom resources are left out.
import type { ConfigMap, Container, DaemonSet, Namespace, ServiceAccount } from '../../api/generated/types.ts';
import { DaemonSetResource } from '../../api/apps/daemon-set.ts';
import { ConfigMapResource } from '../../api/core/config-map.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import type { Client, Sent } from '../../client/client.ts';
import type { Backend } from '../../cni/flannel/backend.ts';
import { FLANNEL_CONFIG } from '../../cni/flannel/flannel.ts';
import { calicoConfig, needsNoAgent, type NetworkPlan } from '../network-plan.ts';
import { CLUSTER_CIDR } from './release.ts';

const FLANNEL = 'ghcr.io/flannel-io/flannel:v0.26.7';
const CALICO_NODE = 'docker.io/calico/node:v3.30.1';
const SYSTEM = 'kube-system';

const BACKENDS: Readonly<Record<Backend, object>> = {
  'host-gw': { Type: 'host-gw' },
  vxlan: { Type: 'vxlan' },
  'vxlan-direct': { Type: 'vxlan', DirectRouting: true },
  udp: { Type: 'udp' },
};

/** Creates them. */
export function createNetworkObjects(client: Client, plan: NetworkPlan): void {
  if (needsNoAgent(plan) || plan.addon === 'bridge') return;
  if (plan.addon === 'flannel') {
    client.create(NamespaceResource, {
      metadata: { name: 'kube-flannel', labels: { 'kubernetes.io/metadata.name': 'kube-flannel' } },
      spec: {},
    } as Sent<Namespace>);
    create(client, 'kube-flannel', 'flannel', flannelConfig(plan.backend), flannel);
  } else if (plan.addon === 'canal') create(client, SYSTEM, 'canal', canalConfig(plan.backend), canal);
  else create(client, SYSTEM, 'calico-node', calicoConfigMap(plan.backend), calico(plan.backend));
}

function create(client: Client, namespace: string, account: string, config: Sent<ConfigMap>, daemonSet: Sent<DaemonSet>): void {
  client.create(ServiceAccountResource, { metadata: { namespace, name: account } } as Sent<ServiceAccount>);
  client.create(ConfigMapResource, config);
  client.create(DaemonSetResource, daemonSet);
}

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
const netConf = (backend: Backend): string => json({ Network: CLUSTER_CIDR, EnableNFTables: false, Backend: BACKENDS[backend] });

const flannelConfig = (backend: Backend): Sent<ConfigMap> => ({
  metadata: {
    namespace: 'kube-flannel',
    name: 'kube-flannel-cfg',
    labels: { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' },
  },
  data: { 'cni-conf.json': json(FLANNEL_CONFIG), 'net-conf.json': netConf(backend) },
});

const canalConfig = (backend: Backend): Sent<ConfigMap> => ({
  metadata: { namespace: SYSTEM, name: 'canal-config' },
  data: {
    typha_service_name: 'none',
    masquerade: 'true',
    cni_network_config: json(calicoConfig('canal')),
    'net-conf.json': netConf(backend),
  },
});

const calicoConfigMap = (backend: 'bgp' | 'ipip' | 'vxlan'): Sent<ConfigMap> => ({
  metadata: { namespace: SYSTEM, name: 'calico-config' },
  data: {
    typha_service_name: 'none',
    calico_backend: backend === 'vxlan' ? 'vxlan' : 'bird',
    cni_network_config: json(calicoConfig('calico')),
    'default-ipv4-ippool': json({
      cidr: CLUSTER_CIDR,
      blockSize: 26,
      ipipMode: backend === 'ipip' ? 'Always' : 'Never',
      vxlanMode: backend === 'vxlan' ? 'Always' : 'Never',
      natOutgoing: true,
    }),
  },
});

const flanneld: Container = {
  name: 'kube-flannel',
  image: FLANNEL,
  command: ['/opt/bin/flanneld'],
  args: ['--ip-masq', '--kube-subnet-mgr'],
  resources: { requests: { cpu: '100m', memory: '50Mi' } },
  env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
};

const calicoNode = (env: Readonly<Record<string, string>>): Container => ({
  name: 'calico-node',
  image: CALICO_NODE,
  command: ['start_runit'],
  resources: { requests: { cpu: '250m' } },
  env: [
    { name: 'DATASTORE_TYPE', value: 'kubernetes' },
    { name: 'NODENAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'FELIX_DEFAULTENDPOINTTOHOSTACTION', value: 'ACCEPT' },
    ...Object.entries(env).map(([name, value]) => ({ name, value })),
  ],
});

interface Daemon {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  /** Default: the labels. */
  readonly selector?: Record<string, string>;
  readonly account: string;
  readonly containers: Container[];
}

const daemonSet = ({ namespace, name, labels, selector = labels, account, containers }: Daemon): Sent<DaemonSet> =>
  ({
    metadata: { namespace, name, labels },
    spec: {
      selector: { matchLabels: selector },
      template: {
        metadata: { labels },
        spec: {
          priorityClassName: 'system-node-critical',
          serviceAccountName: account,
          hostNetwork: true,
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          containers,
        },
      },
    },
  }) as Sent<DaemonSet>;

const flannel = daemonSet({
  namespace: 'kube-flannel',
  name: 'kube-flannel-ds',
  labels: { app: 'flannel', 'k8s-app': 'flannel', tier: 'node' },
  selector: { app: 'flannel', 'k8s-app': 'flannel' },
  account: 'flannel',
  containers: [flanneld],
});

const canal = daemonSet({
  namespace: SYSTEM,
  name: 'canal',
  labels: { 'k8s-app': 'canal' },
  account: 'canal',
  containers: [calicoNode({ CALICO_NETWORKING_BACKEND: 'none', CLUSTER_TYPE: 'k8s,canal', NO_DEFAULT_POOLS: 'true' }), flanneld],
});

const calico = (backend: 'bgp' | 'ipip' | 'vxlan'): Sent<DaemonSet> =>
  daemonSet({
    namespace: SYSTEM,
    name: 'calico-node',
    labels: { 'k8s-app': 'calico-node' },
    account: 'calico-node',
    containers: [
      calicoNode({
        CALICO_NETWORKING_BACKEND: backend === 'vxlan' ? 'vxlan' : 'bird',
        CLUSTER_TYPE: 'k8s,bgp',
        CALICO_IPV4POOL_CIDR: CLUSTER_CIDR,
        CALICO_IPV4POOL_IPIP: backend === 'ipip' ? 'Always' : 'Never',
        CALICO_IPV4POOL_VXLAN: backend === 'vxlan' ? 'Always' : 'Never',
      }),
    ],
  });
