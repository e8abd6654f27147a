/**
 * The API's speed: `node bench/api.ts`, or as part of `npm run bench`. Pod creates through the whole pipeline, lists, watchers, RBAC.
 * Prints JSON, one figure a name.
 */
import { PodResource } from '../src/api/core/pod.ts';
import { ClusterRoleBindingResource } from '../src/api/rbac/cluster-role-binding.ts';
import { ConfigMapResource } from '../src/api/core/config-map.ts';
import type { ClusterRoleBinding, Pod } from '../src/api/generated/types.ts';
import type { ApiRequest, UserInfo } from '../src/api/request.ts';
import { ServiceAccountResource } from '../src/api/core/service-account.ts';
import { NamespaceResource } from '../src/api/core/namespace.ts';
import { reconcileRoles, newApiServer } from '../src/cluster/api-server.ts';
import { Client } from '../src/client/client.ts';
import type { Sent } from '../src/client/client.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import { Etcd } from '../src/etcd/etcd.ts';
import type { KubernetesObject } from '../src/apimachinery/meta.ts';
import { serve } from '../src/headless/server.ts';
import { Simulation } from '../src/sim/simulation.ts';
import { report } from './lib.ts';
import { installExtras } from '../src/cluster/extras.ts';

installExtras();

const ADMIN: UserInfo = { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] };
/** Every request as from outside: authorized, decoded, with managed fields. */
const OUTSIDE = { external: true, userAgent: 'bench' };

/** Time of this thread, ms: other processes on the machine do not count. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** A server as a cluster has it, without anybody who acts. */
function newServer() {
  const sim = new Simulation({ seed: 1 });
  const etcd = new Etcd<KubernetesObject>();
  const server = newApiServer({ sim, etcd, authorizeComponents: true });
  const client = new Client(server, { ...ADMIN, groups: ['system:masters'] }, 'bench');
  for (const name of ['default', 'kube-system', 'kube-public']) client.create(NamespaceResource, { metadata: { name } });
  client.create(ServiceAccountResource, { metadata: { namespace: 'default', name: 'default' } });
  reconcileRoles(server);
  client.create(ClusterRoleBindingResource, binding('kubeadm:cluster-admins', 'cluster-admin', 'Group', 'kubeadm:cluster-admins'));
  return { sim, etcd, server, client };
}

function binding(name: string, role: string, kind: 'Group' | 'User', subject: string): Sent<ClusterRoleBinding> {
  const apiGroup = 'rbac.authorization.k8s.io';
  return {
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup, kind, name: subject }],
  } as Sent<ClusterRoleBinding>;
}

const pod = (name: string): Sent<Pod> =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web', tier: 'front' } },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'nginx:1.25',
          ports: [{ containerPort: 80 }],
          resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '128Mi' } },
        },
      ],
    },
  }) as Sent<Pod>;

const create = (body: object): ApiRequest => ({
  verb: 'create',
  group: '',
  version: 'v1',
  resource: 'pods',
  namespace: 'default',
  body,
  user: ADMIN,
  ...OUTSIDE,
});

/** Pod creates a second of the thread's time: bodies as they come from outside, no two of them alike, median of rounds. */
function creates(): number {
  const { server } = newServer();
  const rounds: number[] = [];
  for (let round = 0; round < 15; round++) {
    const bodies = Array.from({ length: 2000 }, (_, index) => pod(`p-${round}-${index}`));
    const start = threadMs();
    for (const body of bodies) server.request(create(body));
    rounds.push((bodies.length / (threadMs() - start)) * 1000);
  }
  return median(rounds);
}

function listInProcess(): number {
  const { server, client } = newServer();
  for (let index = 0; index < 10_000; index++) client.create(PodResource, pod(`p${index}`));
  const list: ApiRequest = { verb: 'list', group: '', version: 'v1', resource: 'pods', user: ADMIN, ...OUTSIDE };
  const rounds = Array.from({ length: 5 }, () => {
    const start = threadMs();
    for (let index = 0; index < 40; index++) server.request(list);
    return (threadMs() - start) / 40;
  });
  return median(rounds);
}

async function tableOverHttp(): Promise<number> {
  const cluster = new Cluster({ seed: 1, layout: { workers: 0 } });
  const client = cluster.client('bench');
  client.create(NamespaceResource, { metadata: { name: 'default' } });
  client.create(ServiceAccountResource, { metadata: { namespace: 'default', name: 'default' } });
  for (let index = 0; index < 10_000; index++) client.create(PodResource, pod(`p${index}`));
  const { port, close } = await serve(cluster, 0, () => undefined);
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/pods`, {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', 'Accept-Encoding': 'identity' },
    });
    await answer.text();
    times.push(performance.now() - start);
  }
  close();
  return median(times);
}

/** Share of a core, in percent, that 1,000 watchers of everything with 1,000 events a second cost. */
function watchers(): number {
  const { server, client, sim } = newServer();
  let delivered = 0;
  for (let index = 0; index < 1000; index++)
    server.watch(
      {
        group: '',
        version: 'v1',
        resource: 'configmaps',
        options: { resourceVersion: '' },
        user: ADMIN,
        userAgent: `w${index}`,
        observer: true,
      },
      { events: (batch) => void (delivered += batch.length), closed: () => undefined },
    );
  const write = (index: number) => client.create(ConfigMapResource, { metadata: { namespace: 'default', name: `c${index}` } });
  for (let index = 0; index < 500; index++) write(index);
  const before = delivered;
  const start = threadMs();
  for (let index = 500; index < 1500; index++) write(index);
  sim.runUntil(sim.now + 1);
  const took = threadMs() - start;
  if (delivered - before !== 1_000_000) throw new Error(`${delivered - before} events were delivered`);
  return took / 10;
}

/** What RBAC adds to a request, µs, with 1,000 bindings: for a user's first question and for the same one again. */
function rbac(): { again: number; first: number } {
  const { server, client } = newServer();
  for (let index = 0; index < 1000; index++)
    client.create(ClusterRoleBindingResource, binding(`b${index}`, 'system:aggregate-to-view', 'User', `user-${index}`));
  const ask = (user: UserInfo, name: string) =>
    server.authorize({ group: '', version: 'v1', resource: 'pods', namespace: 'default', name, user, userAgent: '' }, 'get');
  const user = (index: number): UserInfo => ({ name: `user-${index % 1000}`, groups: ['system:authenticated'] });
  const perRequest = (count: number, run: (index: number) => void) => {
    for (let index = 0; index < 20_000; index++) run(index);
    const start = threadMs();
    for (let index = 0; index < count; index++) run(index);
    return ((threadMs() - start) / count) * 1000;
  };
  const known = user(1);
  return { again: perRequest(200_000, () => ask(known, 'a')), first: perRequest(100_000, (index) => ask(user(index), `p${index}`)) };
}

const [, , only = ''] = process.argv;
const wanted = (name: string) => only === '' || only === name;
const figures: Record<string, number> = {};
if (wanted('creates')) figures['createsPerSecond'] = creates();
if (wanted('list')) figures['listMs'] = listInProcess();
if (wanted('table')) figures['tableMs'] = await tableOverHttp();
if (wanted('watchers')) figures['watchersCorePercent'] = watchers();
if (wanted('rbac')) {
  const { again, first } = rbac();
  figures['rbacAgainUs'] = again;
  figures['rbacFirstUs'] = first;
}
report(figures);
