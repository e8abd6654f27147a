/** One lane a component that watches: how far it has come in the store's history, and what is on its way to it. */
import { useMemo } from 'react';
import type { WatchState } from '../../worker/protocol-views.ts';
import { storeText } from '../i18n/areas/store.ts';
import { useText } from '../i18n/text.ts';
import { lanesOf, placeOf } from './lanes.ts';
import styles from './watch-lanes.module.css';

/** The lanes, the most recently told first. */
export function WatchLanes({ watches, revision }: { watches: readonly WatchState[]; revision: number }) {
  const t = useText(storeText);
  const lanes = useMemo(() => lanesOf(watches), [watches]);
  return (
    <section className={styles.watches} aria-label={t('watches')} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('watches.watcher')}</th>
            <th scope="col">{t('watches.what')}</th>
            <th scope="col" className={styles.wide}>
              {t('watches.position')}
            </th>
          </tr>
        </thead>
        <tbody>
          {lanes.map(({ receiver, resources, delivered, waiting }) => (
            <tr key={receiver}>
              <th scope="row">{receiver}</th>
              <td className={styles.resources} title={resources.join(', ')}>
                {resources.join(', ')}
              </td>
              <td>
                <span className={styles.lane}>
                  <span className={styles.track} aria-hidden>
                    {delivered > 0 && <span className={styles.dot} style={{ left: `${placeOf(delivered, revision) * 100}%` }} />}
                  </span>
                  <span className={styles.words}>
                    {delivered > 0 ? t('watches.at', { revision: String(delivered) }) : t('watches.none')}
                    {waiting > 0 && <b> · {t('watches.waiting', { n: waiting })}</b>}
                  </span>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
