/** Every scenario of the gallery, run as a visitor would, reaches what its text says. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { ReplicaSetResource } from '../api/apps/replica-set.ts';
import { JobResource } from '../api/batch/job.ts';
import { NodeResource } from '../api/core/node.ts';
import { PersistentVolumeClaimResource } from '../api/core/persistent-volume-claim.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import { startOf } from '../scenario/layout.ts';
import { stateHash } from './state-hash.ts';
import { isReady, manifestsOf, User } from './testing/user.ts';

const FOLDER = join(import.meta.dirname, '../content/scenarios');

/** A scenario just opened: booted, applied, nothing run yet. */
function open(name: string) {
  const objects = manifestsOf(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'));
  const { seed, layout } = startOf(objects);
  const user = new User({ seed, layout });
  const applied = user.apply(objects);
  return { user, applied };
}

describe.each(readdirSync(FOLDER).map((file) => file.replace('.yaml', '')))('%s', (name) => {
  it('opens without failures and warnings, and two runs are the same', () => {
    const run = () => {
      const { user, applied } = open(name);
      expect(applied.filter(({ outcome }) => outcome !== 'created')).toEqual([]);
      expect(applied.flatMap(({ warnings }) => warnings)).toEqual([]);
      user.wait(200);
      return stateHash(user.cluster.etcd);
    };
    expect(run()).toBe(run());
  });
});

const REASON =
  (reason: string) =>
  ({ reason: wanted }: { reason?: string }) =>
    wanted === reason;
const secondsSince = (start: number, time: string | undefined) => Math.round((Date.parse(time ?? '') - start) / 1000);

describe('node-dies', () => {
  it('is noticed after the grace period, given up five minutes later, and the pods do not move back', () => {
    const { user } = open('node-dies');
    const start = user.now;
    user.wait(4);
    const web = () => user.pods({ app: 'web' });
    const before = web().find(({ spec }) => spec.nodeName === 'node-1');
    expect(
      web()
        .map(({ spec }) => spec.nodeName)
        .sort(),
    ).toEqual(['node-1', 'node-2', 'node-3']);
    // The last lease was renewed at most 10 s before the power went; it is seen within 5 s and then trusted for 50 s.
    const unknown = user.waitUntil(() => user.nodeReady('node-1') === 'Unknown', 100) + 4;
    expect(unknown).toBeGreaterThanOrEqual(45);
    expect(unknown).toBeLessThanOrEqual(65);
    user.wait(1);
    const node = user.client.get(NodeResource, { name: 'node-1' });
    expect(node.spec.taints?.map(({ key, effect }) => `${key}:${effect}`).sort()).toEqual([
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ]);
    expect(node.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    });
    expect(isReady(user.pod(before?.metadata.name ?? ''))).toBe(false);
    user.wait(290);
    expect(web()).toHaveLength(3);
    user.wait(15);
    expect(secondsSince(start, user.events('Pod', before?.metadata.name).find(REASON('TaintManagerEviction'))?.firstTimestamp)).toBeCloseTo(
      unknown + 300,
      -1,
    );
    expect(web()).toHaveLength(4);
    expect(user.pod(before?.metadata.name ?? '').metadata.deletionTimestamp).toBeDefined();
    expect(web().filter((pod) => isReady(pod) && pod.spec.nodeName !== 'node-1')).toHaveLength(3);
    user.wait(start / 1000 + 620 - user.now / 1000);
    expect(user.nodeReady('node-1')).toBe('True');
    expect(user.events('Node', 'node-1').map(({ reason }) => reason)).toContain('Rebooted');
    expect(web().filter(isReady)).toHaveLength(3);
    expect(web().filter(({ spec }) => spec.nodeName === 'node-1')).toEqual([]);
    expect(user.client.get(NodeResource, { name: 'node-1' }).spec.taints ?? []).toEqual([]);
  });
});

describe('brain-off', () => {
  it('lets containers run on, and the kubelet restarts what crashes', () => {
    const { user } = open('brain-off');
    user.wait(60);
    expect(() => user.pods()).toThrow();
    const restarted = [...user.cluster.nodes.values()]
      .flatMap(({ kubelet }) => kubelet?.pods() ?? [])
      .filter(({ metadata }) => metadata.labels?.['app'] === 'web');
    expect(restarted).toHaveLength(3);
    user.wait(90);
    expect(user.pods({ app: 'web' }).filter(isReady)).toHaveLength(3);
    expect(
      user
        .pods({ app: 'web' })
        .map(({ status }) => status?.containerStatuses?.[0]?.restartCount)
        .sort(),
    ).toEqual([0, 0, 1]);
    const ended = user
      .pods({ app: 'web' })
      .map(({ status }) => status?.containerStatuses?.[0]?.lastState?.terminated)
      .find(Boolean);
    expect(ended).toMatchObject({ exitCode: 1, reason: 'Error', finishedAt: '2026-01-01T10:00:36Z' });
    for (const name of user.cluster.nodes.keys()) expect(user.nodeReady(name)).toBe('True');
  });
});

describe('bad-tag', () => {
  it('stalls, says so after the deadline, and the old pods keep serving', () => {
    const { user } = open('bad-tag');
    user.wait(9);
    let fewest = Infinity;
    for (let second = 9; second < 120; second++) {
      user.wait(1);
      fewest = Math.min(fewest, user.pods({ app: 'web' }).filter(isReady).length);
    }
    expect(fewest).toBe(3);
    const waiting = user
      .pods({ app: 'web' })
      .map(({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason)
      .filter(Boolean);
    expect(waiting).toEqual(['ImagePullBackOff', 'ImagePullBackOff']);
    const { conditions } = user.client.get(DeploymentResource, { namespace: 'default', name: 'web' }).status ?? {};
    expect(conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
    expect(conditions?.find(({ type }) => type === 'Available')).toMatchObject({ status: 'True' });
    expect(
      user.client
        .list(EndpointSliceResource, 'default', { labelSelector: 'kubernetes.io/service-name=web' })
        .items.flatMap(({ endpoints = [] }) => endpoints.filter((endpoint) => endpoint.conditions?.ready)),
    ).toHaveLength(3);
  });
});

describe('oom', () => {
  it('is killed at its limit after 16 s, again and again, with longer and longer pauses', () => {
    const { user } = open('oom');
    const starts: number[] = [];
    const status = () => user.pod('eater').status?.containerStatuses?.[0];
    for (let restarts = 0; restarts < 7; restarts++) {
      user.waitUntil(() => status()?.state?.running !== undefined && status()?.restartCount === restarts, 400);
      starts.push(user.now / 1000);
      user.waitUntil(() => status()?.state?.running === undefined, 60);
      expect(status()?.lastState?.terminated ?? status()?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
    }
    const pauses = starts.slice(1).map((at, index) => at - (starts[index] ?? 0) - 16);
    expect(pauses.map((pause) => Math.round(pause / 10) * 10)).toEqual([0, 10, 20, 40, 80, 160]);
    expect(status()?.state?.waiting).toMatchObject({
      reason: 'CrashLoopBackOff',
      message: expect.stringContaining('back-off 5m0s restarting failed container=eater') as string,
    });
  });
});

describe('split-selector', () => {
  it('has four endpoints, two of them wrong', () => {
    const { user } = open('split-selector');
    user.wait(30);
    const [slice] = user.client.list(EndpointSliceResource, 'default', { labelSelector: 'kubernetes.io/service-name=web' }).items;
    expect(slice?.endpoints?.map(({ targetRef }) => targetRef?.name?.split('-')[0]).sort()).toEqual(['admin', 'admin', 'web', 'web']);
  });
});

describe('thundering-rollout', () => {
  it('has twice the pods at its peak, of which not all find a place, and ends with sixty', () => {
    const { user } = open('thundering-rollout');
    user.wait(119);
    expect(user.pods({ app: 'big' }).filter(isReady)).toHaveLength(60);
    let [peak, pending, fewest] = [0, 0, 60];
    for (let second = 0; second < 120; second++) {
      user.wait(1);
      const pods = user.pods({ app: 'big' });
      peak = Math.max(peak, pods.length);
      pending = Math.max(pending, pods.filter(({ spec }) => !spec.nodeName).length);
      fewest = Math.min(fewest, pods.filter(isReady).length);
    }
    expect(peak).toBe(120);
    expect(pending).toBeGreaterThan(30);
    expect(fewest).toBe(60);
    const pods = user.pods({ app: 'big' });
    expect(pods.filter(isReady)).toHaveLength(60);
    expect(new Set(pods.map(({ spec }) => spec.containers[0]?.image))).toEqual(new Set(['kubarium/large:2']));
  });
});

describe('names', () => {
  it('come back with their claim and their record, not with their address', () => {
    const { user } = open('names');
    user.wait(19);
    const before = user.pod('zk-1');
    const claims = () =>
      user.client
        .list(PersistentVolumeClaimResource, 'default')
        .items.map(({ metadata, spec }) => [metadata.name, metadata.uid, spec?.volumeName]);
    const claimsBefore = claims();
    user.wait(30);
    const after = user.pod('zk-1');
    expect(isReady(after)).toBe(true);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(after.spec.nodeName).toBe(before.spec.nodeName); // its volume is there
    expect(after.status?.podIP).not.toBe(before.status?.podIP);
    expect(claims()).toEqual(claimsBefore);
    expect(after.spec.volumes?.[0]?.persistentVolumeClaim?.claimName).toBe('data-zk-1');
    expect(user.exec('zk-0', ['sh', '-c', 'getent hosts zk-1.zk']).stdout).toContain(after.status?.podIP ?? 'no address');
  });
});

describe('quota', () => {
  it('gives four pods, and the message is on the ReplicaSet', () => {
    const { user } = open('quota');
    user.wait(30);
    expect(user.pods({}, 'team').filter(isReady)).toHaveLength(4);
    const [replicaSet] = user.client.list(ReplicaSetResource, 'team').items;
    const failures = user.eventTexts('ReplicaSet', replicaSet?.metadata.name, 'team').filter((text) => text.startsWith('FailedCreate'));
    expect(failures[0]).toMatch(
      /Error creating: pods "web-\w+-\w{5}" is forbidden: exceeded quota: compute, requested: requests.cpu=500m, used: requests.cpu=2, limited: requests.cpu=2$/,
    );
    const deployment = user.client.get(DeploymentResource, { namespace: 'team', name: 'web' });
    expect(deployment.status).toMatchObject({ replicas: 4, unavailableReplicas: 1 });
    expect(deployment.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')).toMatchObject({
      status: 'True',
      reason: 'FailedCreate',
    });
    expect(user.events('Deployment', 'web', 'team').filter(({ type }) => type === 'Warning')).toEqual([]);
  });
});

describe('pvc-pending', () => {
  it('binds what fits and leaves the others waiting', () => {
    const { user } = open('pvc-pending');
    user.wait(60);
    const claims = user.client.list(PersistentVolumeClaimResource, 'default').items;
    expect(
      Object.fromEntries(claims.map(({ metadata, spec, status }) => [metadata.name, `${status?.phase} ${spec?.volumeName ?? ''}`])),
    ).toEqual({
      three: 'Bound middle',
      many: 'Bound shared',
      'too-big': 'Pending ',
      'no-class': 'Pending ',
    });
    expect(user.eventTexts('PersistentVolumeClaim', 'no-class')).toEqual([
      'ProvisioningFailed storageclass.storage.k8s.io "missing" not found',
    ]);
    expect(user.eventTexts('PersistentVolumeClaim', 'too-big')).toEqual([
      'ProvisioningFailed storageclass.storage.k8s.io "manual" not found',
    ]);
  });
});

describe('mail-run', () => {
  it('sends thirty mails, and the bad address is given up after pauses of 10, 20, 40, 80 and 160 s', () => {
    const { user } = open('mail-run');
    user.wait(40);
    const job = (name: string) => user.client.get(JobResource, { namespace: 'default', name }).status;
    expect(job('mail')).toMatchObject({ succeeded: 30 });
    expect(job('mail')?.conditions?.map(({ type }) => type)).toEqual(['SuccessCriteriaMet', 'Complete']);
    user.wait(300);
    expect(job('flaky')).toMatchObject({ failed: 6 });
    expect(job('flaky')?.conditions?.find(({ type }) => type === 'Failed')).toMatchObject({
      status: 'True',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    });
    const made = user
      .pods({ 'job-name': 'flaky' })
      .map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? '') / 1000)
      .sort((a, b) => a - b);
    expect(made.slice(1).map((at, index) => Math.round((at - (made[index] ?? 0)) / 10) * 10)).toEqual([10, 20, 40, 80, 160]);
  });
});

describe('shop', () => {
  it('stands within half a minute, every service with its endpoints', () => {
    const { user } = open('shop');
    user.wait(30);
    expect(user.pods().filter(isReady)).toHaveLength(16);
    const slices = user.client.list(EndpointSliceResource, 'default').items.filter(({ metadata }) => metadata.name !== 'kubernetes');
    expect(slices).toHaveLength(10);
    expect(slices.flatMap(({ endpoints = [] }) => endpoints)).toHaveLength(16);
    const [web] = user.pods({ app: 'web' });
    for (const name of ['cart', 'catalog', 'ads'])
      expect(user.exec(web?.metadata.name ?? '', ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', `http://${name}`]).stdout).toBe(
        '200',
      );
    expect(user.exec(web?.metadata.name ?? '', ['curl', '-s', 'http://db:5432']).exitCode).not.toBe(6);
  });
});
