/** What people do with kubectl, and what a cluster of release 1.33 makes of it. */
import { describe, expect, it } from 'vitest';
import { DaemonSetResource } from '../api/apps/daemon-set.ts';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { ReplicaSetResource } from '../api/apps/replica-set.ts';
import { JobResource } from '../api/batch/job.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import { violations } from './testing/invariants.ts';
import { isReady, User } from './testing/user.ts';

const named = (name: string, namespace = 'default') => ({ namespace, name });
const pod = (name: string, spec: string) => `{apiVersion: v1, kind: Pod, metadata: {name: ${name}, labels: {app: ${name}}}, spec: ${spec}}`;
const script = (text: string, more = '') => `{${more} containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "${text}"]}]}`;
const deployment = (name: string, replicas: number, image: string, more = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {${more} containers: [{name: c, image: "${image}"}]}
`;

/** When the only container started, in whole seconds after `from`. */
function starts(user: User, name: string, count: number, from = user.now): number[] {
  const found: number[] = [];
  const status = () => user.pod(name).status?.containerStatuses?.[0];
  for (let index = 0; index < count; index++) {
    user.waitUntil(() => (status()?.containerID ?? '') !== '' && (status()?.restartCount ?? 0) >= index, 700);
    found.push(Math.round((user.now - from) / 1000));
  }
  return found;
}

describe('a Deployment', () => {
  it('rolls, rolls back to its old ReplicaSet, pauses, and comes back from zero', () => {
    const user = new User();
    const revisions = () =>
      user.client
        .list(ReplicaSetResource, 'default')
        .items.map(({ metadata, spec }) => [
          metadata.annotations?.['deployment.kubernetes.io/revision'],
          spec?.replicas,
          spec?.template?.spec?.containers[0]?.image,
        ]);
    const run = (yaml: string) => {
      user.apply(yaml);
      user.wait(20);
    };
    run(deployment('web', 4, 'nginx:1.25'));
    run(deployment('web', 4, 'nginx:1.27'));
    expect(revisions().sort()).toEqual([
      ['1', 0, 'nginx:1.25'],
      ['2', 4, 'nginx:1.27'],
    ]);
    run(deployment('web', 4, 'nginx:1.25'));
    expect(revisions().sort()).toEqual([
      ['2', 0, 'nginx:1.27'],
      ['3', 4, 'nginx:1.25'],
    ]);
    user.client.patch(DeploymentResource, named('web'), 'merge', { spec: { paused: true } });
    run(deployment('web', 4, 'nginx:1.26'));
    expect(revisions()).toHaveLength(2);
    user.client.patch(DeploymentResource, named('web'), 'merge', { spec: { paused: null } });
    user.wait(20);
    expect(revisions()).toContainEqual(['4', 4, 'nginx:1.26']);
    for (const replicas of [0, 3]) {
      user.client.patch(DeploymentResource, named('web'), 'merge', { spec: { replicas } });
      user.wait(20);
      expect(user.pods().filter(isReady)).toHaveLength(replicas);
    }
    expect(violations(user.cluster.etcd)).toEqual([]);
  });

  it('is drained no further than its disruption budget allows', () => {
    const user = new User();
    user.apply(
      `${deployment('web', 3, 'nginx:1.25')}---\n{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: web}, spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}}`,
    );
    user.wait(20);
    const [first = '', second = ''] = user.pods().map(({ metadata }) => metadata.name);
    const evict = (name: string) =>
      user.client.createSubresource(PodResource, named(name), 'eviction', {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: named(name),
      });
    evict(first);
    expect(() => evict(second)).toThrow("Cannot evict pod as it would violate the pod's disruption budget.");
    user.wait(20);
    evict(second);
  });

  it('is taken away in the foreground, or leaves its pods as orphans', () => {
    const user = new User();
    user.apply(deployment('web', 2, 'nginx:1.25'));
    user.wait(15);
    user.client.delete(DeploymentResource, named('web'), { propagationPolicy: 'Orphan' });
    user.wait(5);
    const [orphan] = user.client.list(ReplicaSetResource, 'default').items;
    expect([orphan?.metadata.ownerReferences ?? [], user.pods().length]).toEqual([[], 2]);
    user.client.delete(ReplicaSetResource, orphan?.metadata ?? { name: '' }, { propagationPolicy: 'Foreground' });
    expect(user.client.list(ReplicaSetResource, 'default').items[0]?.metadata.finalizers).toEqual(['foregroundDeletion']);
    user.wait(10);
    expect([user.client.list(ReplicaSetResource, 'default').items.length, user.pods().length]).toEqual([0, 0]);
  });
});

describe('a container', () => {
  it('that crashes is restarted after 0, 10, 20, 40, 80, 160 and 300 seconds', () => {
    const user = new User();
    user.apply(pod('a', script('exit 1')));
    const times = starts(user, 'a', 8);
    expect(times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / 10) * 10)).toEqual([0, 10, 20, 40, 80, 160, 300]);
  });

  it('whose image does not exist is pulled again after 10, 20, 40, 80, 160 and 300 seconds', () => {
    const user = new User();
    user.apply(pod('a', '{containers: [{name: c, image: "nginx:nope"}]}'));
    // Events do not count the pulls: those that tell of the back-off use up what the recorder lets through for one object.
    const waitsFor = (reason: string) => user.pod('a').status?.containerStatuses?.[0]?.state?.waiting?.reason === reason;
    const times = [1, 2, 3, 4, 5, 6, 7].map(() => {
      user.waitUntil(() => waitsFor('ErrImagePull'), 400);
      const at = user.now / 1000;
      user.waitUntil(() => waitsFor('ImagePullBackOff'), 400);
      return at;
    });
    expect(times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / 10) * 10)).toEqual([10, 20, 40, 80, 160, 300]);
  });

  it('that fails its liveness probe is killed after three failures', () => {
    const user = new User();
    user.apply(
      pod('a', '{containers: [{name: c, image: "nginx:1.25", livenessProbe: {httpGet: {path: /nope, port: 80}, periodSeconds: 10}}]}'),
    );
    user.wait(40);
    expect(user.pod('a').status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(user.eventTexts('Pod', 'a')).toContain('Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 404');
    expect(user.eventTexts('Pod', 'a')).toContain('Killing Container c failed liveness probe, will be restarted');
  });

  it('that is not ready is no endpoint', () => {
    const user = new User();
    const text = 'sleep 15; touch /tmp/ok; sleep 20; rm /tmp/ok; sleep 1000';
    user.apply(
      pod(
        'a',
        `{containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "${text}"], readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 5, failureThreshold: 1}}]}`,
      ),
    );
    user.apply('{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: a}, ports: [{port: 80}]}}');
    const ready = () =>
      user.client
        .list(EndpointSliceResource, 'default', { labelSelector: 'kubernetes.io/service-name=a' })
        .items.flatMap(({ endpoints = [] }) => endpoints.filter(({ conditions }) => conditions?.ready)).length;
    user.wait(10);
    expect(ready()).toBe(0);
    user.wait(15);
    expect(ready()).toBe(1);
    user.wait(20);
    expect(ready()).toBe(0);
  });

  it('gets its grace period, of which the preStop hook takes its part', () => {
    const user = new User();
    user.apply(
      pod(
        'hook',
        '{terminationGracePeriodSeconds: 20, containers: [{name: c, image: "nginx:1.25", lifecycle: {preStop: {sleep: {seconds: 7}}}}]}',
      ),
    );
    user.apply(pod('stubborn', script('trap : TERM; while true; do sleep 1; done', 'terminationGracePeriodSeconds: 8,')));
    user.wait(20);
    const goneAfter = (name: string) => {
      user.client.delete(PodResource, named(name));
      return user.waitUntil(() => user.client.find(PodResource, named(name)) === undefined, 60);
    };
    expect(goneAfter('hook')).toBeCloseTo(7, 0);
    expect(goneAfter('stubborn')).toBeCloseTo(8, 0);
  });

  it('sees a changed ConfigMap in its files within some 75 s, but not in its environment', () => {
    const user = new User();
    user.apply('{apiVersion: v1, kind: ConfigMap, metadata: {name: conf}, data: {a: one}}');
    user.apply(
      pod(
        'a',
        '{volumes: [{name: v, configMap: {name: conf}}], containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity], env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: a}}}], volumeMounts: [{name: v, mountPath: /etc/conf}]}]}',
      ),
    );
    user.wait(10);
    user.client.patch(ConfigMapResource, named('conf'), 'merge', { data: { a: 'two' } });
    const after = user.waitUntil(() => user.exec('a', ['cat', '/etc/conf/a']).stdout === 'two', 100);
    expect(after).toBeGreaterThan(0.2);
    expect(after).toBeLessThanOrEqual(75);
    expect(user.exec('a', ['sh', '-c', 'echo $A']).stdout).toBe('one\n');
  });
});

describe('a Job', () => {
  it('that restarts its containers in place fails after its back-off limit, and its pod goes', () => {
    const user = new User();
    user.apply(
      `{apiVersion: batch/v1, kind: Job, metadata: {name: a}, spec: {backoffLimit: 2, template: {spec: ${script('exit 2', 'restartPolicy: OnFailure,')}}}}`,
    );
    user.wait(40);
    expect(user.client.get(JobResource, named('a')).status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
      ['FailureTarget', 'BackoffLimitExceeded'],
      ['Failed', 'BackoffLimitExceeded'],
    ]);
    expect(user.pods()).toEqual([]);
  });
});

describe('a node', () => {
  it('that is cordoned says so, keeps its pods and gets no new ones', () => {
    const user = new User();
    user.apply(deployment('web', 3, 'nginx:1.25'));
    user.wait(15);
    const before = user.pods().filter(({ spec }) => spec.nodeName === 'node-1').length;
    user.client.patch(NodeResource, { name: 'node-1' }, 'merge', { spec: { unschedulable: true } });
    user.client.patch(DeploymentResource, named('web'), 'merge', { spec: { replicas: 9 } });
    user.wait(20);
    expect(user.pods().filter(({ spec }) => spec.nodeName === 'node-1')).toHaveLength(before);
    expect(user.client.get(NodeResource, { name: 'node-1' }).spec.taints?.map(({ key }) => key)).toEqual([
      'node.kubernetes.io/unschedulable',
    ]);
    expect(user.eventTexts('Node', 'node-1')).toContain('NodeNotSchedulable Node node-1 status is now: NodeNotSchedulable');
    user.client.patch(NodeResource, { name: 'node-1' }, 'merge', { spec: { unschedulable: null } });
    user.wait(5);
    expect(user.client.get(NodeResource, { name: 'node-1' }).spec.taints).toBeUndefined();
  });

  it('that is deleted stays away until its kubelet starts again; its pods are collected', () => {
    const user = new User();
    user.apply(deployment('web', 3, 'nginx:1.25'));
    user.wait(15);
    user.client.delete(NodeResource, { name: 'node-3' });
    user.wait(120);
    expect(user.client.find(NodeResource, { name: 'node-3' })).toBeUndefined();
    expect(user.pods().filter((each) => isReady(each) && each.spec.nodeName !== 'node-3')).toHaveLength(3);
    expect(user.cluster.nodes.get('node-3')?.machine.processes.size).toBe(0);
    user.apply(
      '{apiVersion: kubarium.dev/v1alpha1, kind: Fault, metadata: {name: restart}, spec: {kind: ComponentStopped, components: [kubelet], node: node-3, to: 3s}}',
    );
    user.wait(30);
    expect(user.nodeReady('node-3')).toBe('True');
    expect(user.client.get(DaemonSetResource, named('kube-proxy', 'kube-system')).status?.numberReady).toBe(4);
  });

  it('that was cut off and comes back makes its pods ready again', () => {
    const user = new User();
    user.apply(deployment('web', 3, 'nginx:1.25'));
    user.wait(15);
    user.apply('{apiVersion: kubarium.dev/v1alpha1, kind: Fault, metadata: {name: cut}, spec: {kind: LinkDown, node: node-1, to: 120s}}');
    user.wait(100);
    expect(user.pods().filter(isReady)).toHaveLength(2);
    user.wait(60);
    expect(user.pods().filter(isReady)).toHaveLength(3);
    expect(user.pods().map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual([0, 0, 0]);
  });

  it('runs static pods whose mirrors cannot be deleted', () => {
    const user = new User();
    const name = 'kube-apiserver-control-plane';
    const { metadata } = user.pod(name, 'kube-system');
    user.client.delete(PodResource, metadata);
    user.wait(5);
    const mirror = user.pod(name, 'kube-system');
    expect(mirror.metadata.uid).not.toBe(metadata.uid);
    expect([isReady(mirror), mirror.status?.containerStatuses?.[0]?.restartCount]).toEqual([true, 0]);
  });
});

describe('a namespace', () => {
  it('takes nothing new while it ends, and takes everything with it', () => {
    const user = new User();
    user.apply('{apiVersion: v1, kind: Namespace, metadata: {name: tmp}}');
    user.apply(deployment('web', 2, 'nginx:1.25').replace('{name: web}', '{name: web, namespace: tmp}'));
    user.wait(10);
    user.client.delete(NamespaceResource, { name: 'tmp' });
    const [refused] = user.apply('{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: tmp}}');
    expect(refused?.status?.message).toBe(
      'configmaps "x" is forbidden: unable to create new content in namespace tmp because it is being terminated',
    );
    expect(user.waitUntil(() => user.client.find(NamespaceResource, { name: 'tmp' }) === undefined, 60)).toBeLessThan(30);
    expect(user.pods({}, 'tmp')).toEqual([]);
  });
});
