/**
 * What kubeadm and the apiserver themselves put into a new cluster: namespaces, priority classes, the `kubernetes`
 * Service, the cluster's DNS and node agents, a default storage class (`cmd/kubeadm/app/phases/addons`,
 * `pkg/controlplane/controller`). Names, labels and addresses are those of a kubeadm 1.33 cluster with flannel.
 */
import type {
  ConfigMap,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Namespace,
  PriorityClass,
  Service,
  ServiceAccount,
  StorageClass,
} from '../../api/generated/types.ts';
import { ConfigMapResource } from '../../api/core/config-map.ts';
import { EndpointsResource } from '../../api/core/endpoints.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { DaemonSetResource } from '../../api/apps/daemon-set.ts';
import { DeploymentResource } from '../../api/apps/deployment.ts';
import { EndpointSliceResource } from '../../api/discovery/endpoint-slice.ts';
import { PriorityClassResource } from '../../api/scheduling/priority-class.ts';
import { StorageClassResource } from '../../api/storage/storage-class.ts';
import type { Client, Sent } from '../../client/client.ts';
import { DEFAULT_CONFIG_TEXT } from '../../scheduler/config-text.ts';
import type { NetworkPlan } from '../network-plan.ts';
import { createNetworkObjects } from './network-objects.ts';
import { CONFIG_KEY, SETTINGS_KEY } from '../../scheduler/settings.ts';
import { CLUSTER_CIDR, RELEASE } from './release.ts';

const COREDNS = 'registry.k8s.io/coredns/coredns:v1.12.0';
const LOCAL_PATH = 'docker.io/rancher/local-path-provisioner:v0.0.31';

const namespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Which add-ons a cluster begins with. */
export interface SystemOptions {
  network: NetworkPlan;
  proxyMode?: string | undefined;
  storageProvisioner: boolean;
}

/** Creates the system objects of a fresh cluster, in the order in which kubeadm would; roles and bindings by `seedRoles`. */
export function createSystemObjects(client: Client, options: SystemOptions, seedRoles: (options: SystemOptions) => void): void {
  for (const name of namespaces) client.create(NamespaceResource, namespace(name));
  seedRoles(options);
  for (const each of priorityClasses) client.create(PriorityClassResource, each);
  client.create(ServiceResource, kubernetesService);
  client.create(EndpointsResource, kubernetesEndpoints);
  client.create(EndpointSliceResource, kubernetesEndpointSlice);
  client.create(ServiceResource, kubeDnsService);
  for (const each of configMaps(options.proxyMode ?? 'iptables')) client.create(ConfigMapResource, each);
  for (const name of ['coredns', 'kube-proxy']) client.create(ServiceAccountResource, serviceAccount('kube-system', name));
  client.create(DaemonSetResource, kubeProxy);
  client.create(DeploymentResource, coredns);
  createNetworkObjects(client, options.network);
  if (options.storageProvisioner) {
    client.create(NamespaceResource, namespace('local-path-storage'));
    client.create(ServiceAccountResource, serviceAccount('local-path-storage', 'local-path-provisioner-service-account'));
    client.create(DeploymentResource, localPathProvisioner);
    client.create(StorageClassResource, standardClass);
  }
}

const namespace = (name: string): Sent<Namespace> => ({ metadata: { name, labels: { 'kubernetes.io/metadata.name': name } }, spec: {} });
const serviceAccount = (namespaceName: string, name: string): Sent<ServiceAccount> => ({ metadata: { namespace: namespaceName, name } });

const priorityClasses: Sent<PriorityClass>[] = [
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
];

const kubernetesService: Sent<Service> = {
  metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver', provider: 'kubernetes' } },
  spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: 6443 }] },
};

/** Where the apiserver really listens; it keeps these two itself (`pkg/controlplane/reconcilers`). */
const API_SERVER_ADDRESS = '192.168.0.10';

const kubernetesEndpoints: Sent<Endpoints> = {
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
  subsets: [{ addresses: [{ ip: API_SERVER_ADDRESS }], ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
};

const kubernetesEndpointSlice: Sent<EndpointSlice> = {
  metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [API_SERVER_ADDRESS], conditions: { ready: true } }],
  ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
};

const kubeDnsService: Sent<Service> = {
  metadata: {
    name: 'kube-dns',
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
  },
  spec: {
    clusterIP: '10.96.0.10',
    selector: { 'k8s-app': 'kube-dns' },
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
      { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
    ],
  },
};

const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;

const configMaps = (proxyMode: string): Sent<ConfigMap>[] => [
  { metadata: { ...SETTINGS_KEY }, data: { [CONFIG_KEY]: DEFAULT_CONFIG_TEXT, recording: 'all' } },
  { metadata: { namespace: 'kube-system', name: 'coredns' }, data: { Corefile: COREFILE } },
  {
    metadata: { namespace: 'kube-system', name: 'kube-proxy', labels: { app: 'kube-proxy' } },
    data: {
      'config.conf': `apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\nclusterCIDR: ${CLUSTER_CIDR}\nmode: ${proxyMode}\n`,
    },
  },
];

const criticalToleration = { key: 'CriticalAddonsOnly', operator: 'Exists' };
const controlPlaneToleration = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' };

const kubeProxy: Sent<DaemonSet> = {
  metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' } },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'kube-proxy' } },
    template: {
      metadata: { labels: { 'k8s-app': 'kube-proxy' } },
      spec: {
        priorityClassName: 'system-node-critical',
        serviceAccountName: 'kube-proxy',
        hostNetwork: true,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
        volumes: [{ name: 'kube-proxy', configMap: { name: 'kube-proxy' } }],
        containers: [
          {
            name: 'kube-proxy',
            image: `registry.k8s.io/kube-proxy:${RELEASE}`,
            command: ['/usr/local/bin/kube-proxy', '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=$(NODE_NAME)'],
            env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
            volumeMounts: [{ name: 'kube-proxy', mountPath: '/var/lib/kube-proxy' }],
          },
        ],
      },
    },
  },
} as Sent<DaemonSet>;

const coredns: Sent<Deployment> = {
  metadata: { name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
  spec: {
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    selector: { matchLabels: { 'k8s-app': 'kube-dns' } },
    template: {
      metadata: { labels: { 'k8s-app': 'kube-dns' } },
      spec: {
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: 'coredns',
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [criticalToleration, controlPlaneToleration],
        dnsPolicy: 'Default',
        volumes: [{ name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } }],
        containers: [
          {
            name: 'coredns',
            image: COREDNS,
            args: ['-conf', '/etc/coredns/Corefile'],
            resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
            volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
            ports: [
              { containerPort: 53, name: 'dns', protocol: 'UDP' },
              { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
              { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
            ],
            livenessProbe: { httpGet: { path: '/health', port: 8080 }, initialDelaySeconds: 60, timeoutSeconds: 5, failureThreshold: 5 },
            readinessProbe: { httpGet: { path: '/ready', port: 8181 } },
          },
        ],
      },
    },
  },
} as Sent<Deployment>;

const localPathProvisioner: Sent<Deployment> = {
  metadata: { name: 'local-path-provisioner', namespace: 'local-path-storage' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'local-path-provisioner' } },
    template: {
      metadata: { labels: { app: 'local-path-provisioner' } },
      spec: {
        serviceAccountName: 'local-path-provisioner-service-account',
        tolerations: [controlPlaneToleration],
        containers: [{ name: 'local-path-provisioner', image: LOCAL_PATH, command: ['local-path-provisioner', '--debug', 'start'] }],
      },
    },
  },
} as Sent<Deployment>;

const standardClass: Sent<StorageClass> = {
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'rancher.io/local-path',
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
};
