/** The columns of the table as they are drawn, and how a cell is found by its address. */
import { shortName } from './decision-model.ts';
import type { Matrix, MatrixRow, ScoreColumn } from './decision-model.ts';

/** A column. */
export type DrawnColumn =
  | { id: 'node' | 'filter' | 'same' | 'total'; width: number; grow: number }
  | { id: string; score: ScoreColumn; width: number; grow: number };

/** The columns from left to right; `unfolded`: those that are the same for all stand by themselves. Widths in tenths of an em. */
export function drawnColumns({ columns, constants, scored, rows }: Matrix, unfolded: boolean): DrawnColumn[] {
  const longest = rows.reduce((most, row) => Math.max(most, row.kind === 'node' ? row.node.length : 22), 8);
  const reason = rows.some((row) => row.rejection !== undefined);
  const score = (column: ScoreColumn): DrawnColumn => ({
    id: column.plugin,
    score: column,
    width: Math.max(66, 20 + 7 * (shortName(column.plugin).length + (column.weight === 1 ? 0 : 3))),
    grow: 1,
  });
  const folded = constants.length > 0 && !unfolded;
  return [
    { id: 'node', width: Math.min(250, 44 + longest * 7), grow: 1 },
    { id: 'filter', width: reason ? (scored ? 110 : 220) : 62, grow: reason ? 2 : 0 },
    ...columns.map(score),
    ...(unfolded ? constants.map(score) : []),
    ...(folded ? [{ id: 'same' as const, width: 94, grow: 1 }] : []),
    ...(scored ? [{ id: 'total' as const, width: 70, grow: 0 }] : []),
  ];
}

/** The template of a row's grid, and the width below which it scrolls. */
export function gridTemplate(columns: readonly DrawnColumn[]): { template: string; minWidth: string } {
  const em = (width: number) => `${String(width / 13)}em`;
  return {
    template: columns.map(({ width, grow }) => (grow > 0 ? `minmax(${em(width)}, ${String(grow)}fr)` : em(width))).join(' '),
    minWidth: em(columns.reduce((sum, { width }) => sum + width, 0)),
  };
}

/** Whether the row was refused, or only counted: its score cells are hatched. */
export const isUnscored = (row: MatrixRow): boolean => row.kind === 'rest' || row.at < 0;
