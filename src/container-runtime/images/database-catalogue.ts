/** Databases, caches and brokers. */
import { ALPINE, DEBIAN } from './base-catalogue.ts';
import type { AnswerBehaviour, DatabaseBehaviour, ImageSpec, ServerBehaviour } from './image.ts';

const MB = 1_000_000;
const MIB = 1024 * 1024;

const REDIS: ServerBehaviour = {
  kind: 'server',
  memoryBytes: 8 * MIB,
  milliCpu: 2,
  listen: [{ port: 6379, portFlag: '--port', text: { PING: '+PONG', '*': '+OK' } }],
  startLog: [
    '1:C {time:redis} # oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo',
    '1:C {time:redis} # Redis version={tag}, bits=64, commit=00000000, modified=0, pid=1, just started',
    '1:M {time:redis} * Running mode=standalone, port=6379.',
    '1:M {time:redis} * Ready to accept connections tcp',
  ],
  stopLog: ['1:signal-handler Received SIGTERM scheduling shutdown...', '1:M {time:redis} # Redis is now ready to exit, bye bye...'],
};

const REDIS_CLI: AnswerBehaviour = {
  kind: 'answer',
  port: 6379,
  notListening: 'Could not connect to Redis at 127.0.0.1:6379: Connection refused',
  answers: { ping: 'PONG\n', PING: 'PONG\n', info: '# Server\r\nredis_version:{tag}\r\n# Replication\r\nrole:master\r\n', '*': 'OK\n' },
};

const redis = (repository: string, tags: string, startLog?: readonly string[]): ImageSpec => ({
  repository,
  tags,
  layers: [DEBIAN, { id: `${repository}:{tag}`, sizeBytes: 20 * MB }],
  userland: 'debian',
  entrypoint: ['docker-entrypoint.sh'],
  cmd: ['redis-server'],
  ports: [6379],
  workingDir: '/data',
  programs: {
    'docker-entrypoint.sh': startLog === undefined ? REDIS : { ...REDIS, startLog },
    'redis-server': startLog === undefined ? REDIS : { ...REDIS, startLog },
    'redis-cli': REDIS_CLI,
  },
});

const REPLICA_LOG = [
  ...(REDIS.startLog ?? []).slice(0, 3),
  '1:S {time:redis} * Ready to accept connections',
  '1:S {time:redis} * Connecting to MASTER redis-master:6379',
];

const MYSQL_MISSING = (entry: string, prefix: string): readonly string[] => [
  `{time:iso} [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified`,
  `    You need to specify one of the following as an environment variable:`,
  `    - ${prefix}_ROOT_PASSWORD`,
  `    - ${prefix}_ALLOW_EMPTY_${entry}PASSWORD`,
  `    - ${prefix}_RANDOM_ROOT_PASSWORD`,
];

const MYSQL: DatabaseBehaviour = {
  kind: 'database',
  dataDir: '/var/lib/mysql',
  marker: 'ibdata1',
  initMs: 6000,
  startupMs: 1500,
  stopMs: 1000,
  memoryBytes: 380 * MIB,
  milliCpu: 8,
  initLog: [
    '{time:iso} [Note] [Entrypoint]: Entrypoint script for MySQL Server started.',
    '{time:iso} [Note] [Entrypoint]: Initializing database files',
    '{time:iso} 0 [System] [MY-013169] [Server] /usr/sbin/mysqld (mysqld) initializing of server in progress as process 80',
  ],
  startLog: [
    '{time:iso} 0 [System] [MY-010116] [Server] /usr/sbin/mysqld (mysqld) starting as process 1',
    '{time:iso} 1 [System] [MY-013576] [InnoDB] InnoDB initialization has started.',
    '{time:iso} 1 [System] [MY-013577] [InnoDB] InnoDB initialization has ended.',
    "{time:iso} 0 [System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Version: '{tag}'  socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
  ],
  stopLog: ['{time:iso} 0 [System] [MY-010910] [Server] /usr/sbin/mysqld: Shutdown complete (mysqld)  MySQL Community Server - GPL.'],
  requiresEnv: {
    anyOf: ['MYSQL_ROOT_PASSWORD', 'MYSQL_ALLOW_EMPTY_PASSWORD', 'MYSQL_RANDOM_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD_FILE'],
    text: MYSQL_MISSING('', 'MYSQL'),
    exitCode: 1,
  },
  // Gone since MySQL 8.0; manifests of old tutorials still have it.
  unknownFlags: {
    tags: '(latest|lts|innovation|8|9).*',
    flags: ['--ignore-db-dir'],
    text: [
      '{time:iso} [ERROR] [Entrypoint]: mysqld failed while attempting to check config',
      "{time:iso} 0 [ERROR] [MY-000068] [Server] unknown option '{flag}'.",
      '{time:iso} 0 [ERROR] [MY-010119] [Server] Aborting',
    ],
    exitCode: 1,
  },
  listen: [{ port: 3306, portFlag: '--port', text: { '*': 'J\u0000\u0000\u0000\n{tag}' } }],
};

const MYSQL_TOOLS = {
  mysqladmin: {
    kind: 'answer',
    port: 3306,
    notListening: "mysqladmin: connect to server at 'localhost' failed",
    answers: { '*': 'mysqld is alive\n' },
  },
  mysql: {
    kind: 'answer',
    port: 3306,
    notListening: "ERROR 2002 (HY000): Can't connect to local MySQL server through socket '/var/run/mysqld/mysqld.sock' (2)",
    answers: { '*': '' },
  },
} as const;

const MARIADB: DatabaseBehaviour = {
  ...MYSQL,
  unknownFlags: { tags: '', flags: [], text: [], exitCode: 1 },
  memoryBytes: 100 * MIB,
  initMs: 4000,
  initLog: [
    '{time:iso} [Note] [Entrypoint]: Entrypoint script for MariaDB Server started.',
    '{time:iso} [Note] [Entrypoint]: Initializing database files',
  ],
  startLog: [
    '{time:iso} 0 [Note] Starting MariaDB {tag} source revision as process 1',
    '{time:iso} 0 [Note] mariadbd: ready for connections.',
    "Version: '{tag}-MariaDB'  socket: '/run/mysqld/mysqld.sock'  port: 3306  mariadb.org binary distribution",
  ],
  stopLog: ['{time:iso} 0 [Note] mariadbd: Shutdown complete'],
  requiresEnv: {
    anyOf: [
      'MARIADB_ROOT_PASSWORD',
      'MYSQL_ROOT_PASSWORD',
      'MARIADB_ALLOW_EMPTY_ROOT_PASSWORD',
      'MYSQL_ALLOW_EMPTY_PASSWORD',
      'MARIADB_RANDOM_ROOT_PASSWORD',
      'MYSQL_RANDOM_ROOT_PASSWORD',
      'MARIADB_ROOT_PASSWORD_HASH',
    ],
    text: [
      '{time:iso} [ERROR] [Entrypoint]: Database is uninitialized and password option is not specified',
      '\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD',
    ],
    exitCode: 1,
  },
};

const POSTGRES: DatabaseBehaviour = {
  kind: 'database',
  dataDir: '/var/lib/postgresql/data',
  marker: 'PG_VERSION',
  initMs: 1500,
  startupMs: 300,
  memoryBytes: 40 * MIB,
  milliCpu: 3,
  requiresEnv: {
    anyOf: ['POSTGRES_PASSWORD', 'POSTGRES_PASSWORD_FILE', 'POSTGRES_HOST_AUTH_METHOD'],
    text: [
      'Error: Database is uninitialized and superuser password is not specified.',
      '       You must specify POSTGRES_PASSWORD to a non-empty value for the',
      '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".',
      '',
      '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all',
      '       connections without a password. This is *not* recommended.',
      '',
      '       See PostgreSQL documentation about "trust":',
      '       https://www.postgresql.org/docs/current/auth-trust.html',
    ],
    exitCode: 1,
  },
  initLog: [
    'The files belonging to this database system will be owned by user "postgres".',
    'This user must also own the server process.',
    '',
    'fixing permissions on existing directory /var/lib/postgresql/data ... ok',
    'creating subdirectories ... ok',
    'running bootstrap script ... ok',
    'performing post-bootstrap initialization ... ok',
    'syncing data to disk ... ok',
    '',
    'PostgreSQL init process complete; ready for start up.',
    '',
  ],
  startLog: [
    '{time:postgres} [1] LOG:  starting PostgreSQL {tag} on x86_64-pc-linux-gnu',
    '{time:postgres} [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432',
    '{time:postgres} [1] LOG:  database system is ready to accept connections',
  ],
  stopLog: ['{time:postgres} [1] LOG:  received fast shutdown request', '{time:postgres} [1] LOG:  database system is shut down'],
  listen: [{ port: 5432, text: { '*': 'N' } }],
};

const CASSANDRA: ServerBehaviour = {
  kind: 'server',
  startupMs: 20_000,
  memoryBytes: 700 * MIB,
  milliCpu: 60,
  exitCode: 143,
  stopMs: 2000,
  listen: [
    { port: 9042, text: { '*': '' } },
    { port: 7000, text: { '*': '' } },
    { port: 7199, text: { '*': '' } },
  ],
  startLog: [
    'INFO  {time:iso} Starting listening for CQL clients on /0.0.0.0:9042 (unencrypted)...',
    'INFO  {time:iso} Startup complete',
    'INFO  {time:iso} Node /{ip} state jump to NORMAL',
  ],
};

const NODETOOL: AnswerBehaviour = {
  kind: 'answer',
  port: 7199,
  notListening: "nodetool: Failed to connect to '127.0.0.1:7199' - ConnectException: 'Connection refused (Connection refused)'.",
  answers: {
    status:
      'Datacenter: DC1-K8Demo\n======================\nStatus=Up/Down\n|/ State=Normal/Leaving/Joining/Moving\n--  Address      Load       Tokens       Owns (effective)  Host ID                               Rack\nUN  {ip}   104.55 KiB  32           100.0%            00000000-0000-4000-8000-000000000001  Rack1-K8Demo\n',
    drain: '',
    '*': '',
  },
};

const READY_PROBE = `#!/bin/sh
if [ $(nodetool status | grep $POD_IP | cut -d ' ' -f 1) = "UN" ]; then
  exit 0
fi
exit 1
`;

const plain = (
  name: string,
  tags: string,
  port: number,
  command: string,
  more: { sizeMb: number; log: string; memoryMib: number; startupMs?: number; http?: string },
): ImageSpec => ({
  repository: `docker.io/library/${name}`,
  tags,
  layers: [DEBIAN, { id: `${name}:{tag}`, sizeBytes: more.sizeMb * MB }],
  userland: 'debian',
  cmd: [command],
  ports: [port],
  programs: {
    [command]: {
      kind: 'server',
      startupMs: more.startupMs ?? 200,
      memoryBytes: more.memoryMib * MIB,
      startLog: [more.log],
      listen: [
        {
          port,
          text: { '*': 'OK' },
          ...(more.http === undefined ? {} : { http: { routes: { '*': { body: more.http, contentType: 'application/json' } } } }),
        },
      ],
    },
  },
});

const NUMBERS = '\\d{1,2}(\\.\\d{1,2}){0,2}';

/** Databases and the like. */
export const DATABASE_IMAGES: readonly ImageSpec[] = [
  redis('docker.io/library/redis', `(latest|[2-8](\\.\\d{1,2}){0,2})(-(alpine|bookworm|bullseye|alpine3\\.\\d{1,2}))?|alpine|bookworm`),
  redis('registry.k8s.io/redis', 'e2e|v1'),
  redis('docker.io/valkey/valkey', `latest|alpine|${NUMBERS}(-alpine)?`),
  redis('gcr.io/google_samples/gb-redisslave', 'v[1-3]', REPLICA_LOG),
  redis('gcr.io/google-samples/gb-redisslave', 'v[1-3]', REPLICA_LOG),
  redis('gcr.io/google_samples/gb-redis-follower', 'v[12]', REPLICA_LOG),
  redis('registry.k8s.io/redis-slave', 'v[1-3]', REPLICA_LOG),
  {
    repository: 'docker.io/library/mysql',
    tags: `latest|lts|innovation|(5|8|9)(\\.\\d{1,2}){0,2}(-(debian|oracle|oraclelinux[89]))?`,
    layers: [
      { id: 'oraclelinux', sizeBytes: 48 * MB },
      { id: 'mysql:{tag}', sizeBytes: 120 * MB },
    ],
    userland: 'debian',
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mysqld'],
    ports: [3306],
    programs: { 'docker-entrypoint.sh': MYSQL, mysqld: MYSQL, ...MYSQL_TOOLS },
  },
  {
    repository: 'docker.io/library/mariadb',
    tags: `latest|lts|(10|11|12)(\\.\\d{1,2}){0,2}(-(jammy|noble|focal|ubi))?`,
    layers: [
      { id: 'ubuntu', sizeBytes: 29 * MB },
      { id: 'mariadb:{tag}', sizeBytes: 90 * MB },
    ],
    userland: 'debian',
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mariadbd'],
    ports: [3306],
    programs: { 'docker-entrypoint.sh': MARIADB, mariadbd: MARIADB, mysqld: MARIADB, ...MYSQL_TOOLS, mariadb: MYSQL_TOOLS.mysql },
  },
  {
    repository: 'docker.io/library/postgres',
    tags: `(latest|9(\\.\\d)?(\\.\\d{1,2})?|1[0-8](\\.\\d{1,2})?)(-(alpine|bookworm|bullseye|alpine3\\.\\d{1,2}))?|alpine|bookworm`,
    layers: [ALPINE, { id: 'postgres:{tag}', sizeBytes: 95 * MB }],
    userland: 'debian',
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres'],
    ports: [5432],
    stopSignal: 'SIGINT',
    programs: {
      'docker-entrypoint.sh': POSTGRES,
      postgres: POSTGRES,
      pg_isready: {
        kind: 'answer',
        port: 5432,
        notListening: '/var/run/postgresql:5432 - no response',
        answers: { '*': '/var/run/postgresql:5432 - accepting connections\n' },
      },
      psql: {
        kind: 'answer',
        port: 5432,
        notListening: 'psql: error: connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: No such file or directory',
        answers: { '*': '' },
      },
    },
  },
  {
    repository: 'gcr.io/google-samples/cassandra',
    tags: 'v1[0-5]',
    layers: [DEBIAN, { id: 'cassandra:{tag}', sizeBytes: 90 * MB }],
    userland: 'debian',
    cmd: ['/usr/bin/dumb-init', '/bin/bash', '/run.sh'],
    ports: [7000, 7001, 7199, 9042],
    programs: {
      'dumb-init': CASSANDRA,
      'run.sh': CASSANDRA,
      nodetool: NODETOOL,
      cqlsh: {
        kind: 'answer',
        port: 9042,
        notListening:
          "Connection error: ('Unable to connect to any servers', {'127.0.0.1': error(111, \"Tried connecting. Last error: Connection refused\")})",
        answers: { '*': '' },
      },
    },
    files: { '/ready-probe.sh': READY_PROBE },
  },
  plain('mongo', `latest|[3-8](\\.\\d{1,2}){0,2}(-(jammy|focal|noble))?`, 27017, 'mongod', {
    sizeMb: 250,
    memoryMib: 120,
    startupMs: 800,
    log: '{"t":{"$date":"{time:iso}"},"s":"I","c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections","attr":{"port":27017,"ssl":"off"}}',
  }),
  plain('memcached', `(latest|1(\\.\\d{1,2}){0,2})(-(alpine|bookworm))?|alpine`, 11211, 'memcached', { sizeMb: 5, memoryMib: 4, log: '' }),
  plain('rabbitmq', `(latest|management|[34](\\.\\d{1,2}){0,2})(-(management|alpine|management-alpine))?|alpine`, 5672, 'rabbitmq-server', {
    sizeMb: 100,
    memoryMib: 140,
    startupMs: 6000,
    log: ' completed with 4 plugins.',
  }),
  plain('elasticsearch', `[78]\\.\\d{1,2}\\.\\d{1,2}`, 9200, 'elasticsearch', {
    sizeMb: 600,
    memoryMib: 1400,
    startupMs: 15_000,
    log: '{"@timestamp":"{time:iso}", "log.level": "INFO", "message":"started"}',
    http: '{\n  "name" : "{hostname}",\n  "cluster_name" : "docker-cluster",\n  "tagline" : "You Know, for Search"\n}\n',
  }),
  plain('zookeeper', `latest|3(\\.\\d{1,2}){0,2}`, 2181, 'zkServer.sh', {
    sizeMb: 110,
    memoryMib: 80,
    startupMs: 1500,
    log: '{time:iso} [myid:] - INFO  [main:NIOServerCnxnFactory@660] - binding to port 0.0.0.0/0.0.0.0:2181',
  }),
  plain('cassandra', `latest|[345](\\.\\d{1,2}){0,2}`, 9042, 'cassandra', {
    sizeMb: 160,
    memoryMib: 700,
    startupMs: 20_000,
    log: 'INFO  [main] {time:iso} Startup complete',
  }),
];
