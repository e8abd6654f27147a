/** Which of two pods is deleted first. */
import type { Pod } from '../../src/api/generated/types.ts';
import { compareForDeletion, POD_DELETION_COST } from '../../src/controller-manager/pod-deletion-order.ts';
import type { RankedPod } from '../../src/controller-manager/pod-deletion-order.ts';
import type { Area } from '../area.ts';

interface Given {
  name: string;
  nodeName: string;
  phase: string;
  ready: boolean;
  readySince: string | null;
  created: string | null;
  restarts: number;
  cost?: number;
  rank: number;
}

function ranked({ name, nodeName, phase, ready, readySince, created, restarts, cost, rank }: Given): RankedPod {
  const pod = {
    metadata: {
      name,
      uid: name,
      creationTimestamp: created ?? undefined,
      annotations: cost === undefined ? {} : { [POD_DELETION_COST]: String(cost) },
    },
    spec: { nodeName },
    status: {
      phase,
      conditions: ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: readySince ?? undefined }] : [],
      containerStatuses: [{ restartCount: restarts }],
    },
  };
  return { pod: pod as unknown as Pod, rank };
}

export const run: Area['run'] = ({ now, pods }) => {
  const [first, second] = (pods as Given[]).map(ranked) as [RankedPod, RankedPod];
  const order = compareForDeletion(first, second, Date.parse(String(now)));
  return { first: (order < 0 ? first : second).pod.metadata.name };
};
