/** Images that hold tools or nothing: shells, languages, pause, and Kubarium's own for lessons. */
import type { Behaviour, ImageSpec, ServerBehaviour } from './image.ts';

const MB = 1_000_000;
const VERSION = '\\d{1,2}(\\.\\d{1,2}){0,2}';

/** The bottom layers that many images share. */
export const ALPINE = { id: 'alpine', sizeBytes: 3.6 * MB } as const;
/** Debian 12, slim. */
export const DEBIAN = { id: 'debian-slim', sizeBytes: 28 * MB } as const;
/** Debian with compilers, on which the languages' full images stand. */
const BUILDPACK = { id: 'buildpack-deps', sizeBytes: 270 * MB } as const;

/** What network debugging images bring. */
const NETWORK_TOOLS = ['wget', 'nslookup', 'nc', 'ping', 'ip', 'ps', 'curl', 'dig', 'host'] as const;

const shell = (
  repository: string,
  tags: string,
  sizeBytes: number,
  userland: 'busybox' | 'debian',
  cmd: readonly string[],
  tools: readonly string[] = [],
): ImageSpec => ({
  repository: `docker.io/${repository}`,
  tags,
  layers: [{ id: repository === 'library/alpine' ? ALPINE.id : `${repository}:{tag}`, sizeBytes }],
  userland,
  cmd,
  tools,
});

const HTTP_SERVER: ServerBehaviour = {
  kind: 'server',
  memoryBytes: 12 * 1024 * 1024,
  listen: [{ port: 8000, portFlag: 'http.server', http: { root: '/', routes: { '/': { body: 'Directory listing for /\n' } } } }],
  startLog: ['Serving HTTP on 0.0.0.0 port 8000 (http://0.0.0.0:8000/) ...'],
  exitCode: 143,
};

const PYTHON: Behaviour = { kind: 'subcommand', of: { '-m': HTTP_SERVER }, otherwise: { kind: 'interpreter', language: 'python' } };
const OTHER: Behaviour = { kind: 'interpreter', language: 'other' };

const language = (name: string, tags: string, cmd: readonly string[], programs: Readonly<Record<string, Behaviour>>): ImageSpec => ({
  repository: `docker.io/library/${name}`,
  tags: `latest|slim|alpine|bookworm|(${tags})(\\.\\d{1,2}){0,2}(-(slim|alpine|bookworm|bullseye)(-slim)?)?`,
  layers: [DEBIAN, BUILDPACK, { id: `${name}:{tag}`, sizeBytes: 60 * MB }],
  userland: 'debian',
  cmd,
  programs,
});

/** Tools and bases. */
export const BASE_IMAGES: readonly ImageSpec[] = [
  shell('library/busybox', `latest|stable|glibc|musl|uclibc|1(\\.\\d{1,2}){1,2}(-(glibc|musl|uclibc))?`, 2.1 * MB, 'busybox', ['sh']),
  shell('library/alpine', `latest|edge|3(\\.\\d{1,2}){0,2}`, ALPINE.sizeBytes, 'busybox', ['/bin/sh']),
  shell('library/ubuntu', 'latest|rolling|devel|noble|jammy|focal|bionic|oracular|(16|18|20|22|24|25)\\.(04|10)', 29 * MB, 'debian', [
    '/bin/bash',
  ]),
  shell(
    'library/debian',
    `latest|stable|testing|sid|(bookworm|bullseye|buster|trixie)(-slim)?|(10|11|12|13)(\\.\\d{1,2})?(-slim)?`,
    48 * MB,
    'debian',
    ['bash'],
  ),
  shell('library/centos', 'latest|6|7|8', 80 * MB, 'debian', ['/bin/bash']),
  shell('library/fedora', 'latest|3\\d|4\\d', 70 * MB, 'debian', ['/bin/bash']),
  shell('curlimages/curl', `latest|${VERSION}`, 9 * MB, 'busybox', ['curl'], ['curl']),
  shell('radial/busyboxplus', 'latest|curl|git', 4 * MB, 'busybox', ['sh'], ['curl']),
  shell('nicolaka/netshoot', 'latest|v0\\.\\d{1,2}', 180 * MB, 'debian', ['bash'], NETWORK_TOOLS),
  shell('tutum/dnsutils', 'latest', 50 * MB, 'debian', ['bash'], ['dig', 'host', 'nslookup']),
  {
    ...shell('dnsutils', '1\\.\\d', 100 * MB, 'debian', ['sleep', 'infinity'], ['dig', 'host', 'nslookup', 'ping']),
    repository: 'registry.k8s.io/e2e-test-images/jessie-dnsutils',
  },
  language('perl', 'stable|5', ['perl'], { perl: { kind: 'interpreter', language: 'perl' } }),
  language('python', '2|3', ['python3'], { python3: PYTHON, python: PYTHON }),
  language('node', '1[0-9]|2[0-9]|lts|current', ['node'], { node: OTHER, npm: OTHER }),
  language('golang', '1', ['bash'], { go: OTHER }),
  language('ruby', '2|3', ['irb'], { irb: OTHER, ruby: OTHER }),
  language('openjdk', '8|11|17|18|19|20|21|22', ['jshell'], { jshell: OTHER, java: OTHER }),
  language('php', '7|8', ['php', '-a'], { php: OTHER }),
  {
    repository: 'docker.io/library/hello-world',
    tags: 'latest|linux|nanoserver',
    layers: [{ id: 'hello-world', sizeBytes: 13_000 }],
    userland: 'none',
    cmd: ['/hello'],
    programs: {
      hello: {
        kind: 'once',
        output: ['', 'Hello from Docker!', 'This message shows that your installation appears to be working correctly.', ''],
      },
    },
  },
  // Answers AdmissionReviews by rules in its arguments; the program is in addons/admission-webhook.
  {
    repository: 'docker.io/kubarium/admission-webhook',
    tags: 'latest|v?\\d+(\\.\\d+)*',
    layers: [ALPINE, { id: 'kubarium/admission-webhook', sizeBytes: 6 * MB }],
    userland: 'busybox',
    entrypoint: ['/webhook'],
    ports: [8443],
  },
  {
    repository: 'docker.io/kubarium/eater',
    tags: 'latest|\\d+(\\.\\d+)*',
    layers: [ALPINE, { id: 'kubarium/eater', sizeBytes: 1 * MB }],
    userland: 'busybox',
    entrypoint: ['/eater'],
    programs: { eater: { kind: 'eater' } },
  },
  {
    repository: 'docker.io/kubarium/large',
    tags: 'latest|\\d+(\\.\\d+)*',
    layers: [{ id: 'kubarium/large:{tag}', sizeBytes: 900 * MB }],
    userland: 'busybox',
    ports: [80],
    entrypoint: ['/large'],
    programs: { large: { kind: 'server', listen: [{ port: 80, http: { routes: { '*': { body: 'large {tag}\n' } } } }] } },
  },
];
