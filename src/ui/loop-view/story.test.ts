import { describe, expect, it } from 'vitest';
import type { TaskInfo } from '../../worker/protocol.ts';
import type { AuditEvent } from '../../worker/protocol-views.ts';
import { filterSteps, objectOf, Trail } from './story.ts';

const task = (id: number, component: string, action: string, object: string, cause: number): TaskInfo => ({
  id,
  at: 0,
  component,
  action,
  object,
  cause,
});

function event(id: number, where: { task: number; cause: number }, verb: string, name: string, user = 'system:x', code = 201): AuditEvent {
  return {
    verb,
    user: { username: user, groups: [] },
    userAgent: 'agent',
    objectRef: { resource: 'pods', namespace: 'default', name, apiVersion: 'v1' },
    responseStatus: { code },
    requestReceivedTimestamp: '2026-01-01T10:00:00Z',
    annotations: {},
    kubarium: { id, ...where, revision: 100 + id, dryRun: false, admission: [] },
  } as unknown as AuditEvent;
}

const TASKS = [
  task(1, 'you', 'create', 'replicasets/default/web', 0),
  task(2, 'replicaset-controller', 'watch', 'replicasets', 1),
  task(3, 'replicaset-controller', 'reconcile', 'replicasets/default/web', 2),
  task(4, 'kube-scheduler', 'watch', 'pods', 3),
  task(5, 'kube-scheduler', 'schedule', 'pods/default/web-1', 4),
  task(6, 'kubelet/node-1', 'renew lease', '', 0),
];
const EVENTS = [
  event(1, { task: 1, cause: 0 }, 'create', 'web', 'kubernetes-admin'),
  event(2, { task: 3, cause: 2 }, 'create', 'web-1'),
  event(3, { task: 3, cause: 2 }, 'create', 'web-2'),
  event(4, { task: 6, cause: 0 }, 'update', 'node-1'),
  event(5, { task: 5, cause: 4 }, 'create', 'web-1', 'system:x', 409),
  // In an administrator's name, but because of something else: no act of its own.
  event(6, { task: 5, cause: 4 }, 'patch', 'trace-1', 'kubernetes-admin', 200),
];

describe('a story', () => {
  const trail = new Trail(EVENTS, TASKS);

  it('begins with what a user did and holds everything that followed from it, and nothing else', () => {
    expect(trail.acts().map(({ kubarium }) => kubarium.id)).toEqual([1]);
    const { steps, lanes, first } = trail.story(1);
    expect(first?.kubarium.id).toBe(1);
    expect(lanes).toEqual(['etcd', 'kube-apiserver', 'you', 'replicaset-controller', 'kube-scheduler']);
    expect(steps.map(({ id }) => id)).toEqual(['request-1', 'watch-2', 'request-2', 'request-3', 'watch-4', 'request-5', 'request-6']);
  });

  it('says whether a request reached the store', () => {
    const written = trail.story(1).steps.flatMap((step) => (step.kind === 'request' ? [step.written] : []));
    expect(written).toEqual([true, true, true, false, true]);
  });

  it('shows every request when none is chosen', () => {
    expect(trail.story(0).steps).toHaveLength(EVENTS.length);
  });

  it('is found by an object that came of it', () => {
    expect(trail.whereFrom('pods default/web-2')).toEqual({ root: 1, step: 'request-3' });
    expect(trail.whereFrom('pods default/gone')).toBeUndefined();
  });

  it('can be narrowed to an object', () => {
    expect(filterSteps(trail.story(1).steps, 'WEB-2').map(({ id }) => id)).toEqual(['request-3']);
    expect(objectOf(EVENTS[0] as AuditEvent)).toBe('pods default/web');
  });
});
