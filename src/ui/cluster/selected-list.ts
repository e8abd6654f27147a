/** Live objects by label selector. Apart from hooks.ts, because the shell has no use for the selectors' parser. */
import { useMemo } from 'react';
import { parseSelector } from '../../apimachinery/label-selector-parser.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { useList } from './hooks.ts';
import type { ListFilter, LiveList, ResourceRef } from './live-store.ts';

/** As `useList`, but only objects whose labels fit `selector`, in its text form ("app=web,tier!=db"). Throws what `parseSelector` throws. */
export function useSelectedList<T extends KubernetesObject>(
  resource: ResourceRef<T>,
  selector: string,
  filter: ListFilter = {},
): LiveList<T> {
  const { items, synced } = useList(resource, filter);
  return useMemo(() => {
    const wanted = parseSelector(selector);
    return { items: items.filter(({ metadata }) => wanted.matches(metadata.labels)), synced };
  }, [items, synced, selector]);
}
