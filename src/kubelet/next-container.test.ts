import { describe, expect, it } from 'vitest';
import { ContainerRecord } from './container-record.ts';
import type { ContainerKind } from './container-record.ts';
import { nextRetry, nextStep } from './next-container.ts';

type State = 'new' | 'running' | number;

/** "kind:state" → record; a number is the exit code of an ended container. */
function record(kind: ContainerKind, state: State, retryAt = 0): ContainerRecord {
  const made = new ContainerRecord({ name: kind }, kind);
  made.retryAt = retryAt;
  if (state === 'new') return made;
  made.starts = 1;
  made.state = state === 'running' ? 'running' : 'terminated';
  if (typeof state === 'number') made.terminated = { exitCode: state };
  return made;
}

const step = (policy: string, ...records: ContainerRecord[]) => {
  const next = nextStep(records, policy, 100);
  return typeof next === 'string' ? next : `start ${next.start.kind}`;
};

describe('the next step of a pod', () => {
  it.each([
    ['starts with the init container', 'Always', [record('init', 'new'), record('regular', 'new')], 'start init'],
    ['waits for the init container', 'Always', [record('init', 'running'), record('regular', 'new')], 'wait'],
    ['goes on when it has succeeded', 'Always', [record('init', 0), record('regular', 'new')], 'start regular'],
    ['repeats a failed init container', 'Always', [record('init', 1), record('regular', 'new')], 'start init'],
    ['gives up with restartPolicy Never', 'Never', [record('init', 1), record('regular', 'new')], 'finished'],
    ['starts a sidecar before the others', 'Always', [record('sidecar', 'new'), record('regular', 'new')], 'start sidecar'],
    ['does not wait for a sidecar to end', 'Always', [record('sidecar', 'running'), record('regular', 'new')], 'start regular'],
    ['restarts a sidecar while the pod runs', 'Never', [record('sidecar', 1), record('regular', 'running')], 'start sidecar'],
    ['is finished although a sidecar runs', 'Never', [record('sidecar', 'running'), record('regular', 0)], 'finished'],
    ['does not run init containers again', 'Always', [record('init', 'new'), record('regular', 'running')], 'wait'],
    ['restarts on failure', 'OnFailure', [record('regular', 1), record('regular', 0)], 'start regular'],
    ['holds a restart back', 'Always', [record('regular', 1, 500)], 'wait'],
    ['lets the other containers start', 'Always', [record('regular', 1, 500), record('regular', 'new')], 'start regular'],
    ['starts ephemeral containers', 'Always', [record('regular', 'running'), record('ephemeral', 'new')], 'start ephemeral'],
  ])('%s', (_name, policy, records, expected) => {
    expect(step(policy, ...records)).toBe(expected);
  });

  it('knows when the next restart is due', () => {
    expect(nextRetry([record('regular', 1, 500), record('regular', 1, 300)], 'Always', 100)).toBe(300);
    expect(nextRetry([record('regular', 1, 500)], 'Never', 100)).toBeUndefined();
  });

  it('runs init containers again in a new sandbox', () => {
    const lost = [record('init', 0), record('regular', 255)];
    for (const one of lost) one.lost = true;
    expect(step('Always', ...lost)).toBe('start init');
  });
});
