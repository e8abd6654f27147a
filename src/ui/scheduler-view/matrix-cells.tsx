/** The cells of the table. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { heatOf, scoreAt, shortName } from './decision-model.ts';
import { isUnscored } from './matrix-columns.ts';
import { Hidden } from './hidden.tsx';
import styles from './matrix.module.css';
import type { Matrix, MatrixRow, Stage } from './decision-model.ts';
import type { DrawnColumn } from './matrix-columns.ts';
import type { ReactNode } from 'react';

interface HeadCellProps {
  column: DrawnColumn;
  at: number;
  current: boolean;
  onPick(): void;
}

/** The heading of a column. */
export function HeadCell({ column, at, current, onPick }: HeadCellProps) {
  const t = useText(schedulerText);
  const isScore = 'score' in column;
  const title = isScore
    ? `${column.score.plugin}, ${t('column.weight', { weight: column.score.weight })}`
    : column.id === 'same'
      ? t('column.unfold')
      : undefined;
  return (
    <div
      role="columnheader"
      data-row={-1}
      data-column={at}
      aria-colindex={at + 1}
      aria-label={isScore ? title : undefined}
      title={title}
      tabIndex={current ? 0 : -1}
      className={`${styles.headCell} ${column.id === 'node' ? styles.sticky : ''} ${isNumber(column) ? styles.number : ''} ${column.id === 'total' ? styles.last : ''}`}
      onClick={onPick}
    >
      {isScore ? (
        <>
          <span className={styles.plugin}>{shortName(column.score.plugin)}</span>
          {column.score.weight !== 1 && <span className={styles.weight}>×{column.score.weight}</span>}
        </>
      ) : (
        t(`column.${column.id as 'node' | 'filter' | 'same' | 'total'}`)
      )}
    </div>
  );
}

const isNumber = (column: DrawnColumn): boolean => 'score' in column || column.id === 'same' || column.id === 'total';

interface RowCellsProps {
  row: MatrixRow;
  rowAt: number;
  columns: readonly DrawnColumn[];
  matrix: Matrix;
  stage: Stage;
  /** The column of this row that has the tab stop; -1: none. */
  current: number;
  guess?: string;
  nominated?: string;
  onPick(column: number): void;
}

/** The cells of a row. */
export function RowCells({ row, rowAt, columns, matrix, stage, current, guess, nominated, onPick }: RowCellsProps) {
  const t = useText(schedulerText);
  const unscored = isUnscored(row);
  return columns.map((column, at) => {
    const score = 'score' in column && row.kind !== 'rest' && !unscored ? column.score : undefined;
    const heat = score && row.kind !== 'rest' && score.max > score.min ? heatOf(score, row.at, matrix.columns) : undefined;
    const hatched = unscored && isNumber(column);
    // Nothing was scored there: the reason may take the place of the scores.
    const refused = unscored && column.id === 'filter';
    const kinds = [
      refused && styles.wide,
      styles.cell,
      column.id === 'node' && styles.sticky,
      isNumber(column) && styles.number,
      hatched && styles.hatched,
      column.id === 'total' && styles.total,
      column.id === 'total' && styles.last,
    ];
    return (
      <div
        key={column.id}
        role={column.id === 'node' ? 'rowheader' : 'gridcell'}
        data-row={rowAt}
        data-column={at}
        aria-colindex={at + 1}
        aria-expanded={column.id === 'node' && row.kind === 'group' ? row.open : undefined}
        data-heat={heat}
        tabIndex={current === at ? 0 : -1}
        className={kinds.filter(Boolean).join(' ')}
        style={{ gridColumn: refused ? `${String(at + 1)} / -1` : at + 1 }}
        onClick={() => onPick(at)}
      >
        {hatched ? (
          <Hidden>{t('notScored')}</Hidden>
        ) : (
          <CellText row={row} column={column} matrix={matrix} stage={stage} guess={guess} nominated={nominated} />
        )}
      </div>
    );
  });
}

function CellText({
  row,
  column,
  matrix,
  stage,
  guess,
  nominated,
}: Omit<RowCellsProps, 'columns' | 'rowAt' | 'current' | 'onPick'> & { column: DrawnColumn }) {
  const language = useLanguage();
  if ('score' in column) return row.kind === 'rest' ? null : formatNumber(language, scoreAt(column.score, stage, row.at));
  if (column.id === 'node') return <NodeName row={row} guess={guess} nominated={nominated} />;
  if (column.id === 'filter') return <Verdict row={row} />;
  if (column.id === 'same') return formatNumber(language, matrix.constantSum);
  return row.kind === 'rest' ? null : formatNumber(language, row.total ?? 0);
}

function NodeName({ row, guess, nominated }: { row: MatrixRow; guess?: string; nominated?: string }) {
  const t = useText(schedulerText);
  if (row.kind === 'rest')
    return <span className={styles.rest}>{t(row.rejection ? 'rest.refused' : 'rest.feasible', { n: row.count })}</span>;
  if (row.kind === 'group') {
    const Icon = row.open ? ChevronDown : ChevronRight;
    return (
      <span className={styles.group}>
        <Icon size={14} strokeWidth={1.5} aria-hidden />
        {t(row.rejection ? 'group.refused' : 'group.same', { n: row.count })}
      </span>
    );
  }
  return (
    <span className={`${styles.node} ${row.nested ? styles.nested : ''}`} title={row.node}>
      <span className={styles.nodeName}>{row.node}</span>
      {row.winner && <Mark glyph="★" word={t('winner')} />}
      {row.node === nominated && <Mark glyph="⚑" word={t('nominatedWord')} />}
      {row.node === guess && <Mark glyph="?" word={t('guess.word')} look={styles.guess} />}
    </span>
  );
}

function Mark({ glyph, word, look = styles.mark }: { glyph: string; word: string; look?: string }) {
  return (
    <span className={look} title={word}>
      <span aria-hidden="true">{glyph}</span>
      <Hidden>{word}</Hidden>
    </span>
  );
}

function Verdict({ row }: { row: MatrixRow }): ReactNode {
  const t = useText(schedulerText);
  const { rejection } = row.kind === 'rest' || row.kind === 'group' || row.kind === 'node' ? row : {};
  if (rejection === undefined) {
    return (
      <span className={styles.passed}>
        <span aria-hidden="true">✓</span>
        <Hidden>{t('fits')}</Hidden>
      </span>
    );
  }
  const reasons = rejection.reasons.join(', ') || rejection.plugin;
  return (
    <span className={styles.refused} title={`${rejection.plugin}: ${reasons}`}>
      <span aria-hidden="true">✗</span> <span className={styles.reason}>{reasons}</span>
    </span>
  );
}
