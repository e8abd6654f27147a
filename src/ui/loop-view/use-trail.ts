/** The audit trail and the work queues of the cluster, asked for as long as somebody looks. */
import { useEffect, useMemo, useState } from 'react';
import type { TaskInfo } from '../../worker/protocol.ts';
import type { AuditEvent, ComponentQueue } from '../../worker/protocol-views.ts';
import { useCluster, useConnectionState } from '../cluster/hooks.ts';
import { Trail } from './story.ts';

const REFRESH_MS = 500;
/** Records that the page keeps. */
const KEPT = 1500;

interface Known {
  events: readonly AuditEvent[];
  tasks: readonly TaskInfo[];
}

const NOTHING: Known = { events: [], tasks: [] };

/** The trail as it stands. The same object until a request is added. */
export function useTrail(): Trail {
  const { connection } = useCluster();
  const { generation } = useConnectionState();
  const [known, setKnown] = useState<{ generation: number } & Known>({ generation, ...NOTHING });
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = 0;
    const ask = async () => {
      try {
        const { events, tasks } = await connection.control('audit', { after: last });
        if (gone) return;
        last = events.at(-1)?.kubarium.id ?? last;
        if (events.length > 0) {
          setKnown((before) => {
            const kept = before.generation === generation ? before : NOTHING;
            // A view that was hidden and comes back keeps what it knew, and asks from the beginning.
            const newest = kept.events.at(-1)?.kubarium.id ?? 0;
            const added = events.filter(({ kubarium }) => kubarium.id > newest);
            return { generation, events: [...kept.events, ...added].slice(-KEPT), tasks: merge(kept.tasks, tasks) };
          });
        }
      } catch {
        // The cluster is being moved or restarted: the next question may be answered.
      }
      if (!gone) timer = setTimeout(() => void ask(), REFRESH_MS);
    };
    void ask();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [connection, generation]);
  const { events, tasks } = known.generation === generation ? known : NOTHING;
  return useMemo(() => new Trail(events, tasks), [events, tasks]);
}

/** Tasks of which the worker forgot the oldest stay known here as long as their requests do. */
function merge(before: readonly TaskInfo[], now: readonly TaskInfo[]): TaskInfo[] {
  const first = now[0]?.id ?? Infinity;
  return [...before.filter(({ id }) => id < first), ...now].slice(-KEPT * 4);
}

/** The work queues that hold something. */
export function useQueues(): readonly ComponentQueue[] {
  const { connection } = useCluster();
  const [queues, setQueues] = useState<readonly ComponentQueue[]>([]);
  useEffect(() => {
    let gone = false;
    const ask = () =>
      connection.control('queues', {}).then(
        (found) => {
          if (!gone) setQueues((known) => (JSON.stringify(known) === JSON.stringify(found) ? known : found));
        },
        () => undefined, // see above
      );
    void ask();
    const timer = setInterval(() => void ask(), REFRESH_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [connection]);
  return queues;
}
