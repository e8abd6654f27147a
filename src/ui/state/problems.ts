/** Problems that panels found (the editor's markers, refused objects): shown by the panel "Problems", counted on its tab. */
import { create } from 'zustand';

/** One problem. */
export interface Problem {
  /** `error`: cannot be applied. `warning`: accepted but useless or outdated. `info`: stored but not simulated. */
  grade: 'error' | 'warning' | 'info';
  message: string;
  /** What it concerns: a file, an object. */
  where: string;
  line?: number;
  /** Takes the reader there. */
  reveal?(): void;
  /** A repair. */
  fix?: { label: string; run(): void };
}

interface ProblemsState {
  bySource: Readonly<Record<string, readonly Problem[]>>;
}

export const useProblems = create<ProblemsState>()(() => ({ bySource: {} }));

/** Replaces all problems of one source ("editor", "apply"). */
export function setProblems(source: string, problems: readonly Problem[]): void {
  useProblems.setState(({ bySource }) => ({ bySource: { ...bySource, [source]: problems } }));
}
