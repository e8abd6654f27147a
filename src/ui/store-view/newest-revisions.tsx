/** The newest revisions of the whole store, newest first. */
import type { StoreChange } from '../../worker/protocol-views.ts';
import { storeText } from '../i18n/areas/store.ts';
import { useText } from '../i18n/text.ts';
import { useStoreState } from '../state/store-view.ts';
import styles from './newest-revisions.module.css';

/** The list; choosing a revision shows its key. */
export function NewestRevisions({ changes }: { changes: readonly StoreChange[] }) {
  const t = useText(storeText);
  const set = useStoreState((state) => state.set);
  return (
    <section className={styles.newest} aria-label={t('latest')}>
      <h2>{t('latest')}</h2>
      <ol>
        {[...changes].reverse().map(({ revision, type, key }) => (
          <li key={`${revision} ${key}`}>
            <button type="button" onClick={() => set({ key, revision })}>
              <b>{revision}</b>
              <span className={type === 'DELETE' ? styles.deleted : undefined}>{type === 'DELETE' ? t('delete') : t('put')}</span>
              <code>{key}</code>
            </button>
          </li>
        ))}
      </ol>
    </section>
  );
}
