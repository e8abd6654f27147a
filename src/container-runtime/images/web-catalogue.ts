/** Web servers and the small applications of tutorials. */
import { ALPINE, DEBIAN } from './base-catalogue.ts';
import type { ImageSpec, RouteSpec, ServerBehaviour } from './image.ts';

const MB = 1_000_000;
const MIB = 1024 * 1024;

const NGINX_INDEX = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>
</body>
</html>
`;

const nginxNotFound = (): string =>
  [
    '<html>',
    '<head><title>404 Not Found</title></head>',
    '<body>',
    '<center><h1>404 Not Found</h1></center>',
    '<hr><center>nginx/{env:NGINX_VERSION}</center>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n');

const NGINX: ServerBehaviour = {
  kind: 'server',
  startupMs: 150,
  memoryBytes: 5 * MIB,
  milliCpu: 1,
  cpuMsPerRequest: 0.3,
  accessLog: true,
  listen: [{ port: 80, http: { root: '/usr/share/nginx/html', notFound: nginxNotFound() } }],
  startLog: [
    '/docker-entrypoint.sh: /docker-entrypoint.d/ is not empty, will attempt to perform configuration',
    '/docker-entrypoint.sh: Looking for shell scripts in /docker-entrypoint.d/',
    '/docker-entrypoint.sh: Launching /docker-entrypoint.d/10-listen-on-ipv6-by-default.sh',
    '/docker-entrypoint.sh: Launching /docker-entrypoint.d/20-envsubst-on-templates.sh',
    '/docker-entrypoint.sh: Launching /docker-entrypoint.d/30-tune-worker-processes.sh',
    '/docker-entrypoint.sh: Configuration complete; ready for start up',
    '{time:nginx} [notice] 1#1: using the "epoll" event method',
    '{time:nginx} [notice] 1#1: nginx/{tag}',
    '{time:nginx} [notice] 1#1: start worker processes',
  ],
};

/** A small web application: one program, one port, fixed answers. */
function app(
  repository: string,
  tags: string,
  port: number,
  routes: Readonly<Record<string, RouteSpec>>,
  more: Partial<ServerBehaviour> & { log?: readonly string[]; sizeMb?: number } = {},
): ImageSpec {
  const { log, sizeMb = 20, ...behaviour } = more;
  return {
    repository,
    tags,
    layers: [ALPINE, { id: `${repository}:{tag}`, sizeBytes: sizeMb * MB }],
    userland: 'busybox',
    ports: [port],
    entrypoint: ['/server'],
    programs: {
      server: {
        kind: 'server',
        listen: [{ port, portEnv: 'PORT', http: { routes, contentType: 'text/plain' } }],
        ...(log ? { startLog: log } : {}),
        ...behaviour,
      },
    },
  };
}

const page = (title: string, body: string): RouteSpec => ({
  contentType: 'text/html',
  body: `<!DOCTYPE html>\n<html>\n<head><title>${title}</title></head>\n<body>\n${body}\n</body>\n</html>\n`,
});

const AGNHOST_NETEXEC: ServerBehaviour = {
  kind: 'server',
  startLog: [
    'I{time:klog}       1 log.go:245] Started HTTP server on port 8080',
    'I{time:klog}       1 log.go:245] Started UDP server on port  8081',
  ],
  listen: [
    {
      port: 8080,
      portFlag: '--http-port',
      http: {
        contentType: 'text/plain; charset=utf-8',
        routes: {
          '/': { body: 'NOW: {time:iso}' },
          '/hostname': { body: '{hostname}' },
          '/hostName': { body: '{hostname}' },
          '/clientip': { body: '{clientIp}:{clientPort}' },
          '/echo': { body: '{query:msg}', status: 200 },
          '/healthz': { body: '' },
          '/readyz': { body: '' },
          '/exit': { body: '', exits: true },
        },
      },
    },
    { port: 8081, protocol: 'UDP', portFlag: '--udp-port', text: { hostname: '{hostname}', '*': '' } },
  ],
};

/** Web servers and applications. */
export const WEB_IMAGES: readonly ImageSpec[] = [
  {
    repository: 'docker.io/library/nginx',
    tags: '(latest|stable|mainline|1|1\\.(7\\.9|(9|1[0-9]|2[0-9])(\\.\\d{1,2})?))(-(alpine|perl|otel|bookworm|bullseye|buster|slim|alpine-slim|alpine-perl))?|alpine|perl|bookworm|alpine-slim',
    layers: [DEBIAN, { id: 'nginx:{tag}', sizeBytes: 42 * MB }],
    userland: 'debian',
    entrypoint: ['/docker-entrypoint.sh'],
    cmd: ['nginx', '-g', 'daemon off;'],
    env: { NGINX_VERSION: '{tag}' },
    ports: [80],
    stopSignal: 'SIGQUIT',
    programs: { nginx: NGINX, 'docker-entrypoint.sh': NGINX },
    files: {
      '/usr/share/nginx/html/index.html': NGINX_INDEX,
      '/usr/share/nginx/html/50x.html':
        '<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n</head>\n<body>\n<h1>An error occurred.</h1>\n</body>\n</html>\n',
      '/etc/nginx/nginx.conf':
        'user  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /var/run/nginx.pid;\n',
      '/etc/nginx/conf.d/default.conf':
        'server {\n    listen       80;\n    server_name  localhost;\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n',
    },
  },
  {
    repository: 'docker.io/library/httpd',
    tags: '(latest|2|2\\.(2|4)(\\.\\d{1,2})?)(-(alpine|bookworm|bullseye))?|alpine|bookworm',
    layers: [DEBIAN, { id: 'httpd:{tag}', sizeBytes: 30 * MB }],
    userland: 'debian',
    cmd: ['httpd-foreground'],
    env: { HTTPD_PREFIX: '/usr/local/apache2' },
    ports: [80],
    stopSignal: 'SIGWINCH',
    programs: {
      'httpd-foreground': {
        kind: 'server',
        memoryBytes: 7 * MIB,
        accessLog: true,
        listen: [
          {
            port: 80,
            http: {
              root: '/usr/local/apache2/htdocs',
              notFound:
                '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n',
            },
          },
        ],
        startLog: [
          "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using {ip}. Set the 'ServerName' directive globally to suppress this message",
          "[{time:apache}] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'",
        ],
      },
    },
    files: { '/usr/local/apache2/htdocs/index.html': '<html><body><h1>It works!</h1></body></html>\n' },
  },
  app(
    'gcr.io/google-samples/hello-app',
    '1\\.0|2\\.0',
    8080,
    { '*': { body: 'Hello, world!\nVersion: {tag}.0\nHostname: {hostname}\n' } },
    { log: ['{time:nginx} Server listening on port 8080'], exitCode: 143 },
  ),
  app(
    'gcr.io/google-samples/kubernetes-bootcamp',
    'v1|v2',
    8080,
    { '*': { body: 'Hello Kubernetes bootcamp! | Running on: {hostname} | v={tag}\n' } },
    { log: ['Kubernetes Bootcamp App Started At: {time:iso} | Running On:  {hostname}'], sizeMb: 80 },
  ),
  app(
    'docker.io/jocatalin/kubernetes-bootcamp',
    'v1|v2',
    8080,
    { '*': { body: 'Hello Kubernetes bootcamp! | Running on: {hostname} | v={tag}\n' } },
    { log: ['Kubernetes Bootcamp App Started At: {time:iso} | Running On:  {hostname}'], sizeMb: 80 },
  ),
  app(
    'registry.k8s.io/echoserver',
    '1\\.\\d{1,2}',
    8080,
    {
      '*': {
        body: '\n\nHostname: {hostname}\n\nPod Information:\n\t-no pod information available-\n\nRequest Information:\n\tclient_address={clientIp}\n\tmethod={method}\n\treal path={path}\n\nRequest Body:\n\t-no body in request-\n',
      },
    },
    { sizeMb: 45 },
  ),
  app(
    'registry.k8s.io/e2e-test-images/echoserver',
    '2\\.\\d{1,2}',
    8080,
    { '*': { body: 'Hostname: {hostname}\n\nRequest Information:\n\tclient_address={clientIp}\n\tmethod={method}\n\treal path={path}\n' } },
    { sizeMb: 45 },
  ),
  app('registry.k8s.io/serve_hostname', 'v?1\\.\\d', 9376, { '*': { body: '{hostname}' } }),
  app('registry.k8s.io/hpa-example', 'latest', 80, { '*': { body: 'OK!', delayMs: 50 } }, { sizeMb: 180, cpuMsPerRequest: 30 }),
  app(
    'docker.io/traefik/whoami',
    'latest|v1\\.\\d{1,2}(\\.\\d{1,2})?',
    80,
    { '*': { body: 'Hostname: {hostname}\nIP: {ip}\nRemoteAddr: {clientIp}:{clientPort}\n{method} {path} HTTP/1.1\nHost: {host}\n' } },
    { log: ['{time:nginx} Starting up on port 80'] },
  ),
  app('docker.io/hashicorp/http-echo', 'latest|\\d\\.\\d(\\.\\d)?', 5678, { '*': { body: 'hello-world\n' } }),
  app(
    'docker.io/paulbouwer/hello-kubernetes',
    '\\d(\\.\\d{1,2}){0,2}',
    8080,
    { '*': page('Hello Kubernetes!', '<h1>Hello world!</h1>\n<p>pod: {hostname}</p>') },
    { sizeMb: 40 },
  ),
  {
    repository: 'registry.k8s.io/e2e-test-images/agnhost',
    tags: '2\\.\\d{1,2}(\\.\\d{1,2})?',
    layers: [ALPINE, { id: 'agnhost:{tag}', sizeBytes: 50 * MB }],
    userland: 'busybox',
    tools: ['curl', 'dig', 'host', 'nslookup'],
    entrypoint: ['/agnhost'],
    cmd: ['pause'],
    programs: {
      agnhost: {
        kind: 'subcommand',
        of: {
          netexec: AGNHOST_NETEXEC,
          // Healthy for ten seconds: the liveness task of the documentation.
          liveness: {
            kind: 'server',
            listen: [
              {
                port: 8080,
                http: { contentType: 'text/plain', routes: { '/healthz': { body: 'ok', later: { afterMs: 10_000, status: 500 } } } },
              },
            ],
          },
          'serve-hostname': {
            kind: 'server',
            listen: [{ port: 9376, portFlag: '--port', http: { routes: { '*': { body: '{hostname}' } } } }],
          },
          'grpc-health-checking': {
            kind: 'server',
            listen: [
              { port: 5000, portFlag: '--port', grpcHealth: true },
              { port: 8080, portFlag: '--http-port', http: { routes: { '*': { body: '' } } } },
            ],
          },
        },
        otherwise: { kind: 'server', listen: [], startLog: ['Paused'] },
      },
    },
  },
  {
    repository: 'docker.io/library/wordpress',
    tags: '(latest|php8\\.\\d|apache|fpm|cli|[4-6](\\.\\d{1,2}){0,2})(-(php[78]\\.\\d-)?(apache|fpm|fpm-alpine|php[78]\\.\\d))?',
    layers: [DEBIAN, { id: 'wordpress:{tag}', sizeBytes: 210 * MB }],
    userland: 'debian',
    cmd: ['apache2-foreground'],
    ports: [80],
    stopSignal: 'SIGWINCH',
    programs: {
      'apache2-foreground': {
        kind: 'server',
        startupMs: 1500,
        memoryBytes: 60 * MIB,
        accessLog: true,
        listen: [
          {
            port: 80,
            http: {
              routes: {
                '/': page('WordPress &rsaquo; Installation', '<h1>Welcome</h1>'),
                '/wp-admin/install.php': page('WordPress &rsaquo; Installation', '<h1>Welcome</h1>'),
              },
            },
          },
        ],
        startLog: [
          'WordPress not found in /var/www/html - copying now...',
          'Complete! WordPress has been successfully copied to /var/www/html',
          "[{time:apache}] [core:notice] [pid 1] AH00094: Command line: 'apache2 -D FOREGROUND'",
        ],
      },
    },
  },
  app(
    'docker.io/dockersamples/examplevotingapp_vote',
    'latest|before|after|v1|v2',
    80,
    { '/': page('Cats vs Dogs!', '<h3>Cats vs Dogs!</h3>\n<div id="hostname">Processed by container ID {hostname}</div>') },
    {
      log: ['[{time:postgres}] [1] [INFO] Starting gunicorn 22.0.0', '[{time:postgres}] [1] [INFO] Listening at: http://0.0.0.0:80 (1)'],
      sizeMb: 50,
      startupMs: 800,
    },
  ),
  app(
    'docker.io/dockersamples/examplevotingapp_result',
    'latest|before|after|v1|v2',
    80,
    { '/': page('Cats vs Dogs -- Result', '<div id="result">No votes yet</div>') },
    { log: ['{time:iso} App running on port 80'], sizeMb: 80, startupMs: 800 },
  ),
  {
    repository: 'docker.io/dockersamples/examplevotingapp_worker',
    tags: 'latest|dotnet|v1|v2',
    layers: [DEBIAN, { id: 'examplevotingapp_worker:{tag}', sizeBytes: 80 * MB }],
    userland: 'debian',
    cmd: ['dotnet', 'Worker.dll'],
    programs: {
      dotnet: {
        kind: 'worker',
        retryMs: 1000,
        memoryBytes: 40 * MIB,
        connects: [
          { host: 'db', port: 5432, waiting: 'Waiting for db', connected: 'Connected to db' },
          { host: 'redis', port: 6379, waiting: 'Waiting for redis', connected: 'Found redis\nConnecting to redis' },
        ],
      },
    },
  },
  ...['gcr.io/google-samples', 'gcr.io/google_samples', 'us-docker.pkg.dev/google-samples/containers/gke'].map((registry) =>
    app(
      `${registry}/gb-frontend`,
      'v[1-6]',
      80,
      { '/': page('Guestbook', '<h2>Guestbook</h2>'), '/guestbook.php': { body: '{"data": ""}', contentType: 'application/json' } },
      { log: ["[{time:apache}] [core:notice] [pid 1] AH00094: Command line: 'apache2 -D FOREGROUND'"], sizeMb: 160, startupMs: 500 },
    ),
  ),
  app(
    'registry.k8s.io/guestbook',
    'v[1-3]',
    3000,
    {
      '/': page('Guestbook', '<h1>Guestbook</h1>'),
      '/info': { body: 'redis-master:6379' },
      '/env': { body: '{\n    "HOSTNAME": "{hostname}"\n}' },
    },
    { log: ['[negroni] listening on :3000'] },
  ),
];
