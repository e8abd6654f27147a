/** A cluster that is saved in the middle of something and goes on in a new page. */
import { describe, expect, it } from 'vitest';
import { EventResource } from '../api/core/event.ts';
import { PodResource } from '../api/core/pod.ts';
import { NodeResource } from '../api/core/node.ts';
import { violations } from './testing/invariants.ts';
import { reloaded } from './testing/reload.ts';
import { isReady, User } from './testing/user.ts';

const reload = (user: User): User => new User(reloaded(user.cluster));

const DEPLOYMENT = (image: string, replicas = 6) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: c
          image: ${image}
          readinessProbe: {httpGet: {path: /, port: 80}, initialDelaySeconds: 3}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: flaky}
spec: {containers: [{name: c, image: "busybox:1.36", command: [sh, -c, "sleep 3; exit 1"]}]}
`;

const restarts = (user: User) =>
  Object.fromEntries(user.pods().map(({ metadata, status }) => [metadata.uid, status?.containerStatuses?.[0]?.restartCount ?? 0]));

describe('a reload', () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])('%d half seconds after the start of a rollout loses nothing and doubles nothing', (halves) => {
    const before = new User();
    before.apply(DEPLOYMENT('nginx:1.25'));
    before.wait(60);
    before.apply(DEPLOYMENT('nginx:1.27'));
    before.wait(halves / 2);
    const counts = restarts(before);
    const addresses = new Map(
      before
        .pods()
        .filter(isReady)
        .map(({ metadata, status }) => [metadata.uid, status?.podIP]),
    );
    const user = reload(before);
    user.wait(0.2);
    for (const { metadata, status } of user.pods()) {
      if (addresses.has(metadata.uid) && metadata.deletionTimestamp === undefined) expect(status?.podIP).toBe(addresses.get(metadata.uid));
    }
    user.wait(90);
    const pods = user.pods({ app: 'web' });
    expect(pods.filter(isReady)).toHaveLength(6);
    expect(pods.every(({ spec }) => spec.containers[0]?.image === 'nginx:1.27')).toBe(true);
    expect(pods.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(user.pod('flaky').status?.containerStatuses?.[0]?.restartCount).toBeGreaterThanOrEqual(
      counts[user.pod('flaky').metadata.uid] ?? 0,
    );
    expect(violations(user.cluster.etcd)).toEqual([]);
  });

  it('of a quiet cluster changes no pod and tells no new event', () => {
    const before = new User();
    before.apply(DEPLOYMENT('nginx:1.25'));
    before.client.delete(PodResource, { namespace: 'default', name: 'flaky' });
    before.wait(90);
    const view = (user: User) =>
      user.client
        .list(NodeResource)
        .items.map(({ metadata, status }) => [
          metadata.name,
          status?.nodeInfo,
          status?.conditions?.map(({ type, status: value, lastTransitionTime }) => [type, value, lastTransitionTime]),
        ]);
    const podsBefore = JSON.stringify(before.pods().map(({ metadata, status }) => [metadata.uid, metadata.resourceVersion, status]));
    const eventsBefore = before.client.list(EventResource, undefined).items.length;
    const user = reload(before);
    user.wait(60);
    expect(JSON.stringify(user.pods().map(({ metadata, status }) => [metadata.uid, metadata.resourceVersion, status]))).toBe(podsBefore);
    expect(view(user)).toEqual(view(before));
    expect(user.client.list(EventResource, undefined).items.length).toBe(eventsBefore);
    const [pod] = user.pods({ app: 'web' });
    expect(user.exec(pod?.metadata.name ?? '', ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', 'http://web']).stdout).toBe('200');
  });

  it('in the middle of a fault goes on with it', () => {
    const before = new User();
    before.apply(DEPLOYMENT('nginx:1.25'));
    before.wait(30);
    before.apply(
      '{apiVersion: kubarium.dev/v1alpha1, kind: Fault, metadata: {name: dark}, spec: {kind: NodeDown, node: node-1, to: 200s}}',
    );
    before.wait(30);
    const user = reload(before);
    expect(user.nodeReady('node-1')).toBe('True');
    user.wait(30); // the node has been silent for a minute now, half of it before the reload
    expect(user.nodeReady('node-1')).toBe('Unknown');
    user.wait(175);
    expect(user.nodeReady('node-1')).toBe('True');
    const again = reload(user);
    again.wait(60);
    expect(again.nodeReady('node-1')).toBe('True');
    expect(again.pods({ app: 'web' }).filter(isReady)).toHaveLength(6);
  });

  it('keeps back-off where it was', () => {
    const before = new User();
    before.apply(DEPLOYMENT('nginx:1.25', 1));
    before.wait(95);
    const status = (user: User) => user.pod('flaky').status?.containerStatuses?.[0];
    const count = status(before)?.restartCount ?? 0;
    expect(status(before)?.state?.waiting?.reason).toBe('CrashLoopBackOff');
    const user = reload(before);
    const left = user.waitUntil(() => status(user)?.restartCount !== count, 400);
    const unbroken = before.waitUntil(() => status(before)?.restartCount !== count, 400);
    expect(Math.abs(left - unbroken)).toBeLessThanOrEqual(1); // times in statuses are whole seconds
  });
});
