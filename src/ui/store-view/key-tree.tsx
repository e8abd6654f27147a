/** The keys, by resource: a branch is opened, its keys are listed below it. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { StoreBranch, StoreKey } from '../../worker/protocol-views.ts';
import { storeText } from '../i18n/areas/store.ts';
import { useText } from '../i18n/text.ts';
import { useAnswer } from './use-store.ts';
import { useStoreState } from '../state/store-view.ts';
import styles from './key-tree.module.css';

/** Keys fetched per branch. */
const LIMIT = 300;
const ROOT = '/registry/';

/** The tree with its filter. */
export function KeyTree({ branches }: { branches: readonly StoreBranch[] }) {
  const t = useText(storeText);
  const { branch, filter, set } = useStoreState();
  return (
    <section className={styles.tree} aria-label={t('tree')}>
      <div className={styles.bar}>
        <h2>{t('keys')}</h2>
        <input
          type="search"
          data-filter=""
          placeholder={t('filter')}
          aria-label={t('filter')}
          value={filter}
          onChange={(event) => set({ filter: event.target.value })}
        />
      </div>
      <ul className={styles.list}>
        {branches.map(({ prefix, keys }) => (
          <li key={prefix}>
            <button
              type="button"
              className={styles.branch}
              aria-expanded={branch === prefix}
              onClick={() => set({ branch: branch === prefix ? undefined : prefix })}
            >
              {branch === prefix ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
              <span className={styles.name}>{prefix.slice(ROOT.length, -1)}</span>
              <span className={styles.count}>{keys}</span>
            </button>
            {branch === prefix && <Keys prefix={prefix} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Keys({ prefix }: { prefix: string }) {
  const t = useText(storeText);
  const { filter, key: chosen, set } = useStoreState();
  const answer = useAnswer('storeKeys', { prefix, limit: LIMIT });
  const [shown, setShown] = useState<readonly StoreKey[]>([]);
  if (answer && answer.keys !== shown) setShown(answer.keys);
  const fitting = shown.filter(({ key }) => key.includes(filter.trim()));
  return (
    <>
      <ul className={styles.keys}>
        {fitting.map(({ key, modRevision }) => (
          <li key={key}>
            <button
              type="button"
              className={styles.key}
              aria-current={key === chosen || undefined}
              onClick={() => set({ key, revision: undefined })}
            >
              <span className={styles.name}>{key.slice(prefix.length)}</span>
              <span className={styles.count}>{modRevision}</span>
            </button>
          </li>
        ))}
      </ul>
      {answer && fitting.length === 0 && <p className={styles.note}>{t('empty', { filter })}</p>}
      {answer && answer.count > shown.length && <p className={styles.note}>{t('more', { n: shown.length, all: answer.count })}</p>}
    </>
  );
}
