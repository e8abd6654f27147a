/**
 * The table of nodes and plugins (ARIA grid): one tab stop, arrows move from cell to cell, Home and End along the row, with Ctrl to
 * the corners; Enter explains a cell or unfolds a row. Rows are drawn as far as they are seen.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { HeadCell, RowCells } from './matrix-cells.tsx';
import { drawnColumns, gridTemplate } from './matrix-columns.ts';
import { useViewState } from './view-state.ts';
import styles from './matrix.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Matrix as Model, MatrixRow } from './decision-model.ts';
import type { KeyboardEvent } from 'react';

/** The key of the row of headings in a cell's address. */
export const HEAD = 'head';

interface MatrixProps {
  decision: SchedulingDecision;
  matrix: Model;
  /** Height of a row, px. */
  rowHeight: number;
  /** The node that was guessed. */
  guess?: string;
  /** A cell was chosen with the mouse or Enter: it is to be explained. */
  onExplain(): void;
}

const canUnfold = (row: MatrixRow | undefined): row is Extract<MatrixRow, { kind: 'group' }> => row?.kind === 'group';

/** The table. */
export function Matrix({ decision, matrix, rowHeight, guess, onExplain }: MatrixProps) {
  const t = useText(schedulerText);
  const { cell, stage, open, constants, set } = useViewState();
  const scroll = useRef<HTMLDivElement>(null);
  const columns = useMemo(() => drawnColumns(matrix, constants), [matrix, constants]);
  const { template, minWidth } = useMemo(() => gridTemplate(columns), [columns]);
  const { rows } = matrix;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: rowHeight + 8,
  });
  useEffect(() => virtual.measure(), [virtual, rowHeight]);
  const found = rows.findIndex(({ key }) => key === cell?.row);
  const rowAt = cell?.row === HEAD ? -1 : Math.max(0, found);
  const columnAt = Math.max(
    0,
    columns.findIndex(({ id }) => id === cell?.column),
  );

  const focus = (row: number, column: number) => {
    const key = row < 0 ? HEAD : rows[row]?.key;
    const id = columns[column]?.id;
    if (key === undefined || id === undefined) return;
    set({ cell: { row: key, column: id }, pipelineStage: undefined });
    if (row >= 0) virtual.scrollToIndex(row);
    requestAnimationFrame(() => {
      scroll.current?.querySelector<HTMLElement>(`[data-row="${String(row)}"][data-column="${String(column)}"]`)?.focus();
    });
  };
  const toggle = (key: string) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    set({ open: next });
  };
  const activate = (row: number, column: number) => {
    const target = rows[row];
    const id = columns[column]?.id;
    if (row < 0 && id === 'same') set({ constants: true });
    else if (canUnfold(target) && id === 'node') toggle(target.key);
    else onExplain();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.metaKey) return;
    const last = rows.length - 1;
    const right = columns.length - 1;
    const page = 10;
    const moves: Record<string, [number, number]> = {
      ArrowDown: [Math.min(last, rowAt + 1), columnAt],
      ArrowUp: [Math.max(-1, rowAt - 1), columnAt],
      ArrowLeft: [rowAt, Math.max(0, columnAt - 1)],
      ArrowRight: [rowAt, Math.min(right, columnAt + 1)],
      Home: [event.ctrlKey ? 0 : rowAt, 0],
      End: [event.ctrlKey ? last : rowAt, right],
      PageDown: [Math.min(last, rowAt + page), columnAt],
      PageUp: [Math.max(0, rowAt - page), columnAt],
    };
    const to = moves[event.key];
    if (to) focus(...to);
    else if (event.key === 'Enter' || event.key === ' ') activate(rowAt, columnAt);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const pick = (row: number, column: number) => {
    focus(row, column);
    activate(row, column);
  };
  const { podRef, attempt } = decision.spec;
  return (
    <div
      ref={scroll}
      className={styles.scroll}
      role="grid"
      aria-label={t('table.label', { pod: podRef.name, attempt })}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className={styles.head} style={{ gridTemplateColumns: template }}>
          {columns.map((column, index) => (
            <HeadCell key={column.id} column={column} at={index} current={rowAt < 0 && index === columnAt} onPick={() => pick(-1, index)} />
          ))}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <div
                key={row.key}
                role="row"
                aria-rowindex={index + 2}
                className={styles.row}
                data-winner={row.kind === 'node' && row.winner}
                data-kind={row.kind}
                style={{ gridTemplateColumns: template, height: rowHeight, transform: `translateY(${String(start)}px)` }}
              >
                <RowCells
                  row={row}
                  rowAt={index}
                  columns={columns}
                  matrix={matrix}
                  stage={stage}
                  current={index === rowAt ? columnAt : -1}
                  guess={guess}
                  nominated={decision.status.nominatedNodeName}
                  onPick={(column) => pick(index, column)}
                />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
