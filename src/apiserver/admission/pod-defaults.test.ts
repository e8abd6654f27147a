import { describe, expect, it } from 'vitest';
import { PodResource } from '../../api/core/pod.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import { PriorityClassResource } from '../../api/scheduling/priority-class.ts';
import type { Pod, PodSpec, PriorityClass, ServiceAccount } from '../../api/generated/types.ts';
import type { Client, Sent } from '../../client/client.ts';
import { startControlPlane } from '../../cluster/testing/control-plane.ts';

function create(client: Client, spec: Partial<PodSpec>): PodSpec {
  const containers = [{ name: 'c', image: 'x' }];
  return client.create(PodResource, { metadata: { namespace: 'default', generateName: 'p-' }, spec: { containers, ...spec } } as Sent<Pod>)
    .spec;
}

const computed = 'priority admission controller computed';
const fromClass = 'from the given PriorityClass name';

describe("a pod's priority", () => {
  function setUp() {
    const { client } = startControlPlane();
    client.create(ServiceAccountResource, { metadata: { name: 'default', namespace: 'default' } } as Sent<ServiceAccount>);
    const add = (name: string, rest: Partial<PriorityClass>) =>
      client.create(PriorityClassResource, { metadata: { name }, value: 10, ...rest } as Sent<PriorityClass>);
    add('high', {});
    add('polite', { preemptionPolicy: 'Never' });
    return { client, add };
  }

  it.each([
    [{}, { priority: 0, preemptionPolicy: 'PreemptLowerPriority' }],
    [{ priorityClassName: 'high' }, { priority: 10, preemptionPolicy: 'PreemptLowerPriority' }],
    [{ priorityClassName: 'polite' }, { priority: 10, preemptionPolicy: 'Never' }],
    [
      { priorityClassName: 'polite', priority: 10, preemptionPolicy: 'Never' },
      { priority: 10, preemptionPolicy: 'Never' },
    ],
    [{ priorityClassName: 'system-node-critical' }, { priority: 2_000_001_000, preemptionPolicy: 'PreemptLowerPriority' }],
  ] as [Partial<PodSpec>, Partial<PodSpec>][])('of %j is that of its class: %j', (spec, expected) => {
    expect(create(setUp().client, spec)).toMatchObject(expected);
  });

  it.each([
    [{ priorityClassName: 'nope' }, 'no PriorityClass with name nope was found'],
    [{ priority: 5 }, `the integer value of priority (5) must not be provided in pod spec; ${computed} 0 ${fromClass}`],
    [
      { priorityClassName: 'high', priority: 5 },
      `the integer value of priority (5) must not be provided in pod spec; ${computed} 10 ${fromClass}`,
    ],
    [
      { priorityClassName: 'high', preemptionPolicy: 'Never' },
      `the string value of PreemptionPolicy (Never) must not be provided in pod spec; ${computed} PreemptLowerPriority ${fromClass}`,
    ],
    [
      { preemptionPolicy: 'Never' },
      `the string value of PreemptionPolicy (Never) must not be provided in pod spec; ${computed} PreemptLowerPriority ${fromClass}`,
    ],
  ] as [Partial<PodSpec>, string][])('of %j is refused: %s', (spec, message) => {
    expect(() => create(setUp().client, spec)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(`is forbidden: ${message}`) }),
    );
  });

  it('is that of the default class where there is one', () => {
    const { client, add } = setUp();
    add('usual', { value: 7, globalDefault: true, preemptionPolicy: 'Never' });
    expect(create(client, {})).toMatchObject({ priorityClassName: 'usual', priority: 7, preemptionPolicy: 'Never' });
  });
});
