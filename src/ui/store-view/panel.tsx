/**
 * View 5, the store: etcd's keys, the versions of one of them with what each changed, the newest revisions of the whole store, and how far
 * every watch has come.
 */
import { useRef } from 'react';
import type { KeyboardEvent } from 'react';
import { useClock } from '../cluster/hooks.ts';
import { storeText } from '../i18n/areas/store.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { KeyHistory } from './key-history.tsx';
import { KeyTree } from './key-tree.tsx';
import { NewestRevisions } from './newest-revisions.tsx';
import { useAnswer } from './use-store.ts';
import { useStoreState } from '../state/store-view.ts';
import { WatchLanes } from './watch-lanes.tsx';
import styles from './panel.module.css';

/** Revisions in the list of the newest. */
const NEWEST = 100;

/** The panel. */
export function Panel() {
  const t = useText(storeText);
  const language = useLanguage();
  const { key, set } = useStoreState();
  const tree = useRef<HTMLDivElement>(null);
  const overview = useAnswer('store', { changes: NEWEST });
  const revision = useClock()?.revision ?? 0;
  const close = () => {
    const before = tree.current?.querySelector<HTMLElement>('[aria-current]') ?? tree.current?.querySelector('input');
    set({ key: undefined, revision: undefined, base: undefined });
    before?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || key === undefined) return;
    event.preventDefault();
    close();
  };
  return (
    <div className={styles.panel} onKeyDown={onKeyDown}>
      <div className={styles.tree} ref={tree}>
        <KeyTree branches={overview?.branches ?? []} />
      </div>
      <div className={styles.middle}>
        <p className={styles.status}>
          <b>{t('revision', { revision: formatNumber(language, revision) })}</b>{' '}
          {overview && (
            <span>
              {overview.compactedRevision > 0
                ? t('compacted', { revision: formatNumber(language, overview.compactedRevision) })
                : t('notCompacted')}
            </span>
          )}
        </p>
        {key === undefined ? (
          <>
            <EmptyState title={t('choose')}>{t('chooseHint')}</EmptyState>
            <NewestRevisions changes={overview?.changes ?? []} />
          </>
        ) : (
          <KeyHistory key={key} name={key} onClose={close} />
        )}
      </div>
      <div className={styles.watches}>
        <WatchLanes watches={overview?.watches ?? []} revision={overview?.revision ?? 0} />
        <p className={styles.raft}>
          {t('watches.lead')} {t('raft')}
        </p>
      </div>
    </div>
  );
}
