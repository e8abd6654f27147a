/** The decision in words and lists: it says what the table says, for those who read or listen. */
import { Fragment } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { amount } from './amounts.ts';
import { scoreAt } from './decision-model.ts';
import { stagesOf, STAGE_NAMES } from './stages.ts';
import { stageWords } from './words.ts';
import styles from './text-twin.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Matrix, MatrixRow } from './decision-model.ts';
import type { SayScheduler } from './words.ts';

/** More lines than this nobody listens to; groups keep most clusters below it. */
const MOST = 500;

const nameOf = (t: SayScheduler, row: MatrixRow): string => {
  if (row.kind === 'rest') return t(row.rejection ? 'rest.refused' : 'rest.feasible', { n: row.count });
  if (row.kind === 'group') return t(row.rejection ? 'group.refused' : 'group.same', { n: row.count });
  return row.winner ? `${row.node}, ${t('winner')}` : row.node;
};

/** The list of nodes, stage by stage above it. */
export function TextTwin({ decision, matrix }: { decision: SchedulingDecision; matrix: Matrix }) {
  const t = useText(schedulerText);
  const language = useLanguage();
  const { columns, constants, scored, rows } = matrix;
  const all = [...columns, ...constants];
  const say = (value: number) => formatNumber(language, value);
  const fitting = rows.filter((row) => !row.rejection);
  const refused = rows.filter((row) => row.rejection);
  return (
    <div className={styles.twin} tabIndex={0} role="region" aria-label={t('twin.label')}>
      <h2>{t('pipeline')}</h2>
      <dl className={styles.stages}>
        {stagesOf(decision).map(({ id, state }) => (
          <Fragment key={id}>
            <dt>
              {STAGE_NAMES[id]} <span className={styles.muted}>{t(`stage.${state}`)}</span>
            </dt>
            <dd>
              {stageWords(t, id, decision).map((line) => (
                <p key={line}>{line}</p>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
      {fitting.length > 0 && <h2>{t('twin.fitting', { n: decision.status.counts.feasible })}</h2>}
      <ol className={styles.list}>
        {fitting.slice(0, MOST).map((row) => (
          <li key={row.key}>
            <b>{nameOf(t, row)}</b>
            {scored && row.kind !== 'rest' && (
              <>
                {': '}
                {t('twin.total', { total: say(row.total ?? 0) })}{' '}
                <span className={styles.muted}>
                  {all.map((column) => `${column.plugin} ${say(scoreAt(column, 'weighted', row.at))}`).join(', ')}
                </span>
              </>
            )}
          </li>
        ))}
      </ol>
      {refused.length > 0 && <h2>{t('twin.refused')}</h2>}
      <ul className={styles.list}>
        {refused.slice(0, MOST).map((row) => (
          <li key={row.key}>
            <b>{nameOf(t, row)}</b>: {row.rejection?.reasons.join(', ')} <span className={styles.muted}>{row.rejection?.plugin}</span>
            {row.kind === 'node' &&
              row.rejection?.insufficient
                ?.filter(({ node }) => node === row.node)
                .map(({ resource, requested, used, capacity }) => (
                  <span key={resource}>
                    {' '}
                    {t('cell.compare', {
                      resource,
                      requested: amount(resource, requested),
                      free: amount(resource, Math.max(0, capacity - used)),
                      capacity: amount(resource, capacity),
                    })}
                  </span>
                ))}
          </li>
        ))}
      </ul>
      {rows.length > MOST && <p className={styles.muted}>{t('twin.more')}</p>}
    </div>
  );
}
