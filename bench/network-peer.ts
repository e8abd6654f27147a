/** The peer, @ngrok/webernetes, with requests of a pod to a Service: as many a second as its simulation makes, by DNS name and by cluster address. */
import { BaseImage, Cluster } from '@ngrok/webernetes';
import { report, settle } from './lib.ts';

const REQUESTS = 10_000;
const ROUNDS = 5;

interface Context {
  listenHttp(port: number, handler: () => Promise<object>): void;
  waitUntilKilled(): Promise<number>;
  fetch(url: string): Promise<{ status: number }>;
}

class Server extends BaseImage {
  static readonly imageName = 'server';
  static readonly imageVersion = '1.0';
  readonly defaultCommand = ['server'];

  override async exec(context: Context): Promise<number> {
    context.listenHttp(80, () => Promise.resolve({ status: 200, body: 'ok' }));
    return context.waitUntilKilled();
  }
}

const client: { context?: Context } = {};

class Client extends BaseImage {
  static readonly imageName = 'client';
  static readonly imageVersion = '1.0';
  readonly defaultCommand = ['client'];

  override async exec(context: Context): Promise<number> {
    client.context = context;
    return context.waitUntilKilled();
  }
}

async function waitFor(done: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const limit = performance.now() + 30_000;
  while (!(await done())) {
    if (performance.now() > limit) throw new Error(`no ${what} after 60 s`);
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

function threadMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function perSecond(url: string): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = threadMs();
    for (let index = 0; index < REQUESTS; index++) {
      const response = await client.context?.fetch(url);
      if (response?.status !== 200) throw new Error(`status ${response?.status}`);
    }
    rates.push(REQUESTS / ((threadMs() - start) / 1000));
    await settle();
  }
  return rates.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? NaN;
}

const cluster = new Cluster({ nodes: 3 });
cluster.registerImage(Server as never);
cluster.registerImage(Client as never);
await cluster.init();
const labels = { app: 'web' };
const pod = (name: string, image: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: image === 'server' ? 'web' : 'client' } },
  spec: { containers: [{ name: 'c', image: `${image}:1.0`, ports: [{ containerPort: 80 }] }] },
});
await cluster.apply([
  pod('web-1', 'server'),
  pod('web-2', 'server'),
  pod('client', 'client'),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: labels, ports: [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 80 }] },
  },
] as never);
await waitFor(() => client.context !== undefined, 'client');
await waitFor(async () => {
  try {
    return (await client.context?.fetch('http://web.default.svc.cluster.local/'))?.status === 200;
  } catch {
    return false;
  }
}, 'answer');
const service = (await cluster.api.corev1.readNamespacedService({ namespace: 'default', name: 'web' })) as {
  spec?: { clusterIP?: string };
};
report({
  byNamePerSecond: await perSecond('http://web.default.svc.cluster.local/'),
  byAddressPerSecond: await perSecond(`http://${service.spec?.clusterIP ?? ''}/`),
});
process.exit(0);
