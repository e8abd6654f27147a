/** The keys, by resource: a branch is opened, its keys are listed below it. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import type { StoreBranch, StoreKey } from '../../worker/protocol-views.ts';
import { storeText } from '../i18n/areas/store.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../widgets/button.tsx';
import { useAnswer } from './use-store.ts';
import { useStoreState } from '../state/store-view.ts';
import styles from './key-tree.module.css';

/** Keys fetched per branch. */
const LIMIT = 300;
const ROOT = '/registry/';

/** The tree with its filter. */
export function KeyTree({ branches }: { branches: readonly StoreBranch[] }) {
  const t = useText(storeText);
  const { filter, set } = useStoreState();
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
      {filter.trim() === '' ? <Branches branches={branches} /> : <Found filter={filter.trim()} />}
    </section>
  );
}

function Branches({ branches }: { branches: readonly StoreBranch[] }) {
  const t = useText(storeText);
  const { branch, set } = useStoreState();
  const keys = useKeys(branch, '');
  return (
    <ul className={styles.list}>
      {branches.map(({ prefix, keys: count }) => (
        <li key={prefix}>
          <button
            type="button"
            className={styles.branch}
            aria-expanded={branch === prefix}
            onClick={() => set({ branch: branch === prefix ? undefined : prefix })}
          >
            {branch === prefix ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
            <span className={styles.name}>{prefix.slice(ROOT.length, -1)}</span>
            <span className={styles.count}>{count}</span>
          </button>
          {branch === prefix && keys && (
            <>
              <Keys prefix={prefix} keys={keys.shown} />
              {keys.count > keys.shown.length && <p className={styles.note}>{t('more', { n: keys.shown.length, all: keys.count })}</p>}
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Keys of all resources that hold the text. */
function Found({ filter }: { filter: string }) {
  const t = useText(storeText);
  const set = useStoreState((state) => state.set);
  const keys = useKeys(ROOT, filter);
  if (keys === undefined) return null;
  return (
    <div className={styles.list}>
      {keys.count === 0 ? (
        <p className={styles.note}>
          {t('empty', { filter })} <Button onClick={() => set({ filter: '' })}>{t('clear')}</Button>
        </p>
      ) : (
        <p className={styles.note}>
          {keys.count > keys.shown.length ? t('more', { n: keys.shown.length, all: keys.count }) : t('count', { n: keys.count })}
        </p>
      )}
      <Keys prefix={ROOT} keys={keys.shown} />
    </div>
  );
}

/** The last answer stays until the next one is there: a list that vanishes for a moment jumps. */
function useKeys(prefix: string | undefined, contains: string): { shown: readonly StoreKey[]; count: number } | undefined {
  const answer = useAnswer('storeKeys', prefix === undefined ? undefined : { prefix, contains, limit: LIMIT });
  const [last, setLast] = useState<{ prefix: string | undefined; answer: NonNullable<typeof answer> }>();
  if (answer && answer !== last?.answer) setLast({ prefix, answer });
  const known = answer ?? (last?.prefix === prefix ? last?.answer : undefined);
  return known && { shown: known.keys, count: known.count };
}

function Keys({ prefix, keys }: { prefix: string; keys: readonly StoreKey[] }) {
  const { key: chosen, set } = useStoreState();
  return (
    <ul className={styles.keys}>
      {keys.map(({ key, modRevision }) => (
        <li key={key}>
          <button
            type="button"
            className={styles.key}
            aria-current={key === chosen || undefined}
            onClick={() => set({ key, revision: undefined, base: undefined })}
          >
            <span className={styles.name}>{key.slice(prefix.length)}</span>
            <span className={styles.count}>{modRevision}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
