/** Two decisions side by side: places, totals, and what moved, with arrows and words. */
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { differences, worthShowing } from './compare-model.ts';
import { Hidden } from './hidden.tsx';
import styles from './comparison.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Difference, Standing } from './compare-model.ts';

const MOST = 12;

interface ComparisonProps {
  before: SchedulingDecision;
  after: SchedulingDecision;
  /** Headings of the two. */
  names: readonly [string, string];
}

/** The table. */
export function Comparison({ before, after, names }: ComparisonProps) {
  const t = useText(schedulerText);
  const all = differences(before, after);
  const rows = worthShowing(all, [before.status.nodeName, after.status.nodeName], MOST);
  const changed = all.filter((row) => row.changed).length;
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('column.node')}</th>
            <th scope="col">{names[0]}</th>
            <th scope="col">{names[1]}</th>
            <th scope="col">{t('compare.change')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.node} data-changed={row.changed}>
              <th scope="row">{row.node}</th>
              <Place standing={row.before} winner={row.node === before.status.nodeName} />
              <Place standing={row.after} winner={row.node === after.status.nodeName} />
              <Move row={row} />
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.muted}>
        {t('compare.changed', { n: changed })} {all.length > rows.length && t('compare.more', { n: all.length - rows.length })}
      </p>
    </div>
  );
}

function Place({ standing, winner }: { standing: Standing | undefined; winner: boolean }) {
  const t = useText(schedulerText);
  const language = useLanguage();
  if (standing === undefined) return <td className={styles.muted}>–</td>;
  if (standing.refused !== undefined) {
    return (
      <td className={styles.refused} title={standing.refused}>
        <span aria-hidden="true">✗</span> {standing.refused}
      </td>
    );
  }
  return (
    <td className={winner ? styles.winner : ''}>
      {standing.rank > 0 ? `${String(standing.rank)}.` : ''}{' '}
      {standing.total === undefined ? t('fits') : formatNumber(language, standing.total)}
      {winner && (
        <>
          <span aria-hidden="true"> ★</span>
          <Hidden>{t('winner')}</Hidden>
        </>
      )}
    </td>
  );
}

function Move({ row }: { row: Difference }) {
  const t = useText(schedulerText);
  const { shift, before, after, changed } = row;
  if (!changed) return <td className={styles.muted}>=</td>;
  if (after?.refused !== undefined) return <td className={styles.down}>{t('compare.out')}</td>;
  if (before?.refused !== undefined) return <td className={styles.up}>{t('compare.in')}</td>;
  return (
    <td className={shift > 0 ? styles.up : styles.down}>
      <span aria-hidden="true">{shift > 0 ? '▲' : '▼'}</span> {t(shift > 0 ? 'compare.up' : 'compare.down', { n: Math.abs(shift) })}
    </td>
  );
}
