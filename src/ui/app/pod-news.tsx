/** Reads changes of pods aloud, grouped: "4 pods ready". */
import { useEffect, useRef } from 'react';
import type { Pod } from '../../api/generated/types.ts';
import { useList } from '../cluster/hooks.ts';
import { PODS } from '../cluster/resources.ts';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { announce } from '../state/announcer.ts';

const isReady = (pod: Pod) => pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;

/** Nothing to see. */
export function PodNews() {
  const t = useText(shellText);
  const { items, synced } = useList(PODS);
  const before = useRef<string | undefined>(undefined);
  const ready = items.filter(isReady).length;
  const failed = items.filter(({ status }) => status?.phase === 'Failed').length;
  useEffect(() => {
    if (!synced) return;
    const text = failed > 0 ? `${t('podsReady', { n: ready })} ${t('podsFailed', { n: failed })}` : t('podsReady', { n: ready });
    if (before.current !== undefined && before.current !== text) announce(text, 'pods');
    before.current = text;
  }, [t, synced, ready, failed]);
  return null;
}
