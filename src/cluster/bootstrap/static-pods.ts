/**
 * The control plane's static pods, as kubeadm writes them to /etc/kubernetes/manifests
 * (`cmd/kubeadm/app/phases/controlplane/manifests.go`, `phases/etcd/local.go`).
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Sent } from '../../client/client.ts';
import { CLUSTER_CIDR, RELEASE } from './release.ts';

interface StaticPod {
  name: string;
  image: string;
  command: string[];
  cpu: string;
  memory?: string;
  port: number;
  path: string;
}

const components = (nodeIp: string): StaticPod[] => [
  {
    name: 'etcd',
    image: 'registry.k8s.io/etcd:3.5.21-0',
    command: [
      'etcd',
      `--advertise-client-urls=https://${nodeIp}:2379`,
      '--data-dir=/var/lib/etcd',
      '--listen-metrics-urls=http://127.0.0.1:2381',
    ],
    cpu: '100m',
    memory: '100Mi',
    port: 2381,
    path: '/readyz',
  },
  {
    name: 'kube-apiserver',
    image: `registry.k8s.io/kube-apiserver:${RELEASE}`,
    command: [
      'kube-apiserver',
      `--advertise-address=${nodeIp}`,
      '--secure-port=6443',
      '--etcd-servers=https://127.0.0.1:2379',
      '--service-cluster-ip-range=10.96.0.0/12',
    ],
    cpu: '250m',
    port: 6443,
    path: '/readyz',
  },
  {
    name: 'kube-controller-manager',
    image: `registry.k8s.io/kube-controller-manager:${RELEASE}`,
    command: ['kube-controller-manager', '--allocate-node-cidrs=true', `--cluster-cidr=${CLUSTER_CIDR}`, '--leader-elect=true'],
    cpu: '200m',
    port: 10257,
    path: '/healthz',
  },
  {
    name: 'kube-scheduler',
    image: `registry.k8s.io/kube-scheduler:${RELEASE}`,
    command: ['kube-scheduler', '--leader-elect=true'],
    cpu: '100m',
    port: 10259,
    path: '/readyz',
  },
];

/** The four static pods of a control-plane node. */
export function controlPlanePods(nodeIp: string): Sent<Pod>[] {
  return components(nodeIp).map(({ name, image, command, cpu, memory, port, path }) => ({
    metadata: { name, namespace: 'kube-system', labels: { component: name, tier: 'control-plane' } },
    spec: {
      priorityClassName: 'system-node-critical',
      priority: 2_000_001_000,
      hostNetwork: true,
      containers: [
        {
          name,
          image,
          command,
          resources: { requests: { cpu, ...(memory && { memory }) } },
          livenessProbe: {
            httpGet: { host: '127.0.0.1', path, port, scheme: name === 'etcd' ? 'HTTP' : 'HTTPS' },
            initialDelaySeconds: 10,
            timeoutSeconds: 15,
            periodSeconds: 10,
            failureThreshold: 8,
          },
        },
      ],
    },
  })) as Sent<Pod>[];
}
