/** Further images of the Kubernetes documentation's tutorials and tasks. */
import { ALPINE, DEBIAN } from './base-catalogue.ts';
import type { Behaviour, ImageSpec, ServerBehaviour } from './image.ts';

const MB = 1_000_000;

const simple = (
  repository: string,
  tags: string,
  sizeMb: number,
  program: string,
  behaviour: Behaviour,
  cmd: readonly string[] = [program],
): ImageSpec => ({
  repository,
  tags,
  layers: [ALPINE, { id: `${repository}:{tag}`, sizeBytes: sizeMb * MB }],
  userland: 'busybox',
  entrypoint: cmd,
  programs: { [program.slice(program.lastIndexOf('/') + 1)]: behaviour },
});

const serves = (port: number, body: string, more: Partial<ServerBehaviour> = {}): ServerBehaviour => ({
  kind: 'server',
  listen: [{ port, portEnv: 'PORT', http: { contentType: 'text/plain', routes: { '*': { body } } } }],
  ...more,
});

const NGINX_SLIM: ServerBehaviour = {
  kind: 'server',
  accessLog: true,
  cpuMsPerRequest: 0.3,
  listen: [
    { port: 80, http: { root: '/usr/share/nginx/html', notFound: '<html>\r\n<head><title>403 Forbidden</title></head>\r\n</html>\r\n' } },
  ],
};

/** Images of tasks and tutorials. */
export const DOCUMENTATION_IMAGES: readonly ImageSpec[] = [
  { ...simple('registry.k8s.io/nginx-slim', '0\\.\\d{1,2}', 30, 'nginx', NGINX_SLIM, ['nginx', '-g', 'daemon off;']), userland: 'debian' },
  {
    repository: 'registry.k8s.io/busybox',
    tags: 'latest|1\\.\\d{1,2}(\\.\\d)?',
    layers: [{ id: 'library/busybox:1.27', sizeBytes: 0.7 * MB }],
    userland: 'busybox',
    cmd: ['sh'],
  },
  {
    repository: 'registry.k8s.io/e2e-test-images/busybox',
    tags: '1\\.\\d{1,2}(\\.\\d)?-\\d',
    layers: [{ id: 'library/busybox:1.29', sizeBytes: 0.7 * MB }],
    userland: 'busybox',
    cmd: ['sh'],
  },
  simple('registry.k8s.io/e2e-test-images/nginx', '1\\.\\d{1,2}-\\d', 40, 'nginx', NGINX_SLIM),
  simple(
    'registry.k8s.io/e2e-test-images/httpd',
    '2\\.4\\.\\d{1,2}-\\d',
    40,
    'httpd-foreground',
    serves(80, '<html><body><h1>It works!</h1></body></html>\n'),
  ),
  simple('registry.k8s.io/goproxy', '0\\.1', 2, '/goproxy', { kind: 'server', listen: [{ port: 8080, text: { '*': '' } }] }),
  simple('registry.k8s.io/test-webserver', 'latest', 2, '/test-webserver', serves(80, 'ok')),
  simple('gcr.io/google-samples/node-hello', '1\\.0', 220, '/server', serves(8080, 'Hello Kubernetes!')),
  simple(
    'us-docker.pkg.dev/google-samples/containers/gke/hello-app',
    '1\\.0|2\\.0',
    10,
    '/hello-app',
    serves(8080, 'Hello, world!\nVersion: {tag}.0\nHostname: {hostname}\n', { exitCode: 143 }),
  ),
  simple(
    'us-docker.pkg.dev/google-samples/containers/gke/whereami',
    'v\\d(\\.\\d{1,2}){0,2}',
    60,
    '/server',
    serves(8080, '{"pod_name":"{hostname}"}\n'),
  ),
  simple('docker.io/polinux/stress', 'latest|1\\.0\\.4', 4, 'stress', { kind: 'eater' }),
  simple('docker.io/vish/stress', 'latest', 2, '/stress', { kind: 'eater' }),
  simple('quay.io/fluentd_elasticsearch/fluentd', 'v\\d(\\.\\d){0,2}', 90, '/run.sh', {
    kind: 'server',
    listen: [],
    memoryBytes: 60 * 1024 * 1024,
    startLog: ['{time:postgres} [info]: starting fluentd', '{time:postgres} [info]: #0 fluentd worker is now running worker=0'],
  }),
  simple('docker.io/fluent/fluentd', 'latest|v1\\.\\d{1,2}(-\\d)?', 30, 'fluentd', {
    kind: 'server',
    listen: [],
    memoryBytes: 60 * 1024 * 1024,
  }),
  simple(
    'docker.io/prom/prometheus',
    'latest|v[23]\\.\\d{1,2}\\.\\d',
    100,
    '/bin/prometheus',
    serves(9090, 'Prometheus Server is Healthy.\n', { memoryBytes: 60 * 1024 * 1024 }),
  ),
  simple('quay.io/prometheus/node-exporter', 'latest|v1\\.\\d{1,2}\\.\\d', 12, '/bin/node_exporter', serves(9100, '# node metrics\n')),
  {
    repository: 'registry.k8s.io/kubernetes-zookeeper',
    tags: '1\\.0-3\\.4\\.10',
    layers: [DEBIAN, { id: 'kubernetes-zookeeper', sizeBytes: 130 * MB }],
    userland: 'debian',
    programs: {
      'start-zookeeper': {
        kind: 'server',
        startupMs: 1500,
        memoryBytes: 80 * 1024 * 1024,
        listen: [
          { port: 2181, text: { ruok: 'imok' } },
          { port: 2888, text: {} },
          { port: 3888, text: {} },
        ],
      },
      'zookeeper-ready': { kind: 'answer', port: 2181, notListening: '', answers: { '*': '' } },
    },
  },
];
