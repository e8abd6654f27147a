import { describe, expect, it } from 'vitest';
import { drawnState, podSummary } from './pod-state.ts';
import type { ContainerStatus, Pod, PodSpec, PodStatus } from '../../api/generated/types.ts';

const container = (name: string, state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name,
  state,
  image: 'i',
  imageID: '',
  ready: false,
  restartCount: 0,
  ...more,
});
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const ready = (status: string) => [{ type: 'Ready', status }];
const pod = (status: PodStatus, spec: Partial<PodSpec> = {}, deleted = false): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(deleted ? { deletionTimestamp: '2026-01-01T00:01:00Z' } : {}),
  },
  spec: { containers: [{ name: 'a' }], ...spec } as PodSpec,
  status,
});

const rows: [string, Pod, ReturnType<typeof podSummary>][] = [
  ['just created', pod({ phase: 'Pending' }), { state: 'pending', text: 'Pending', ready: 0, total: 1, restarts: 0 }],
  [
    'running and ready',
    pod({ phase: 'Running', conditions: ready('True'), containerStatuses: [container('a', running, { ready: true, restartCount: 2 })] }),
    { state: 'running', text: 'Running', ready: 1, total: 1, restarts: 2 },
  ],
  [
    'running, probe fails',
    pod({ phase: 'Running', conditions: ready('False'), containerStatuses: [container('a', running)] }),
    { state: 'notReady', text: 'Running', ready: 0, total: 1, restarts: 0 },
  ],
  [
    'crash loop',
    pod({ phase: 'Running', containerStatuses: [container('a', { waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 4 })] }),
    { state: 'failed', text: 'CrashLoopBackOff', ready: 0, total: 1, restarts: 4 },
  ],
  [
    'image cannot be pulled',
    pod({ phase: 'Pending', containerStatuses: [container('a', { waiting: { reason: 'ImagePullBackOff' } })] }),
    { state: 'failed', text: 'ImagePullBackOff', ready: 0, total: 1, restarts: 0 },
  ],
  [
    'image is being pulled',
    pod({ phase: 'Pending', containerStatuses: [container('a', { waiting: { reason: 'ContainerCreating' } })] }),
    { state: 'pending', text: 'ContainerCreating', ready: 0, total: 1, restarts: 0 },
  ],
  [
    'second of two init containers runs',
    pod(
      {
        phase: 'Pending',
        initContainerStatuses: [container('i', { terminated: { exitCode: 0 } }), container('j', running)],
        containerStatuses: [container('a', { waiting: { reason: 'PodInitializing' } })],
      },
      { initContainers: [{ name: 'i' }, { name: 'j' }] as PodSpec['containers'] },
    ),
    { state: 'pending', text: 'Init:1/2', ready: 0, total: 1, restarts: 0 },
  ],
  [
    'init container failed',
    pod(
      { phase: 'Pending', initContainerStatuses: [container('i', { terminated: { exitCode: 3 } })] },
      { initContainers: [{ name: 'i' }] as PodSpec['containers'] },
    ),
    { state: 'pending', text: 'Init:ExitCode:3', ready: 0, total: 1, restarts: 0 },
  ],
  [
    'sidecar counts among the containers',
    pod(
      {
        phase: 'Running',
        conditions: ready('True'),
        initContainerStatuses: [container('s', running, { ready: true, started: true, restartCount: 1 })],
        containerStatuses: [container('a', running, { ready: true })],
      },
      { initContainers: [{ name: 's', restartPolicy: 'Always' }] as PodSpec['containers'] },
    ),
    { state: 'running', text: 'Running', ready: 2, total: 2, restarts: 1 },
  ],
  [
    'finished',
    pod({ phase: 'Succeeded', containerStatuses: [container('a', { terminated: { exitCode: 0, reason: 'Completed' } })] }),
    { state: 'succeeded', text: 'Completed', ready: 0, total: 1, restarts: 0 },
  ],
  ['evicted', pod({ phase: 'Failed', reason: 'Evicted' }), { state: 'failed', text: 'Evicted', ready: 0, total: 1, restarts: 0 }],
  [
    'being deleted',
    pod({ phase: 'Running', conditions: ready('True'), containerStatuses: [container('a', running, { ready: true })] }, {}, true),
    { state: 'terminating', text: 'Terminating', ready: 1, total: 1, restarts: 0 },
  ],
  [
    'one of two containers has completed',
    pod(
      {
        phase: 'Running',
        conditions: ready('False'),
        containerStatuses: [container('a', { terminated: { exitCode: 0, reason: 'Completed' } }), container('b', running, { ready: true })],
      },
      { containers: [{ name: 'a' }, { name: 'b' }] as PodSpec['containers'] },
    ),
    { state: 'notReady', text: 'NotReady', ready: 1, total: 2, restarts: 0 },
  ],
  [
    'waits for a scheduling gate',
    pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] }),
    { state: 'pending', text: 'SchedulingGated', ready: 0, total: 1, restarts: 0 },
  ],
];

describe('podSummary', () => {
  it.each(rows)('%s', (_name, given, expected) => {
    expect(podSummary(given)).toEqual(expected);
  });
});

describe('drawnState', () => {
  it('is unknown on a silent node, except for pods that have ended', () => {
    expect(drawnState(rows[1]![1], true)).toBe('unknown');
    expect(drawnState(rows[1]![1], false)).toBe('running');
    expect(drawnState(rows[9]![1], true)).toBe('succeeded');
  });
});
