/** What the decision cost: calls of each plugin, as counted by the scheduler. */
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import styles from './cost.module.css';
import type { PluginCost, SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

const calls = ({ preFilter, filter, score }: PluginCost): number => preFilter + filter + score;

/** The counters. */
export function Cost({ decision }: { decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const language = useLanguage();
  const { evaluations, costs = [], counters = {}, sampling, counts } = decision.status;
  const rows = costs.filter((cost) => calls(cost) > 0 || (cost.cached ?? 0) > 0).sort((a, b) => calls(b) - calls(a));
  const most = rows.reduce((max, cost) => Math.max(max, calls(cost) + (cost.cached ?? 0)), 1);
  const say = (value: number) => formatNumber(language, value);
  return (
    <div className={styles.cost}>
      <p>
        {t('cost.summary', { filter: evaluations.filter, score: evaluations.score })}
        {sampling && counts.evaluated < counts.total && ` ${t('cost.sampling', { wanted: sampling.wanted })}`}
      </p>
      <p className={styles.muted}>{t('cost.explain')}</p>
      {rows.length === 0 ? (
        <p className={styles.muted}>{t('cost.none')}</p>
      ) : (
        <table className={styles.table} aria-label={t('cost.label')}>
          <thead>
            <tr>
              <th scope="col">{t('cost.plugin')}</th>
              <th scope="col">PreFilter</th>
              <th scope="col">Filter</th>
              <th scope="col">Score</th>
              <th scope="col" className={styles.barHead}>
                {t('cost.calls')}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((cost) => (
              <tr key={cost.plugin}>
                <th scope="row">{cost.plugin}</th>
                <td>{say(cost.preFilter)}</td>
                <td>{say(cost.filter)}</td>
                <td>{say(cost.score)}</td>
                <td className={styles.barCell}>
                  <span className={styles.bar} style={{ width: `${String((60 * calls(cost)) / most)}%` }} /> {say(calls(cost))}
                  {cost.cached ? (
                    <span className={styles.muted}>
                      {' '}
                      + {say(cost.cached)} {t('cost.cached')}
                    </span>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {Object.keys(counters).length > 0 && (
        <>
          <h2>{t('cost.counters')}</h2>
          <dl className={styles.counters}>
            {Object.entries(counters).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{say(value)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </div>
  );
}
