import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/generated/types.ts';
import type { TaskInfo } from '../../worker/protocol.ts';
import { componentsOf, tasksBehind } from './components-behind.ts';
import { podStage } from './first-run-facts.ts';

const task = (id: number, component: string, object: string, cause = 0, action = 'act'): TaskInfo => ({
  id,
  at: 0,
  component,
  action,
  object,
  cause,
});

describe('what one object set in motion', () => {
  const tasks = [
    task(1, 'kubelet', 'pods/default/hello'),
    task(11, 'kube-scheduler', 'pods', 10, 'watch'),
    task(12, 'you', 'pods/default/hello'),
    task(13, 'kube-controller-manager', 'pods', 12, 'watch'),
    task(14, 'kube-scheduler', 'pods', 12, 'watch'),
    task(15, 'kube-scheduler', 'pods/default/hello', 14, 'schedule'),
    task(16, 'node-lifecycle', 'nodes/node-1'),
    task(18, 'node-1', 'nginx:1.25', 17, 'pulled'),
    task(17, 'kubelet/node-1', 'pods/default/hello', 15, 'sync pod'),
  ];
  const behind = tasksBehind(tasks, 10, 'hello');

  it('are the tasks that name it or follow from one that does', () => {
    expect(behind.map(({ id }) => id)).toEqual([12, 13, 14, 15, 17, 18]);
  });

  it('are the components that acted, with the two behind every write', () => {
    expect(componentsOf(behind)).toEqual(['kube-apiserver', 'etcd', 'kube-scheduler', 'kubelet/node-1', 'node-1']);
    expect(componentsOf([])).toEqual([]);
  });

  it('can leave out deliveries that led to nothing', () => {});
});

describe('the stage of a Pod', () => {
  const pod = (nodeName: string | undefined, phase: string | undefined) => ({ spec: { nodeName }, status: { phase } }) as unknown as Pod;
  it.each([
    ['sent', undefined],
    ['pending', pod(undefined, 'Pending')],
    ['scheduled', pod('node-1', 'Pending')],
    ['running', pod('node-1', 'Running')],
    ['failed', pod('node-1', 'Failed')],
  ] as const)('%s', (stage, given) => {
    expect(podStage(given)).toBe(stage);
  });
});
