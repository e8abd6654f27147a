/** One step of a rolling update, and scaling in the middle of one. */
import type { Deployment, ReplicaSet } from '../../src/api/generated/types.ts';
import { DESIRED_REPLICAS, MAX_REPLICAS } from '../../src/controller-manager/deployment/annotations.ts';
import {
  activeSets,
  historyToDelete,
  isComplete,
  isSaturated,
  maxScaledDown,
  maxUnavailable,
  newReplicaSetSize,
  proportionalSizes,
  replicasOf,
  resolveFenceposts,
  scaledDownOld,
  withoutUnhealthy,
} from '../../src/controller-manager/deployment/rollout.ts';
import type { IntOrString } from '../../src/apimachinery/int-or-string.ts';
import type { Area } from '../area.ts';

type Input = Parameters<Area['run']>[0];

function deployment(replicas: number, surge: IntOrString, unavailable: IntOrString, type = 'RollingUpdate'): Deployment {
  const strategy = { type, rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } };
  return { metadata: { name: 'd' }, spec: { replicas, strategy } } as Deployment;
}

function set(
  name: string,
  replicas: number,
  available = 0,
  more: { annotations?: Record<string, string>; age?: number; status?: object } = {},
): ReplicaSet {
  const creationTimestamp = new Date(1e12 - (more.age ?? 0) * 1000).toISOString();
  return {
    metadata: { name, annotations: more.annotations, creationTimestamp },
    spec: { replicas },
    status: more.status ?? { replicas, availableReplicas: available },
  } as unknown as ReplicaSet;
}

const num = (input: Input, key: string): number => Number(input[key] ?? 0);

function stepped(sizes: ReadonlyMap<ReplicaSet, number>, old: ReplicaSet): { scaled: boolean; oldReplicas: number } {
  return { scaled: sizes.size > 0, oldReplicas: sizes.get(old) ?? replicasOf(old) };
}

const operations: Readonly<Record<string, (input: Input) => Record<string, unknown>>> = {
  reconcileNew: (input) => {
    const subject = deployment(num(input, 'deploymentReplicas'), num(input, 'maxSurge'), num(input, 'maxUnavailable'));
    const fresh = set('new', num(input, 'newReplicas'));
    const all = [set('old', num(input, 'oldReplicas')), fresh];
    const size = replicasOf(fresh) > replicasOf(subject) ? replicasOf(subject) : newReplicaSetSize(subject, all, replicasOf(fresh));
    return { scaled: size !== replicasOf(fresh), newReplicas: size };
  },
  reconcileOld: (input) => {
    const subject = deployment(num(input, 'deploymentReplicas'), num(input, 'maxSurge'), num(input, 'maxUnavailable'));
    const fresh = set('new', num(input, 'newReplicas'), num(input, 'readyNew'));
    const old = set('old', num(input, 'oldReplicas'), num(input, 'readyOld'));
    const limit = maxScaledDown(subject, [old, fresh], fresh);
    if (limit <= 0) return { scaled: false, oldReplicas: replicasOf(old) };
    const healthy = withoutUnhealthy([old], limit);
    const left = { ...old, spec: { ...old.spec, replicas: healthy.get(old) ?? replicasOf(old) } };
    const sizes = scaledDownOld(subject, [left, fresh], [left]);
    const oldReplicas = sizes.get(left) ?? replicasOf(left);
    return { scaled: oldReplicas !== replicasOf(old), oldReplicas };
  },
  cleanupUnhealthy: (input) => {
    const old = set('old', num(input, 'oldReplicas'), num(input, 'readyPods'));
    return { cleaned: replicasOf(old) - (withoutUnhealthy([old], num(input, 'maxCleanup')).get(old) ?? replicasOf(old)) };
  },
  scaleDownOld: (input) => {
    const subject = deployment(num(input, 'deploymentReplicas'), num(input, 'maxSurge'), num(input, 'maxUnavailable'));
    const old = set('old', num(input, 'oldReplicas'), num(input, 'readyPods'));
    return stepped(scaledDownOld(subject, [old], [old]), old);
  },
  fenceposts: ({ maxSurge, maxUnavailable: unavailable, desired }) =>
    resolveFenceposts(limit(maxSurge), limit(unavailable), Number(desired)),
  complete: ({ spec, status }) => {
    const subject = { metadata: {}, spec } as Deployment;
    return { complete: isComplete(subject, status as Deployment['status']) };
  },
  maxUnavailable: (input) => ({
    maxUnavailable: maxUnavailable(deployment(num(input, 'replicas'), 1, input['maxUnavailable'] as IntOrString)),
  }),
  newReplicas: (input) => {
    const subject = deployment(num(input, 'deploymentReplicas'), num(input, 'maxSurge'), 0, String(input['strategy'] ?? 'RollingUpdate'));
    const fresh = set('new', num(input, 'newReplicas'));
    return { newReplicas: newReplicaSetSize(subject, [set('old', num(input, 'oldReplicas')), fresh], replicasOf(fresh)) };
  },
  proportional,
  cleanupHistory: ({ oldReplicaSets, revisionHistoryLimit }) => {
    const old = (oldReplicaSets as { name: string; spec: { replicas: number }; status: object }[]).map(({ name, spec, status }) =>
      set(name, spec.replicas, 0, { status }),
    );
    return { deleted: historyToDelete(old, revisionHistoryLimit as number | undefined, () => 0).length };
  },
};

const limit = (value: unknown): IntOrString | undefined => (value === null ? undefined : (value as IntOrString | undefined));

function proportional(input: Input): Record<string, unknown> {
  const subject = deployment(num(input, 'replicasTo'), num(input, 'maxSurgeTo'), 0);
  const from = num(input, 'replicasFrom');
  const annotations = { [DESIRED_REPLICAS]: String(from), [MAX_REPLICAS]: String(from + num(input, 'maxSurgeFrom')) };
  const given = input['replicaSets'] as { name: string; replicas: number; newest?: boolean }[];
  const sets = given.map(({ name, replicas }, age) => set(name, replicas, 0, { annotations, age }));
  const fresh = sets.find((_, index) => given[index]?.newest === true);
  const active = activeSets(sets);
  let sizes = new Map(sets.map((each) => [each, replicasOf(each)]));
  if (active.length === 1) sizes = new Map([[active[0] as ReplicaSet, replicasOf(subject)]]);
  else if (!isSaturated(subject, fresh)) sizes = new Map([...sizes, ...proportionalSizes(subject, active)]);
  return { replicas: Object.fromEntries([...sizes].map(([each, size]) => [each.metadata.name, size])) };
}

export const run: Area['run'] = (input) => operations[String(input['op'])]?.(input) ?? {};
