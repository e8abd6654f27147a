/**
 * View 5, the store: etcd's keys, the versions of one of them with what each changed, the newest revisions of the whole store, and how far
 * every watch has come.
 */
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
  const key = useStoreState((state) => state.key);
  const overview = useAnswer('store', { changes: NEWEST });
  const revision = useClock()?.revision ?? 0;
  return (
    <div className={styles.panel}>
      <div className={styles.tree}>
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
          <KeyHistory key={key} name={key} />
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
