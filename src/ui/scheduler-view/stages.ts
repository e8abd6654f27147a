/** What each stage of the scheduling cycle said, in signs and numbers; the sentences are in words.ts. */
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

/** The stages, in the order in which they run. */
export const STAGE_IDS = ['preFilter', 'filter', 'postFilter', 'score', 'normalize', 'weight', 'select', 'bind'] as const;
/** One of them. */
export type StageId = (typeof STAGE_IDS)[number];

/** As upstream calls them; the last four stand in no extension point's name. */
export const STAGE_NAMES: Readonly<Record<StageId, string>> = {
  preFilter: 'PreFilter',
  filter: 'Filter',
  postFilter: 'PostFilter',
  score: 'Score',
  normalize: 'Normalize',
  weight: '×Weight',
  select: 'Select',
  bind: 'Bind',
};

/** How a stage ended: `idle`, it had nothing to do. */
export interface StageFact {
  id: StageId;
  state: 'passed' | 'failed' | 'idle';
  /** "3/5", "node-2", "" */
  note: string;
}

/** Every stage of the attempt. */
export function stagesOf({ spec, status }: SchedulingDecision): StageFact[] {
  const { counts, result, nodeName, nominatedNodeName, scores } = status;
  const refusedAtOnce = status.preFilter?.some(({ code }) => code.startsWith('Unschedulable') || code === 'Error') ?? false;
  const scored = scores.length > 0;
  const chosen = nodeName !== undefined && nodeName !== '';
  // A plugin of a visitor's may die while it scores: then there are several nodes to choose from, and no choice.
  const died = result === 'Error' && !scored && !chosen && counts.feasible > 1;
  const scoring = (id: StageId): StageFact => ({ id, state: scored ? 'passed' : 'idle', note: '' });
  return [
    { id: 'preFilter', state: refusedAtOnce ? 'failed' : 'passed', note: '' },
    {
      id: 'filter',
      state: refusedAtOnce ? 'idle' : counts.feasible > 0 ? 'passed' : 'failed',
      note: refusedAtOnce ? '' : `${String(counts.feasible)}/${String(counts.evaluated)}`,
    },
    {
      id: 'postFilter',
      state: counts.feasible > 0 ? 'idle' : nominatedNodeName ? 'passed' : 'failed',
      note: nominatedNodeName ?? '',
    },
    { ...scoring('score'), note: scored ? `×${String(scores.length)}` : '', ...(died && { state: 'failed' }) },
    scoring('normalize'),
    scoring('weight'),
    { id: 'select', state: chosen ? 'passed' : 'idle', note: nodeName ?? '' },
    { id: 'bind', state: spec.dryRun ? 'idle' : result === 'Scheduled' ? 'passed' : chosen ? 'failed' : 'idle', note: '' },
  ];
}
