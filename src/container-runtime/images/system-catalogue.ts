/** Images of Kubernetes itself: pause, the control plane, the proxy, DNS, flannel and common add-ons. */
import type { ImageSpec, ListenSpec, ServerBehaviour } from './image.ts';

const MB = 1_000_000;
const MIB = 1024 * 1024;
const DISTROLESS = { id: 'distroless-static', sizeBytes: 0.8 * MB } as const;
const K8S_TAG = 'v1\\.(2[0-9]|3[0-9])\\.\\d{1,2}';

const health = (port: number, tls: boolean): ListenSpec => ({
  port,
  tls,
  http: {
    contentType: 'text/plain',
    routes: { '/healthz': { body: 'ok' }, '/livez': { body: 'ok' }, '/readyz': { body: 'ok' }, '/health': { body: 'ok' } },
  },
});

const component = (
  repository: string,
  tags: string,
  sizeMb: number,
  command: string,
  listen: readonly ListenSpec[],
  memoryMib: number,
  milliCpu: number,
  more: Partial<ServerBehaviour> = {},
): ImageSpec => ({
  repository,
  tags,
  layers: [DISTROLESS, { id: `${repository}:{tag}`, sizeBytes: sizeMb * MB }],
  userland: 'none',
  entrypoint: [command],
  ports: listen.map(({ port }) => port),
  programs: {
    [command.slice(command.lastIndexOf('/') + 1)]: {
      kind: 'server',
      startupMs: 500,
      memoryBytes: memoryMib * MIB,
      milliCpu,
      listen,
      ...more,
    },
  },
});

/** Kubernetes' own. */
export const SYSTEM_IMAGES: readonly ImageSpec[] = [
  {
    repository: 'registry.k8s.io/pause',
    tags: 'latest|[1-3]\\.\\d{1,2}(\\.\\d)?',
    layers: [{ id: 'pause:{tag}', sizeBytes: 320_000 }],
    userland: 'none',
    entrypoint: ['/pause'],
    programs: { pause: { kind: 'server', startupMs: 0, memoryBytes: 0.4 * MIB, milliCpu: 0, listen: [] } },
  },
  component('registry.k8s.io/kube-apiserver', K8S_TAG, 30, 'kube-apiserver', [health(6443, true)], 260, 50),
  component('registry.k8s.io/kube-controller-manager', K8S_TAG, 26, 'kube-controller-manager', [health(10257, true)], 50, 15),
  component('registry.k8s.io/kube-scheduler', K8S_TAG, 21, 'kube-scheduler', [health(10259, true)], 25, 4),
  component(
    'registry.k8s.io/kube-proxy',
    K8S_TAG,
    31,
    '/usr/local/bin/kube-proxy',
    [health(10256, false), { port: 10249, http: { routes: { '/proxyMode': { body: 'iptables' } } } }],
    20,
    1,
  ),
  component(
    'registry.k8s.io/etcd',
    '3\\.\\d\\.\\d{1,2}-\\d',
    58,
    'etcd',
    [{ port: 2379, text: { '*': '' } }, { port: 2380, text: { '*': '' } }, health(2381, false)],
    60,
    20,
  ),
  component(
    'registry.k8s.io/coredns/coredns',
    'v1\\.\\d{1,2}\\.\\d',
    20,
    '/coredns',
    [
      { port: 53, protocol: 'UDP', text: {} },
      { port: 53, text: {} },
      { port: 8080, http: { routes: { '/health': { body: 'OK' } } } },
      { port: 8181, http: { routes: { '/ready': { body: 'OK' } } } },
      { port: 9153, http: { routes: { '/metrics': { body: '' } } } },
    ],
    15,
    2,
    { startLog: ['.:53', '[INFO] plugin/reload: Running configuration SHA512 = 0', 'CoreDNS-{tag}', 'linux/amd64'] },
  ),
  component('registry.k8s.io/metrics-server/metrics-server', 'v0\\.\\d\\.\\d', 19, '/metrics-server', [health(10250, true)], 20, 3),
  component(
    'registry.k8s.io/ingress-nginx/controller',
    'v1\\.\\d{1,2}\\.\\d{1,2}',
    100,
    '/nginx-ingress-controller',
    [
      { port: 80, http: { notFound: '<html>\r\n<head><title>404 Not Found</title></head>\r\n</html>\r\n' } },
      { port: 10254, http: { routes: { '/healthz': { body: 'ok' } } } },
    ],
    90,
    3,
  ),
  component(
    'registry.k8s.io/ingress-nginx/kube-webhook-certgen',
    'v\\d+\\.\\d+\\.\\d+(-.*)?|v\\d{8}-[0-9a-f]+',
    20,
    '/kube-webhook-certgen',
    [],
    10,
    1,
  ),
  {
    repository: 'ghcr.io/flannel-io/flannel',
    tags: 'v0\\.\\d{1,2}\\.\\d{1,2}',
    layers: [
      { id: 'alpine', sizeBytes: 3.6 * MB },
      { id: 'flannel:{tag}', sizeBytes: 28 * MB },
    ],
    userland: 'busybox',
    entrypoint: ['/opt/bin/flanneld'],
    programs: {
      flanneld: {
        kind: 'server',
        listen: [],
        memoryBytes: 12 * MIB,
        milliCpu: 2,
        startLog: [
          'I{time:klog}       1 main.go:211] CLI flags config: {ip-masq: true}',
          'I{time:klog}       1 main.go:497] Running backend.',
        ],
      },
    },
  },
  {
    repository: 'docker.io/rancher/local-path-provisioner',
    tags: 'v0\\.0\\.\\d{1,2}',
    layers: [{ id: 'local-path-provisioner:{tag}', sizeBytes: 18 * MB }],
    userland: 'none',
    entrypoint: ['local-path-provisioner'],
    programs: {
      'local-path-provisioner': {
        kind: 'server',
        listen: [],
        memoryBytes: 14 * MIB,
        milliCpu: 1,
        startLog: ['time="{time}" level=debug msg="Provisioner started"'],
      },
    },
  },
  component('docker.io/calico/node', 'v3\\.\\d{1,2}\\.\\d{1,2}', 150, 'start_runit', [health(9099, false)], 60, 10),
  {
    repository: 'ghcr.io/flannel-io/flannel-cni-plugin',
    tags: 'v1\\.\\d\\.\\d-flannel\\d',
    layers: [
      { id: 'alpine', sizeBytes: 3.6 * MB },
      { id: 'flannel-cni-plugin:{tag}', sizeBytes: 1.5 * MB },
    ],
    userland: 'busybox',
    cmd: ['/bin/sh'],
  },
];
