/** What is behind the chosen cell: a formula with its numbers, a refusal with the two numbers compared, a total with its parts. */
import { columnValue } from '../../api/kubarium/scheduling-decision.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { useUiState } from '../state/ui-state.ts';
import { amount } from './amounts.ts';
import { ranksOf, fullTotals, shortName } from './decision-model.ts';
import { FilterCounts, Lines } from './cell-formula.tsx';
import { countsPods, explainScore, nodeAmounts, scoresObjects } from './explain.ts';
import { totalFormula } from './formulas.ts';
import { HEAD } from './matrix.tsx';
import { usePast } from './past.ts';
import styles from './cell-detail.module.css';
import type { InsufficientDetail, Rejection, SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Matrix, MatrixRow } from './decision-model.ts';
import type { LiveFacts } from './explain.ts';
import type { CellAddress } from './view-state.ts';
import type { SayScheduler } from './words.ts';
import type { ReactNode } from 'react';

interface CellDetailProps {
  decision: SchedulingDecision;
  matrix: Matrix;
  cell: CellAddress | undefined;
  live: LiveFacts;
}

const EXPLAINED = [
  'NodeResourcesFit',
  'NodeResourcesBalancedAllocation',
  'ImageLocality',
  'TaintToleration',
  'NodeAffinity',
  'PodTopologySpread',
  'InterPodAffinity',
  'LeastRequestedPriority',
  'MostRequestedPriority',
  'BalancedResourceAllocation',
  'SelectorSpreadPriority',
  'ImageLocalityPriority',
  'NodeAffinityPriority',
  'TaintTolerationPriority',
  'InterPodAffinityPriority',
  'EqualPriority',
] as const;
type Explained = (typeof EXPLAINED)[number];

/** What a plugin is for. */
function purpose(t: SayScheduler, plugin: string): string {
  return EXPLAINED.includes(plugin as Explained) ? t(`explain.${plugin as Explained}`) : t('explain.other');
}

/** The explanation. */
export function CellDetail({ decision, matrix, cell, live }: CellDetailProps) {
  const t = useText(schedulerText);
  const row = matrix.rows.find(({ key }) => key === cell?.row);
  if (cell === undefined || (row === undefined && cell.row !== HEAD)) {
    const first = matrix.rows.find((one) => one.kind !== 'rest');
    return (
      <>
        {first && <Deciding row={first} decision={decision} />}
        <p className={styles.hint}>{t('cell.hint')}</p>
      </>
    );
  }
  if (row === undefined) return <PluginWords plugin={cell.column} decision={decision} />;
  if (cell.column === 'node') return <NodeDetail row={row} decision={decision} />;
  if (row.kind === 'rest' || row.at < 0) return row.rejection ? <Refusal row={row} rejection={row.rejection} decision={decision} /> : null;
  if (cell.column === 'filter') return <Passed row={row} decision={decision} />;
  if (cell.column === 'same') return <Same matrix={matrix} />;
  if (cell.column === 'total') return <Total row={row} decision={decision} />;
  return <Score plugin={cell.column} row={row} decision={decision} live={live} />;
}

/** What decided, before anything was chosen: the total of the winner, or why the first node was refused. */
function Deciding({ row, decision }: { row: MatrixRow; decision: SchedulingDecision }) {
  if (row.rejection) return <Refusal row={row} rejection={row.rejection} />;
  return row.kind === 'rest' || row.total === undefined ? null : <Total row={row} decision={decision} />;
}

const nameOf = (t: SayScheduler, row: MatrixRow): string =>
  row.kind === 'node' ? row.node : t(row.kind === 'group' && !row.rejection ? 'group.same' : 'group.refused', { n: row.count });

function PluginWords({ plugin, decision }: { plugin: string; decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const scores = decision.status.scores.find((one) => one.plugin === plugin);
  if (!scores) return <p className={styles.muted}>{t('cell.hint')}</p>;
  return (
    <Block title={`${plugin} ×${String(scores.weight)}`}>
      <p>{purpose(t, plugin)}</p>
    </Block>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.block}>
      <h2 className={styles.title}>{title}</h2>
      {children}
    </div>
  );
}

interface Placed {
  row: Extract<MatrixRow, { kind: 'node' | 'group' }>;
  decision: SchedulingDecision;
}

function Score({ plugin, row, decision, live }: Placed & { plugin: string; live: LiveFacts }) {
  const t = useText(schedulerText);
  const now = explainScore(decision, plugin, row.at, live);
  const { facts, looking } = usePast(decision, now !== undefined && now.score === undefined && scoresObjects(plugin));
  const found = facts ? explainScore(decision, plugin, row.at, { ...live, past: facts }) : now;
  if (!found) return <p className={styles.muted}>{t('cell.hint')}</p>;
  const { raw, normalized, weighted, weight, score, normalization } = found;
  const { maxScore = 100 } = decision.status;
  return (
    <Block title={`${t('cell.of', { plugin, node: nameOf(t, row) })}: ${String(weighted)}`}>
      <p className={styles.muted}>{purpose(t, plugin)}</p>
      <div className={styles.steps}>
        <section>
          <h3>
            {t('cell.raw')} <b>{raw}</b>
          </h3>
          {score ? (
            <Lines lines={score.lines} />
          ) : (
            <p className={styles.muted}>{looking ? t('cell.looking') : t('cell.factsGone', { raw })}</p>
          )}
        </section>
        <section>
          <h3>
            {t('cell.normalized')} <b>{normalized}</b>
          </h3>
          {normalization ? (
            <Lines lines={normalization.lines} />
          ) : (
            <p className={styles.muted}>{t('cell.notNormalized', { max: maxScore })}</p>
          )}
        </section>
        <section>
          <h3>
            {t('cell.weighted')} <b>{weighted}</b>
          </h3>
          <Lines lines={[`${String(normalized)} × ${String(weight)} = ${String(weighted)}`]} />
        </section>
      </div>
    </Block>
  );
}

interface RefusalProps {
  row: MatrixRow;
  rejection: Rejection;
  /** Absent where nothing was chosen: then the pods behind the refusal are not looked up. */
  decision?: SchedulingDecision;
}

function Refusal({ row, rejection, decision }: RefusalProps) {
  const t = useText(schedulerText);
  const { plugin, reasons, code, insufficient = [] } = rejection;
  const node = row.kind === 'node' ? row.node : undefined;
  const known = insufficient.filter((one) => node === undefined || one.node === node);
  return (
    <Block title={row.kind === 'node' ? t('cell.why', { node: row.node }) : t('cell.whyMany', { n: row.count })}>
      <p>
        <span className={styles.cross} aria-hidden="true">
          ✗
        </span>{' '}
        {reasons.join(', ')} <span className={styles.muted}>{t('cell.plugin', { plugin })}</span>
      </p>
      <ul className={styles.comparisons}>
        {known.slice(0, 4).map((detail) => (
          <li key={`${detail.node}/${detail.resource}`}>
            {node === undefined && <b>{detail.node}</b>}
            <Comparison detail={detail} />
          </li>
        ))}
      </ul>
      {decision && countsPods(plugin) && (
        <FilterCounts decision={decision} plugins={[plugin]} node={node ?? rejection.nodes[0] ?? ''} passed={false} />
      )}
      {decision?.status.decidedBy === undefined && (
        <p className={styles.muted}>{t(code === 'UnschedulableAndUnresolvable' ? 'cell.unresolvable' : 'cell.resolvable')}</p>
      )}
    </Block>
  );
}

/** Used, asked for, and the line that must not be passed. */
function Comparison({ detail }: { detail: InsufficientDetail }) {
  const t = useText(schedulerText);
  const { resource, requested, used, capacity } = detail;
  const free = Math.max(0, capacity - used);
  const most = Math.max(capacity, used + requested, 1);
  const percent = (value: number) => `${String((100 * value) / most)}%`;
  const say = (value: number) => amount(resource, value);
  return (
    <div className={styles.comparison}>
      <p>
        <b>{t('cell.compare', { resource, requested: say(requested), free: say(free), capacity: say(capacity) })}</b>{' '}
        <span className={styles.short}>{t('cell.short', { amount: say(requested - free) })}</span>
      </p>
      <div className={styles.bar} aria-hidden="true">
        <span className={styles.used} style={{ width: percent(used) }} />
        <span className={styles.asked} style={{ left: percent(used), width: percent(free) }} />
        <span className={styles.over} style={{ left: percent(capacity), width: percent(requested - free) }} />
        <span className={styles.limit} style={{ left: percent(capacity) }} />
      </div>
    </div>
  );
}

function Passed({ row, decision }: Placed) {
  const t = useText(schedulerText);
  const { plugins, skipped } = decision.status;
  const ran = (plugins?.['filter'] ?? []).filter((plugin) => !skipped.filter.includes(plugin));
  const counted = ran.filter(countsPods);
  return (
    <Block title={`✓ ${t('cell.passed', { node: nameOf(t, row), n: ran.length })}`}>
      {ran.length > 0 && <p>{t('cell.passedNames', { plugins: ran.join(', ') })}</p>}
      {skipped.filter.length > 0 && (
        <p className={styles.muted}>{t('say.preFilter.skipped', { n: skipped.filter.length, plugins: skipped.filter.join(', ') })}</p>
      )}
      {counted.length > 0 && <FilterCounts decision={decision} plugins={counted} node={decision.status.nodes[row.at] ?? ''} passed />}
    </Block>
  );
}

function Same({ matrix }: { matrix: Matrix }) {
  const t = useText(schedulerText);
  const parts = matrix.constants.map(({ plugin, weight, values }) => ({ name: plugin, weight, score: values.normalized[0] ?? 0 }));
  return (
    <Block title={t('cell.same')}>
      <p className={styles.muted}>{t('cell.sameHint')}</p>
      <Lines lines={totalFormula(parts).lines} />
    </Block>
  );
}

function Total({ row, decision }: Placed) {
  const t = useText(schedulerText);
  const { status } = decision;
  const parts = status.scores.map(({ plugin, weight, normalized }) => ({
    name: shortName(plugin),
    weight,
    score: columnValue(normalized, row.at) ?? 0,
  }));
  const count = fullTotals(status).length;
  return (
    <Block title={`${t('cell.total', { node: nameOf(t, row) })}: ${String(row.total ?? 0)}`}>
      <p className={styles.muted}>{t('cell.rank', { rank: row.rank, count })}</p>
      <Lines lines={totalFormula(parts).lines} />
    </Block>
  );
}

function NodeDetail({ row, decision }: { row: MatrixRow; decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const language = useLanguage();
  const select = useUiState((state) => state.select);
  if (row.kind === 'rest') return null;
  const { status } = decision;
  const amounts = row.at >= 0 ? nodeAmounts(decision, row.at) : [];
  const ranks = row.at >= 0 && status.totals.length > 0 ? ranksOf(fullTotals(status)) : [];
  return (
    <Block title={row.kind === 'node' ? t('cell.node', { name: row.node }) : nameOf(t, row)}>
      {row.kind === 'group' && (
        <p className={styles.muted}>
          {row.nodes.slice(0, 12).join(', ')}
          {row.count > 12 ? ' …' : ''}
        </p>
      )}
      {ranks.length > 0 && (
        <p>{t('cell.rank', { rank: formatNumber(language, ranks[row.at] ?? 0), count: formatNumber(language, ranks.length) })}</p>
      )}
      {row.kind === 'node' &&
        amounts.map(({ name, used, allocatable }) => (
          <p key={name}>
            {t('cell.amount', {
              resource: name,
              used: amount(name, used),
              allocatable: amount(name, allocatable),
              free: amount(name, allocatable - used),
            })}
          </p>
        ))}
      {row.rejection && (
        <p>
          <span className={styles.cross}>✗</span> {row.rejection.reasons.join(', ')}{' '}
          <span className={styles.muted}>{t('cell.plugin', { plugin: row.rejection.plugin })}</span>
        </p>
      )}
      {row.kind === 'node' && (
        <button type="button" className={styles.link} onClick={() => select({ apiVersion: 'v1', kind: 'Node', name: row.node }, true)}>
          {t('cell.select')}
        </button>
      )}
    </Block>
  );
}
