/** The store as the worker tells it, asked for again after each change of its revision, as long as somebody looks. */
import { useEffect, useState } from 'react';
import type { Controls } from '../../worker/protocol.ts';
import type { ViewControls } from '../../worker/protocol-views.ts';
import { useClock, useCluster } from '../cluster/hooks.ts';

/** At most so often, ms. */
const PERIOD_MS = 300;

/** The answer to a control, kept up to date with the store's revision; undefined before the first, or without `params`. */
export function useAnswer<Name extends keyof ViewControls>(
  name: Name,
  params: ViewControls[Name]['params'] | undefined,
): ViewControls[Name]['result'] | undefined {
  const { connection } = useCluster();
  const revision = useClock()?.revision ?? 0;
  const question = params === undefined ? undefined : JSON.stringify(params);
  const settled = useSettled(revision);
  const [answer, setAnswer] = useState<{ question: string; result: ViewControls[Name]['result'] }>();
  useEffect(() => {
    if (question === undefined) return;
    let gone = false;
    const asked = JSON.parse(question) as Controls[Name]['params'];
    connection.control(name, asked).then(
      (result) => {
        if (!gone) setAnswer({ question, result: result as ViewControls[Name]['result'] });
      },
      () => undefined, // the cluster is being moved or restarted: the next revision asks again
    );
    return () => {
      gone = true;
    };
  }, [connection, name, question, settled]);
  return answer?.question === question ? answer?.result : undefined;
}

/** The value, but not a new one more often than PERIOD_MS. */
function useSettled(value: number): number {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    if (settled === value) return;
    const timer = setTimeout(() => setSettled(value), PERIOD_MS);
    return () => clearTimeout(timer);
  }, [settled, value]);
  return settled;
}
