/** How decisions are being looked at: kept outside the component, so that it is the same when the view comes back. */
import { create } from 'zustand';
import type { Stage } from './decision-model.ts';
import type { StageId } from './stages.ts';

/** The parts below the table. */
export const TABS = ['cell', 'attempts', 'whatif', 'compare', 'preemption', 'cost'] as const;
/** One of them. */
export type DetailTab = (typeof TABS)[number];

/** A cell: row by its key, column by its id ("node", "filter", "same", "total", or a plugin). */
export interface CellAddress {
  row: string;
  column: string;
}

/** What fills the view: a decision, or a page beside it. */
export type SchedulerPage = 'decision' | 'plugin' | 'packing';

interface SchedulerViewState {
  page: SchedulerPage;
  pod: { namespace: string; name: string } | undefined;
  /** Undefined: the last one. */
  attempt: number | undefined;
  mode: 'matrix' | 'text';
  /** Which number of a score the table shows. */
  stage: Stage;
  tab: DetailTab;
  /** Height of the part below the table, px; undefined: as the window allows. */
  detailsHeight: number | undefined;
  cell: CellAddress | undefined;
  /** The stage whose words are shown instead of a cell's. */
  pipelineStage: StageId | undefined;
  /** Keys of groups that are unfolded. */
  open: ReadonlySet<string>;
  /** Whether the columns that are the same for all are shown one by one. */
  constants: boolean;
  yaml: boolean;
  /** Ask before a decision is shown. */
  asks: boolean;
  /** By uid of a decision: the node that was guessed, "" for "none", undefined for "show it". */
  guesses: Readonly<Record<string, string | undefined>>;
  set(change: Partial<Omit<SchedulerViewState, 'set'>>): void;
}

/** The state of the view. */
export const useViewState = create<SchedulerViewState>()((set) => ({
  page: 'decision',
  pod: undefined,
  attempt: undefined,
  mode: 'matrix',
  stage: 'weighted',
  tab: 'cell',
  detailsHeight: undefined,
  cell: undefined,
  pipelineStage: undefined,
  open: new Set(),
  constants: false,
  yaml: false,
  asks: false,
  guesses: {},
  set: (change) => set(change),
}));
