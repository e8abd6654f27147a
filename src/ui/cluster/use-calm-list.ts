/** Live lists for views that nobody can read sixty times a second: told of changes at most four times a second. */
import { useCallback, useSyncExternalStore } from 'react';
import { useCluster } from './hooks.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ListFilter, LiveList, ResourceRef } from './live-store.ts';

const PERIOD_MS = 250;

/** Calls `listener` at once, and then not again before the period is over. Returns the listener and the way to stop. */
function calmed(listener: () => void): { changed: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = 0;
  const tell = () => {
    timer = undefined;
    last = performance.now();
    listener();
  };
  return {
    changed: () => {
      timer ??= setTimeout(tell, Math.max(0, PERIOD_MS - (performance.now() - last)));
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * As `useList`. Between two tellings the component may render for another reason and see newer objects; it never sees
 * older ones.
 */
export function useCalmList<T extends KubernetesObject>(resource: ResourceRef<T>, { namespace }: ListFilter = {}): LiveList<T> {
  const { store } = useCluster();
  const subscribe = useCallback(
    (listener: () => void) => {
      const { changed, stop } = calmed(listener);
      const end = store.subscribe(resource, changed);
      return () => {
        stop();
        end();
      };
    },
    [store, resource],
  );
  return useSyncExternalStore(subscribe, () => store.list(resource, { namespace }));
}
