import { describe, expect, it } from 'vitest';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { speaker } from '../i18n/text.ts';
import { outcome, stageWords } from './words.ts';
import type { SchedulingDecision, SchedulingDecisionStatus } from '../../api/kubarium/scheduling-decision.ts';

const decision = (status: Partial<SchedulingDecisionStatus>) =>
  ({
    spec: {},
    status: {
      counts: { total: 3, evaluated: 1, feasible: 1 },
      skipped: { filter: [], score: [] },
      scores: [],
      decidedBy: 'mine',
      ...status,
    },
  }) as unknown as SchedulingDecision;
const answer = (code: string, ...reasons: string[]) => [{ plugin: 'mine', code, reasons }];
const en = speaker(schedulerText, 'en');

describe("what a user's scheduler decided", () => {
  it.each<[Partial<SchedulingDecisionStatus>, string]>([
    [{ result: 'Scheduled', nodeName: 'node-1', preFilter: answer('Success', 'turn 1') }, 'mine chose node-1: turn 1'],
    [{ result: 'Scheduled', nodeName: 'node-1', preFilter: answer('Success') }, 'mine chose node-1.'],
    [{ result: 'Unschedulable', preFilter: answer('Unschedulable', 'no room') }, 'mine named no node: no room'],
    [{ result: 'Error', message: 'scheduler "mine": it failed' }, 'The attempt failed: scheduler "mine": it failed'],
  ])('is told in its own words: %j', (status, words) => {
    expect(outcome(en, decision(status))).toBe(words);
  });

  it('has no scores to speak of, in either language', () => {
    const status = { result: 'Scheduled', nodeName: 'node-1', preFilter: answer('Success', 'turn 1') } as const;
    expect(stageWords(en, 'score', decision(status))).toEqual(['mine answers for the pod as a whole: it gives no scores.']);
    expect(stageWords(en, 'preFilter', decision(status))).toContain('mine: turn 1');
    expect(outcome(speaker(schedulerText, 'zh-CN'), decision(status))).toBe('mine 选了 node-1：turn 1');
  });
});
