/** The next step of a StatefulSet. */
import { nextSteps } from '../../src/controller-manager/statefulset/order.ts';
import type { Area } from '../area.ts';

interface Given {
  ordinal: number;
  ready?: boolean;
  terminating?: boolean;
}

export const run: Area['run'] = ({ replicas, policy, pods, partition, outdated }) => {
  const wanted = { start: 0, replicas: Number(replicas), ordered: policy !== 'Parallel', partition: Number(partition ?? 0) };
  const old = (outdated ?? []) as number[];
  const steps = nextSteps(
    wanted,
    (pods as Given[]).map(({ ordinal, ready = false, terminating = false }) => ({
      ordinal,
      terminating,
      ended: false,
      available: ready,
      outdated: old.includes(ordinal),
    })),
  );
  if (steps.create.length > 0) return { action: 'create', ordinals: steps.create };
  if (steps.remove.length > 0) return { action: 'delete', ordinals: steps.remove.toSorted((a, b) => a - b) };
  if (steps.update.length > 0) return { action: 'update', ordinals: steps.update };
  return { action: steps.waiting ? 'wait' : 'none', ordinals: [] };
};
