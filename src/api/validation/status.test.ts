import { describe, expect, it } from 'vitest';
import type { Pod, PodSpec, PodStatus } from '../generated/types.ts';
import { collisionCountKept, validatePodStatus, validateReplicaCounts } from './status.ts';

const fields = (errors: readonly { field: string }[]) => errors.map(({ field }) => field);

describe('counts of a workload', () => {
  it.each<[string, object | undefined, string[]]>([
    ['may be missing', undefined, []],
    ['may be equal', { replicas: 3, readyReplicas: 3, availableReplicas: 3 }, []],
    ['may not be negative', { observedGeneration: -1 }, ['status.observedGeneration']],
    ['may not exceed the replicas', { replicas: 1, readyReplicas: 2 }, ['status.readyReplicas']],
    ['may not have more available than ready', { replicas: 3, readyReplicas: 1, availableReplicas: 2 }, ['status.availableReplicas']],
  ])('%s', (_name, status, expected) => {
    expect([...new Set(fields(validateReplicaCounts(status, ['readyReplicas', 'availableReplicas'])))]).toEqual(expected);
  });

  it('keep their collisions', () => {
    expect(fields(collisionCountKept({ collisionCount: 1 }, { collisionCount: 2 }))).toEqual(['status.collisionCount']);
    expect(collisionCountKept({ collisionCount: 2 }, { collisionCount: 2 })).toEqual([]);
    expect(collisionCountKept(undefined, undefined)).toEqual([]);
  });
});

describe('the status of a pod', () => {
  const terminated = (exitCode: number): PodStatus => ({ containerStatuses: [container({ terminated: { exitCode } })] });
  const running: PodStatus = { containerStatuses: [container({ running: {} })] };
  function container(state: object) {
    return { name: 'c', image: 'i', imageID: '', ready: false, restartCount: 0, state };
  }
  const pod = (restartPolicy: string, status: PodStatus): Pod => ({ spec: { restartPolicy } as PodSpec, status }) as Pod;

  it.each<[string, string, number, boolean]>([
    ['revives a container that always restarts', 'Always', 0, true],
    ['revives a failed container that restarts on failure', 'OnFailure', 1, true],
    ['does not revive a finished container that restarts on failure', 'OnFailure', 0, false],
    ['does not revive a container that never restarts', 'Never', 1, false],
  ])('%s', (_name, policy, exitCode, allowed) => {
    const errors = validatePodStatus(pod(policy, running), pod(policy, terminated(exitCode)));
    expect(fields(errors)).toEqual(allowed ? [] : ['status.containerStatuses[0].state']);
  });

  it('keeps its quality of service, and has sound addresses', () => {
    const errors = validatePodStatus(
      pod('Always', { qosClass: 'Burstable', podIPs: [{ ip: 'x' }] }),
      pod('Always', { qosClass: 'BestEffort' }),
    );
    expect(fields(errors)).toEqual(['status.qosClass', 'status.podIPs[0]']);
  });
});
