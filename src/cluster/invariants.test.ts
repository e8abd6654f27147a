/**
 * Random users and random faults on many clusters; when all has settled, nothing may be wrong. A failure names the seed;
 * KUBARIUM_SEED=<seed> runs that one alone.
 */
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { StatusError } from '../apimachinery/status.ts';
import { ALL_RESOURCES } from '../api/index.ts';
import { Random } from '../sim/random.ts';
import { InformerFactory } from '../client/informer.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { StatefulSetResource } from '../api/apps/stateful-set.ts';
import { JobResource } from '../api/batch/job.ts';
import { FaultResource } from '../api/kubarium/fault.ts';
import type { Fault } from '../api/kubarium/fault.ts';
import { PodResource } from '../api/core/pod.ts';
import { ServiceResource } from '../api/core/service.ts';
import type { Informer } from '../client/informer.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { Sent } from '../client/client.ts';
import { keyOf } from '../apimachinery/meta.ts';
import { stateHash } from './state-hash.ts';
import type { Cluster } from './cluster.ts';
import { reloaded } from './testing/reload.ts';
import { violations } from './testing/invariants.ts';
import { User } from './testing/user.ts';

const SEEDS =
  env['KUBARIUM_SEED'] === undefined ? Array.from({ length: 20 }, (_unused, index) => index + 1) : [Number(env['KUBARIUM_SEED'])];
const ACTIONS = 21;
const WATCHED = ['pods', 'deployments', 'replicasets', 'nodes', 'endpointslices', 'persistentvolumeclaims', 'events'];
const IMAGES = ['nginx:1.25', 'nginx:1.27', 'busybox:1.36', 'nginx:1.25-typo', 'redis:7.2'];

const named = (name: string) => ({ namespace: 'default', name });

/** A user who does not know what they want. */
class RandomUser extends User {
  readonly watching: Informer<KubernetesObject>[];
  readonly #random: Random;
  #faults = 0;

  constructor(start: number | Cluster) {
    super(typeof start === 'number' ? { seed: start } : start);
    this.#random = new Random(`user ${this.cluster.sim.seed} ${this.cluster.etcd.revision}`);
    const informers = new InformerFactory(new TaskScope(this.cluster.sim, 'inspector'), this.cluster.client('inspector'));
    this.watching = ALL_RESOURCES.filter(({ plural }) => WATCHED.includes(plural)).map((resource) => informers.informer(resource));
    informers.start();
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)] as T;
  }

  /** One act. Requests may be refused: that is the API's business. */
  act(): void {
    const { client } = this;
    const app = this.#pick(['a', 'b', 'c']);
    const replicas = this.#random.int(6);
    const image = this.#pick(IMAGES);
    const acts = [
      () => this.apply(workload('Deployment', app, replicas, image)),
      () => this.apply(workload('Deployment', app, replicas, image)),
      () => this.apply(workload('StatefulSet', app, replicas % 4, this.#pick(['nginx:1.25', 'redis:7.2']))),
      () => this.apply(job(`job-${app}`, replicas + 1, this.#pick(['exit 0', 'sleep 3', 'exit 1']))),
      () => this.apply(`{apiVersion: v1, kind: Service, metadata: {name: ${app}}, spec: {selector: {app: ${app}}, ports: [{port: 80}]}}`),
      () => client.patch(DeploymentResource, named(app), 'merge', { spec: { replicas } }),
      () =>
        client.patch(DeploymentResource, named(app), 'strategic', { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } }),
      () => client.patch(StatefulSetResource, named(`${app}-set`), 'merge', { spec: { replicas: replicas % 4 } }),
      () =>
        client.delete(this.#pick([DeploymentResource, ServiceResource]), named(app), {
          propagationPolicy: this.#pick(['Foreground', 'Background']),
        }),
      () => client.delete(JobResource, named(`job-${app}`), { propagationPolicy: 'Background' }),
      () => client.delete(StatefulSetResource, named(`${app}-set`)),
      () => this.#podAct((key) => client.delete(PodResource, key)),
      () => this.#podAct((key) => client.delete(PodResource, key, { gracePeriodSeconds: 0 })),
      () =>
        this.#podAct((key) =>
          client.createSubresource(PodResource, key, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: key }),
        ),
      () => this.#podAct(({ name }) => this.#fault({ kind: 'ProcessExit', pod: { name }, signal: 9 })),
      () => this.#fault({ kind: 'NodeDown', node: this.#pick(['node-1', 'node-2', 'node-3']), to: `${this.#random.int(400) + 5}s` }),
      () =>
        this.#fault({
          kind: 'ComponentStopped',
          components: [this.#pick(['kube-controller-manager', 'kube-scheduler', 'kube-apiserver'])],
          to: `${this.#random.int(40) + 1}s`,
        }),
      () =>
        this.#fault({
          kind: 'ComponentStopped',
          components: ['kubelet'],
          node: this.#pick(['node-1', 'node-2']),
          to: `${this.#random.int(100) + 1}s`,
        }),
      () => this.#fault({ kind: 'LinkDown', node: this.#pick(['node-1', 'node-3']), to: `${this.#random.int(100) + 1}s` }),
      () => this.#fault({ kind: 'ImageRegistryDown', to: '20s' }),
    ];
    try {
      this.cluster.sim.perform('you', 'act', '', this.#pick(acts));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #podAct(act: (key: { namespace: string; name: string }) => unknown): void {
    const pods = this.pods();
    if (pods.length > 0) act(named(this.#pick(pods).metadata.name));
  }

  #fault(spec: Fault['spec']): void {
    this.client.create(FaultResource, { metadata: { name: `fault-${this.cluster.etcd.revision}-${++this.#faults}` }, spec } as Sent<Fault>);
  }

  rest(): void {
    this.wait(this.#random.int(4) === 0 ? this.#random.int(120) : this.#random.int(5) / 2);
  }
}

function workload(kind: 'Deployment' | 'StatefulSet', app: string, replicas: number, image: string): string {
  const name = kind === 'Deployment' ? app : `${app}-set`;
  const command = image.startsWith('busybox') ? 'command: [sh, -c, "sleep 5; exit 1"],' : '';
  return `
apiVersion: apps/v1
kind: ${kind}
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  ${kind === 'StatefulSet' ? `serviceName: ${app}` : ''}
  selector: {matchLabels: {app: ${app}, kind: ${kind}}}
  template:
    metadata: {labels: {app: ${app}, kind: ${kind}}}
    spec:
      terminationGracePeriodSeconds: 5
      containers: [{name: c, image: "${image}", ${command} resources: {requests: {cpu: 300m}}}]
  ${kind === 'StatefulSet' ? 'volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}]' : ''}
`;
}

const job = (name: string, completions: number, script: string) => `
apiVersion: batch/v1
kind: Job
metadata: {name: ${name}}
spec:
  completions: ${completions}
  parallelism: 2
  backoffLimit: 1
  template:
    spec: {restartPolicy: Never, containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "${script}"]}]}
`;

/** A life: acts and rests, with or without a reload after every seventh act, and then quiet. */
function live(seed: number, reloads = false): RandomUser {
  let user = new RandomUser(seed);
  let lastRevision = user.cluster.etcd.revision;
  for (let act = 1; act <= ACTIONS; act++) {
    user.act();
    user.rest();
    if (reloads && act % 7 === 0) user = new RandomUser(reloaded(user.cluster));
    expect(user.cluster.etcd.revision).toBeGreaterThanOrEqual(lastRevision);
    lastRevision = user.cluster.etcd.revision;
  }
  // Faults last at most 400 s; evictions follow after 300 s more; the rest is back-off.
  user.wait(900);
  return user;
}

/** Workloads whose programs work, and which are not all there after all that time. */
function unfinished({ client }: User): string[] {
  const sets = [...client.list(DeploymentResource, 'default').items, ...client.list(StatefulSetResource, 'default').items];
  const healthy = sets.filter(({ spec }) => {
    const [container] = spec?.template.spec?.containers ?? [];
    return container?.command === undefined && /^(nginx:1.2[57]|redis:7.2)$/.test(container?.image ?? '');
  });
  const missing = healthy.filter(
    ({ spec, status }) => (status?.readyReplicas ?? 0) !== spec?.replicas || (status?.updatedReplicas ?? 0) !== spec?.replicas,
  );
  const jobs = client
    .list(JobResource, 'default')
    .items.filter(({ status }) => !status?.conditions?.some(({ type }) => type === 'Complete' || type === 'Failed'));
  return [...missing, ...jobs].map((object) => `${object.kind} ${keyOf(object)} ${JSON.stringify(object.status)}`);
}

/** What informers hold that have watched from the start, and the store does not, or the other way round. */
function stale({ cluster, watching }: RandomUser): string[] {
  return watching.flatMap((informer) => {
    const versions = (objects: Iterable<KubernetesObject>) =>
      [...objects].map((object) => `${informer.resource.plural} ${keyOf(object)} ${object.metadata.resourceVersion}`);
    const held = versions(informer.list());
    const stored = versions(cluster.client('inspector').list(informer.resource).items);
    return [...held.filter((line) => !stored.includes(line)), ...stored.filter((line) => !held.includes(line))];
  });
}

/** Everything that is wrong with a cluster in the end. */
const wrong = (user: RandomUser): string[] => [...violations(user.cluster.etcd), ...unfinished(user), ...stale(user)];

describe('random users and faults', () => {
  it.each(SEEDS)('leave nothing wrong behind (seed %d)', (seed) => {
    expect({ seed, wrong: wrong(live(seed)) }).toEqual({ seed, wrong: [] });
  });

  it.each(SEEDS)('leave nothing wrong behind when the page is reloaded meanwhile (seed %d)', (seed) => {
    expect({ seed, wrong: wrong(live(seed, true)) }).toEqual({ seed, wrong: [] });
  });

  it('do the same again with the same seed', () => {
    const hash = () => stateHash(live(SEEDS[0] ?? 1).cluster.etcd);
    expect(hash()).toBe(hash());
  });
});
