/** The objects of the fake cluster. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** Resource names of the kinds it holds. */
export const PLURALS: Record<string, string> = {
  Namespace: 'namespaces',
  Node: 'nodes',
  Pod: 'pods',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  DaemonSet: 'daemonsets',
  Service: 'services',
  ConfigMap: 'configmaps',
  Event: 'events',
  StorageClass: 'storageclasses',
};

let counter = 0;
const created = '2026-01-01T10:00:00Z';

function object(
  apiVersion: string,
  kind: string,
  name: string,
  namespace: string | undefined,
  rest: object,
  metadata: object = {},
): KubernetesObject {
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace && { namespace }),
      uid: `0000-${++counter}`,
      resourceVersion: String(100 + counter),
      creationTimestamp: created,
      ...metadata,
    },
    ...rest,
  };
}

const owner = (apiVersion: string, kind: string, name: string) => [{ apiVersion, kind, name, uid: name, controller: true }];

function pod(
  name: string,
  namespace: string,
  node: string,
  phase: 'Running' | 'Pending',
  ownerReferences: object[] = [],
  waiting?: string,
): KubernetesObject {
  const ready = phase === 'Running' && !waiting;
  const container = { name: 'main', image: 'nginx:1.25' };
  const status = {
    phase,
    podIP: ready ? `10.244.1.${counter}` : undefined,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    containerStatuses: [
      {
        ...container,
        imageID: '',
        ready,
        restartCount: waiting ? 4 : 0,
        state: waiting ? { waiting: { reason: waiting } } : { running: { startedAt: created } },
      },
    ],
  };
  return object(
    'v1',
    'Pod',
    name,
    namespace,
    { spec: { nodeName: phase === 'Running' ? node : undefined, containers: [container] }, status },
    { labels: { app: name.split('-')[0] }, ownerReferences },
  );
}

function node(name: string, controlPlane: boolean): KubernetesObject {
  return object(
    'v1',
    'Node',
    name,
    undefined,
    {
      spec: { podCIDR: `10.244.${counter % 8}.0/24` },
      status: {
        capacity: { cpu: '4', memory: '8Gi', pods: '110' },
        allocatable: { cpu: '4', memory: '8Gi', pods: '110' },
        conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: created }],
        nodeInfo: { kubeletVersion: 'v1.33.0' },
      },
    },
    { labels: { 'kubernetes.io/hostname': name, ...(controlPlane && { 'node-role.kubernetes.io/control-plane': '' }) } },
  );
}

function event(
  name: string,
  namespace: string,
  kind: string,
  about: string,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): KubernetesObject {
  return object('v1', 'Event', `${about}.${name}`, namespace, {
    type,
    reason,
    message,
    count: 1,
    firstTimestamp: created,
    lastTimestamp: '2026-01-01T10:00:40Z',
    involvedObject: { apiVersion: 'v1', kind, name: about, namespace },
    source: { component: 'kubelet' },
  });
}

/** All of them, fresh. */
export function cannedObjects(): KubernetesObject[] {
  const nodes = ['node-1', 'node-2', 'node-3'];
  const system = 'kube-system';
  return [
    ...['default', system, 'kube-public', 'kube-node-lease'].map((name) =>
      object('v1', 'Namespace', name, undefined, { status: { phase: 'Active' } }),
    ),
    node('control-plane', true),
    ...nodes.map((name) => node(name, false)),
    ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map((name) =>
      pod(`${name}-control-plane`, system, 'control-plane', 'Running'),
    ),
    ...['control-plane', ...nodes].map((name, index) =>
      pod(`kube-proxy-x${index}b4`, system, name, 'Running', owner('apps/v1', 'DaemonSet', 'kube-proxy')),
    ),
    pod('coredns-674b8bbfcf-4fnqx', system, 'node-1', 'Running', owner('apps/v1', 'ReplicaSet', 'coredns-674b8bbfcf')),
    pod('coredns-674b8bbfcf-zz6kp', system, 'node-2', 'Running', owner('apps/v1', 'ReplicaSet', 'coredns-674b8bbfcf')),
    object('apps/v1', 'DaemonSet', 'kube-proxy', system, { spec: {}, status: {} }),
    object('apps/v1', 'Deployment', 'web', 'default', { spec: { replicas: 4 }, status: { replicas: 4, readyReplicas: 2 } }),
    object(
      'apps/v1',
      'ReplicaSet',
      'web-7d4b9c6f5',
      'default',
      { spec: { replicas: 4 }, status: { replicas: 4 } },
      { ownerReferences: owner('apps/v1', 'Deployment', 'web') },
    ),
    pod('web-7d4b9c6f5-2xkqp', 'default', 'node-1', 'Running', owner('apps/v1', 'ReplicaSet', 'web-7d4b9c6f5')),
    pod('web-7d4b9c6f5-8hj4z', 'default', 'node-2', 'Running', owner('apps/v1', 'ReplicaSet', 'web-7d4b9c6f5')),
    pod('web-7d4b9c6f5-lm2vt', 'default', 'node-3', 'Running', owner('apps/v1', 'ReplicaSet', 'web-7d4b9c6f5'), 'CrashLoopBackOff'),
    pod('web-7d4b9c6f5-q9d7w', 'default', '', 'Pending', owner('apps/v1', 'ReplicaSet', 'web-7d4b9c6f5')),
    object('v1', 'Service', 'web', 'default', { spec: { clusterIP: '10.96.7.1', selector: { app: 'web' }, ports: [{ port: 80 }] } }),
    object('v1', 'Service', 'kubernetes', 'default', { spec: { clusterIP: '10.96.0.1', ports: [{ port: 443 }] } }),
    object('v1', 'ConfigMap', 'kube-root-ca.crt', 'default', { data: {} }),
    object('storage.k8s.io/v1', 'StorageClass', 'standard', undefined, { provisioner: 'kubarium.dev/host-path' }),
    event(
      '1',
      'default',
      'Pod',
      'web-7d4b9c6f5-lm2vt',
      'Warning',
      'BackOff',
      'Back-off restarting failed container main in pod web-7d4b9c6f5-lm2vt',
    ),
    event('2', 'default', 'Pod', 'web-7d4b9c6f5-q9d7w', 'Warning', 'FailedScheduling', '0/4 nodes are available: 3 Insufficient cpu.'),
    event('3', 'default', 'Pod', 'web-7d4b9c6f5-2xkqp', 'Normal', 'Pulled', 'Container image "nginx:1.25" already present on machine'),
  ];
}
