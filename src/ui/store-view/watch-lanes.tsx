/** One lane a component that watches: how far it has come in the store's history, and what is on its way to it. */
import { useMemo } from 'react';
import type { CSSProperties } from 'react';
import type { WatchState } from '../../worker/protocol-views.ts';
import { storeText } from '../i18n/areas/store.ts';
import { useText } from '../i18n/text.ts';
import styles from './watch-lanes.module.css';

/** Revisions that a lane spans. */
const SPAN = 60;

interface Lane {
  receiver: string;
  resources: string[];
  delivered: number;
  waiting: number;
}

/** Watches of one component lie in one lane. */
function lanesOf(watches: readonly WatchState[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { receiver, resource, delivered, waiting } of watches) {
    const lane = lanes.get(receiver) ?? { receiver, resources: [], delivered: 0, waiting: 0 };
    lanes.set(receiver, lane);
    if (!lane.resources.includes(resource)) lane.resources.push(resource);
    lane.delivered = Math.max(lane.delivered, delivered);
    lane.waiting += waiting;
  }
  return [...lanes.values()].sort((a, b) => b.waiting - a.waiting || b.delivered - a.delivered);
}

/** The lanes, the most recently told first. */
export function WatchLanes({ watches, revision }: { watches: readonly WatchState[]; revision: number }) {
  const t = useText(storeText);
  const lanes = useMemo(() => lanesOf(watches), [watches]);
  return (
    <section className={styles.watches} aria-label={t('watches')}>
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
                    {delivered > 0 && <span className={styles.dot} style={placeOf(delivered, revision)} />}
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

/** Newest at the right; what lies farther back than the span stays at the left end. */
function placeOf(delivered: number, revision: number): CSSProperties {
  return { left: `${Math.max(0, 1 - (revision - delivered) / SPAN) * 100}%` };
}
