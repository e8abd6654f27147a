/** "Why there?": the scheduler's last decision about a pod, as a small table of nodes, refusals and scores. */
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import { useMedia } from '../app/use-media.ts';
import { useDecisions } from '../cluster/use-decisions.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { useUiState } from '../state/ui-state.ts';
import { Section } from './section.tsx';
import styles from './decision.module.css';
import type { PluginScores, SchedulingDecisionStatus } from '../../api/kubarium/scheduling-decision.ts';
import type { Pod } from '../../api/generated/types.ts';

/** More rows than this belong to the scheduler's own view. */
const MAX_ROWS = 12;

/** Heat of a normalised score, 0 to 100, in five steps. */
const heat = (score: number): string => `var(--heat-${String(Math.min(5, 1 + Math.floor(score / 20.01)))})`;

/** The last decision; nothing while there is none. */
export function Decision({ pod }: { pod: Pod }) {
  const t = useText(inspectorText);
  const set = useUiState((state) => state.set);
  const phone = useMedia('(max-width: 767px)');
  const { items, synced } = useDecisions(pod.metadata.namespace, pod.metadata.uid);
  const last = items.at(-1);
  if (!last) {
    if (!synced || !pod.spec.nodeName) return null;
    return (
      <Section title={t('section.decision')}>
        <p className={styles.muted}>{t('decision.byHand')}</p>
      </Section>
    );
  }
  const { status } = last;
  return (
    <Section title={t('section.decision')} note={t('decision.attempt', { n: last.spec.attempt })}>
      <p>{sentence(t, status)}</p>
      {!phone && (
        <p>
          <button type="button" className={styles.link} onClick={() => set({ view: 'scheduler' })}>
            {t('decision.open')}
          </button>
        </p>
      )}
      <div className={styles.scroll}>
        <Table status={status} />
      </div>
    </Section>
  );
}

function sentence(
  t: ReturnType<typeof useText<(typeof inspectorText)['en']>>,
  { result, nodeName = '', counts, message }: SchedulingDecisionStatus,
): string {
  const { total, feasible } = counts;
  if (result === 'Scheduled')
    return feasible === 1 ? t('decision.only', { node: nodeName, total }) : t('decision.scheduled', { node: nodeName, feasible, total });
  return result === 'Unschedulable' ? t('decision.refused', { total }) : (message ?? '');
}

const isConstant = ({ normalized }: PluginScores): boolean => normalized.every((score) => score === normalized[0]);

function Table({ status }: { status: SchedulingDecisionStatus }) {
  const t = useText(inspectorText);
  const columns = status.scores.filter((scores) => !isConstant(scores));
  const constant = status.scores.filter(isConstant);
  const order = status.nodes
    .map((node, index) => ({ node, index, total: columnValue(status.totals, index) ?? 0 }))
    .sort((a, b) => b.total - a.total);
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('decision.node')}</th>
            {columns.map(({ plugin, weight }) => (
              <th key={plugin} scope="col" title={`${plugin}, ${t('decision.weight', { weight })}`}>
                {plugin.replace(/^NodeResources|^Node/, '')}
                {weight !== 1 && ` ×${String(weight)}`}
              </th>
            ))}
            {status.scores.length > 0 && <th scope="col">{t('decision.total')}</th>}
          </tr>
        </thead>
        <tbody>
          {order.slice(0, MAX_ROWS).map(({ node, index, total }) => (
            <tr key={node} className={node === status.nodeName ? styles.winner : ''}>
              <th scope="row">
                {node === status.nodeName && <span aria-hidden="true">★ </span>}
                {node}
              </th>
              {columns.map(({ plugin, weight, normalized }) => {
                const score = normalized[index] ?? 0;
                return (
                  <td key={plugin} data-heat={score > 80 ? 'high' : 'low'} style={{ background: heat(score) }}>
                    {score * weight}
                  </td>
                );
              })}
              {status.scores.length > 0 ? (
                <td className={styles.total}>{total}</td>
              ) : (
                columns.length === 0 && <td>✓ {t('decision.fits')}</td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {constant.length > 0 && (
        <p className={styles.muted}>
          {t('decision.same', {
            plugins: constant.map(({ plugin, weight, normalized }) => `${plugin} ${String((normalized[0] ?? 0) * weight)}`).join(', '),
          })}
        </p>
      )}
      {status.rejections.length > 0 && (
        <ul className={styles.refused}>
          {status.rejections.map(({ plugin, reasons, nodes, count }) => (
            <li key={`${plugin}${reasons.join()}`}>
              <span aria-hidden="true">✕ </span>
              {nodes.slice(0, 3).join(', ')}
              {count > 3 && ` … (${String(count)})`}: {reasons.join(', ')} <span className={styles.muted}>{plugin}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
