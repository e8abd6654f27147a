/** Follows whether the cluster still is as each applied file says. */
import { useEffect, useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { useDocuments } from '../state/documents.ts';
import { useUiState } from '../state/ui-state.ts';
import { ask } from './analysis/service.ts';
import type { Standing } from './differing.ts';

/** Objects of files beyond this many are not compared. */
const MAX_OBJECTS = 200;
/** At most so often, ms. */
const EVERY_MS = 1000;

/** By file id; a file that was not applied, or was changed since, is missing. */
export function useStandings(): Readonly<Record<string, Standing>> {
  const { store } = useCluster();
  const namespace = useUiState((state) => state.namespace) ?? 'default';
  const files = useDocuments((state) => state.files);
  const [standings, setStandings] = useState<Record<string, Standing>>({});
  const applied = files.filter(({ text, applied: before }) => before === text);
  const key = applied.map(({ id, text }) => `${id}:${String(text.length)}`).join();
  useEffect(() => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stops: (() => void)[] = [];
    const watch = async () => {
      const { kindsOf, standingOf } = await import('./differing.ts');
      const followed = useDocuments.getState().files.filter(({ text, applied: before }) => before === text);
      const reads = await Promise.all(followed.map(async ({ id, text }) => ({ id, manifests: (await ask('read', text, {})).manifests })));
      const small = reads.filter(({ manifests }) => manifests.length <= MAX_OBJECTS);
      if (gone) return;
      const look = () => {
        timer ??= setTimeout(() => {
          timer = undefined;
          const found = small.map(({ id, manifests }) => [id, standingOf(manifests, store, namespace)] as const);
          setStandings(Object.fromEntries(found.filter((entry): entry is [string, Standing] => entry[1] !== undefined)));
        }, EVERY_MS);
      };
      const kinds = new Set(small.flatMap(({ manifests }) => kindsOf(manifests)));
      for (const kind of kinds) stops.push(store.subscribe(kind, look));
      look();
    };
    void watch();
    return () => {
      gone = true;
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [store, namespace, key]);
  return standings;
}
