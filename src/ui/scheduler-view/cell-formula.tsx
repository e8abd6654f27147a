/** Formulas of a cell, line by line; of filters that count pods, what they counted. */
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { explainFilter } from './explain.ts';
import { usePast } from './past.ts';
import styles from './cell-detail.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

/** The steps of a formula, the result last. */
export function Lines({ lines }: { lines: readonly string[] }) {
  return (
    <ul className={styles.formula}>
      {lines.map((line, index) => (
        <li key={index} data-last={index === lines.length - 1}>
          {line}
        </li>
      ))}
    </ul>
  );
}

interface FilterCountsProps {
  decision: SchedulingDecision;
  plugins: readonly string[];
  node: string;
  /** What the filters answered. */
  passed: boolean;
}

/** Matching pods per topology domain against the bound, as the filters counted them then. */
export function FilterCounts({ decision, plugins, node, passed }: FilterCountsProps) {
  const t = useText(schedulerText);
  const { facts, looking } = usePast(decision, true);
  if (looking) return <p className={styles.muted}>{t('cell.looking')}</p>;
  const checks = plugins.map((plugin) => ({ plugin, check: facts && explainFilter(decision, plugin, node, passed, facts) }));
  return (
    <div className={styles.steps}>
      {checks.map(({ plugin, check }) => (
        <section key={plugin}>
          <h3>{t('cell.counted', { plugin, node })}</h3>
          {check ? <Lines lines={check.lines} /> : <p className={styles.muted}>{t('cell.countsGone')}</p>}
        </section>
      ))}
    </div>
  );
}
