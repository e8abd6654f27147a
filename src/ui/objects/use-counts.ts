/** How many objects there are of each kind, at most twice a second. Watches all kinds as long as somebody asks. */
import { useEffect, useState } from 'react';
import { ALL_RESOURCES } from '../../api/index.ts';
import { useCluster } from '../cluster/hooks.ts';

const PERIOD_MS = 500;

/** Counts by "group/plural"; of namespaced kinds those in the namespace. */
export function useCounts(namespace: string | undefined): ReadonlyMap<string, number> {
  const { store } = useCluster();
  const [counts, setCounts] = useState<ReadonlyMap<string, number>>(new Map());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const count = () => {
      timer = undefined;
      setCounts(
        new Map(
          ALL_RESOURCES.map((resource) => [
            `${resource.group}/${resource.plural}`,
            store.list(resource, resource.namespaced && namespace !== undefined ? { namespace } : {}).items.length,
          ]),
        ),
      );
    };
    const changed = () => {
      timer ??= setTimeout(count, PERIOD_MS);
    };
    const stops = ALL_RESOURCES.map((resource) => store.subscribe(resource, changed));
    count();
    return () => {
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [store, namespace]);
  return counts;
}
