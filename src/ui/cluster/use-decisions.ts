/**
 * The decisions about one pod, live. Not through the live store, which would fetch those of all pods: in a large cluster each decision
 * lists thousands of nodes.
 */
import { useEffect, useState } from 'react';
import { DECISION_POD_UID_LABEL, SchedulingDecisionResource } from '../../api/kubarium/scheduling-decision.ts';
import { useCluster } from './hooks.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { RequestOptions } from '../../api/request.ts';

/** Decisions, the first attempt first. */
export interface Decisions {
  items: readonly SchedulingDecision[];
  /** Whether all that there are have come. */
  synced: boolean;
}

const NOTHING: Decisions = { items: [], synced: false };
const { group, version, plural: resource } = SchedulingDecisionResource;

/** Watches decisions by a selector; without options none. */
function useWatched(namespace: string | undefined, options: RequestOptions | undefined): Decisions {
  const { connection } = useCluster();
  const selector = options?.labelSelector ?? '';
  const fields = options?.fieldSelector ?? '';
  const key = `${namespace ?? ''}|${selector}|${fields}`;
  const [state, setState] = useState<{ key: string; list: Decisions }>({ key, list: NOTHING });
  const wanted = options !== undefined;
  useEffect(() => {
    if (!wanted) return undefined;
    const found = new Map<string, SchedulingDecision>();
    let synced = false;
    const receiver = {
      events(batch: readonly { type: string; object: unknown }[]) {
        for (const { type, object } of batch) {
          if (type === 'BOOKMARK') synced = true;
          else if (type !== 'ERROR') {
            const decision = object as SchedulingDecision;
            if (type === 'DELETED') found.delete(decision.metadata.uid);
            else found.set(decision.metadata.uid, decision);
          }
        }
        if (synced) setState({ key, list: { items: inOrder([...found.values()]), synced } });
      },
      restarted() {
        found.clear();
        synced = false;
      },
    };
    const call = {
      group,
      version,
      resource,
      ...(namespace !== undefined && { namespace }),
      options: { ...(selector && { labelSelector: selector }), ...(fields && { fieldSelector: fields }) },
    };
    return connection.watch(call, receiver).stop;
  }, [connection, wanted, namespace, selector, fields, key]);
  return wanted && state.key === key ? state.list : NOTHING;
}

const inOrder = (items: SchedulingDecision[]): SchedulingDecision[] =>
  items.filter(({ spec }) => !spec.dryRun).sort((a, b) => a.spec.attempt - b.spec.attempt);

/** All attempts on a pod. */
export function useDecisions(namespace: string | undefined, uid: string | undefined): Decisions {
  return useWatched(namespace, uid === undefined ? undefined : { labelSelector: `${DECISION_POD_UID_LABEL}=${uid}` });
}

/** The failed attempts of all pods: for the lanes of the queue. */
export function useFailedDecisions(wanted: boolean): Decisions {
  return useWatched(undefined, wanted ? { fieldSelector: 'status.result!=Scheduled' } : undefined);
}
