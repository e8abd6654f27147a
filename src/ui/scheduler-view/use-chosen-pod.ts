/** Which pod is looked at: the one that was selected last anywhere, else one that waits, else one that was placed. */
import { useEffect } from 'react';
import { SchedulingDecisionResource } from '../../api/kubarium/scheduling-decision.ts';
import { useMedia } from '../app/use-media.ts';
import { useCluster } from '../cluster/hooks.ts';
import { attempt } from '../state/attempt.ts';
import { useUiState } from '../state/ui-state.ts';
import { podOrder } from './queue-lanes.ts';
import { useViewState } from './view-state.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

const { group, version, plural: resource } = SchedulingDecisionResource;
const SYSTEM = 'kube-system';

/** The pod, and the way to choose another. `shown`: those of the namespaces that are looked at. */
export function useChosenPod(pods: readonly Pod[], shown: readonly Pod[]): { pod: Pod | undefined; choose(pod: Pod): void } {
  const { connection } = useCluster();
  const { selection, select } = useUiState();
  const { pod: wanted, set } = useViewState();
  const phone = useMedia('(max-width: 767px)');
  useEffect(() => {
    if (selection?.kind === 'Pod') {
      set({
        pod: { namespace: selection.namespace ?? 'default', name: selection.name },
        attempt: undefined,
        cell: undefined,
        pipelineStage: undefined,
      });
    } else if (selection?.kind === 'SchedulingDecision') {
      const { namespace, name } = selection;
      const get = async () => {
        const { object } = await connection.request({ verb: 'get', group, version, resource, namespace, name });
        const { podRef, attempt: number } = (object as SchedulingDecision).spec;
        set({ pod: { namespace: podRef.namespace, name: podRef.name }, attempt: number, cell: undefined, pipelineStage: undefined });
      };
      attempt(get());
    }
  }, [connection, selection, set]);
  const chosen = wanted && pods.find(({ metadata }) => metadata.name === wanted.name && metadata.namespace === wanted.namespace);
  return {
    pod: chosen ?? firstChoice(shown),
    choose(pod) {
      const { name, namespace = 'default' } = pod.metadata;
      set({ pod: { namespace, name }, attempt: undefined, cell: undefined, pipelineStage: undefined });
      // On a phone a selection leads away to the inspector.
      if (!phone) select({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    },
  };
}

/** A pod that is worth looking at without being asked for: not one of the cluster's own. */
function firstChoice(pods: readonly Pod[]): Pod | undefined {
  const own = pods.filter(({ metadata }) => metadata.namespace !== SYSTEM);
  const { waiting, placed } = podOrder(own);
  return waiting[0] ?? placed[0];
}
