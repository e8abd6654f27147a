/** The decision in sentences: for the line above the table, for the text twin, and for screen readers. */
import { margin } from './decision-model.ts';
import type { schedulerText } from '../i18n/areas/scheduler.ts';
import type { Say } from '../i18n/text.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { StageId } from './stages.ts';

/** Says the messages of this view. */
export type SayScheduler = Say<(typeof schedulerText)['en']>;

/** How many nodes shared the largest total, the winner among them; 0 if it won alone. The decision names 100 of them at most. */
function tieCount(decision: SchedulingDecision): number {
  const won = margin(decision);
  return Math.max(decision.status.tied?.length ?? 0, won?.by === 0 ? won.ties + 1 : 0);
}

/** How the attempt ended, in one sentence. */
export function outcome(t: SayScheduler, decision: SchedulingDecision): string {
  const { result, nodeName = '', counts, message = '', nominatedNodeName, decidedBy } = decision.status;
  const { total, feasible } = counts;
  if (result === 'Pending') return t('sentence.pending');
  if (result === 'Error') return t('sentence.error', { message });
  if (decidedBy !== undefined) return ownOutcome(t, decision, decidedBy);
  if (result === 'Unschedulable') {
    return nominatedNodeName ? t('sentence.nominated', { total, node: nominatedNodeName }) : t('sentence.refused', { total });
  }
  if (feasible === 1) return t('sentence.only', { node: nodeName, total });
  const won = margin(decision);
  if (won === undefined) return t('sentence.first', { node: nodeName, feasible, total });
  if (won.by === 0) return t('sentence.tie', { node: nodeName, ties: tieCount(decision) });
  return t('sentence.won', { node: nodeName, feasible, total, by: won.by, second: won.second });
}

/** A user's scheduler is known by its answer alone. */
function ownOutcome(t: SayScheduler, { status }: SchedulingDecision, scheduler: string): string {
  const { nodeName, preFilter = [], message = '' } = status;
  const reason = preFilter.find(({ plugin }) => plugin === scheduler)?.reasons.join(', ') ?? '';
  if (nodeName === undefined) return t('sentence.ownNone', { scheduler, reason: reason || message });
  return reason === '' ? t('sentence.own', { scheduler, node: nodeName }) : t('sentence.ownWhy', { scheduler, node: nodeName, reason });
}

function preFilterWords(t: SayScheduler, { status }: SchedulingDecision): string[] {
  const { skipped, preFilter = [] } = status;
  const told = preFilter.filter(({ code, reasons }) => code !== 'Skip' && reasons.length > 0);
  return [
    t('say.preFilter'),
    ...told.map(({ plugin, reasons }) => t('say.preFilter.answer', { plugin, reasons: reasons.join(', ') })),
    ...preFilter.flatMap(({ plugin, nodes }) => (nodes === undefined ? [] : [t('say.preFilter.narrowed', { plugin, n: nodes })])),
    ...(skipped.filter.length > 0 ? [t('say.preFilter.skipped', { n: skipped.filter.length, plugins: skipped.filter.join(', ') })] : []),
  ];
}

function filterWords(t: SayScheduler, { status }: SchedulingDecision): string[] {
  const { counts, rejections, nominated, sampling } = status;
  const { feasible, evaluated, total } = counts;
  return [
    t('say.filter', { feasible, evaluated }),
    ...(nominated ? [t('say.filter.nominated', { node: nominated.node })] : []),
    ...(evaluated < total && feasible > 0 ? [t('say.filter.sampled', { evaluated, total, start: (sampling?.start ?? 0) + 1 })] : []),
    ...rejections.map(({ plugin, count, reasons }) => t('say.filter.refused', { plugin, count, reasons: reasons.join(', ') })),
  ];
}

function scoreWords(t: SayScheduler, stage: 'score' | 'normalize' | 'weight', { status }: SchedulingDecision): string[] {
  const { scores, counts, maxScore = 100, result, message = '' } = status;
  if (scores.length === 0 && result === 'Error' && counts.feasible > 1) return [t('sentence.error', { message })];
  if (status.decidedBy !== undefined) return [t('say.score.own', { scheduler: status.decidedBy })];
  if (scores.length === 0) return [t(counts.feasible === 1 ? 'say.score.one' : 'say.score.idle')];
  if (stage === 'score') return [t('say.score', { plugins: scores.length, nodes: counts.feasible })];
  return [stage === 'normalize' ? t('say.normalize', { max: maxScore }) : t('say.weight')];
}

/** What a stage said. */
export function stageWords(t: SayScheduler, stage: StageId, decision: SchedulingDecision): string[] {
  const { status, spec } = decision;
  const { nodeName, nominatedNodeName, counts, result, message = '' } = status;
  switch (stage) {
    case 'preFilter':
      return preFilterWords(t, decision);
    case 'filter':
      return filterWords(t, decision);
    case 'postFilter':
      if (counts.feasible > 0) return [t('say.postFilter.idle')];
      return [nominatedNodeName ? t('say.postFilter.passed', { node: nominatedNodeName }) : t('say.postFilter.failed')];
    case 'score':
    case 'normalize':
    case 'weight':
      return scoreWords(t, stage, decision);
    case 'select': {
      if (!nodeName) return [t('say.select.none')];
      const ties = tieCount(decision);
      return [ties > 1 ? t('say.select.tie', { count: ties, node: nodeName }) : t('say.select', { node: nodeName })];
    }
    case 'bind':
      if (spec.dryRun) return [t('say.bind.dryRun')];
      if (result === 'Scheduled') return [t('say.bind.passed', { node: nodeName ?? '' })];
      return [nodeName ? t('say.bind.failed', { message }) : t('say.bind.idle')];
  }
}
