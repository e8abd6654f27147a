import { describe, expect, it } from 'vitest';
import type { Pod } from '../../api/generated/types.ts';
import type { TaskInfo } from '../../worker/protocol.ts';
import { componentsBehind } from './components-behind.ts';
import { podStage } from './first-run-facts.ts';

const task = (id: number, component: string, object: string, cause = 0): TaskInfo => ({ id, at: 0, component, action: 'act', object, cause });

describe('the components behind an object', () => {
  it('are those whose tasks name it or follow from one that does', () => {
    const tasks = [
      task(1, 'kubelet', 'pods/default/hello'),
      task(11, 'you', 'pods/default/hello'),
      task(12, 'kube-scheduler', 'queue', 11),
      task(13, 'node-lifecycle', 'nodes/node-1'),
      task(14, 'kubelet', 'pods/default/hello'),
      task(15, 'containerd', 'pull', 14),
      task(16, 'kubelet', 'pods/default/hello', 14),
    ];
    expect(componentsBehind(tasks, 10, 'hello')).toEqual(['kube-scheduler', 'kubelet', 'containerd']);
  });
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
