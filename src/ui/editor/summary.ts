/** The one line that says what a command came to. */
import type { Outcome, RemarkedResult } from './outcome.ts';
import type { Shown } from './use-commands.ts';
import type { SayEditor } from './wording.ts';

const count = (results: readonly RemarkedResult[], ...outcomes: RemarkedResult['outcome'][]): number =>
  results.filter(({ outcome }) => outcomes.includes(outcome)).length;

/** Whether it went well; `warning` when it went, with something to note. */
export function toneOf(outcome: Outcome): 'ok' | 'warning' | 'error' {
  if (outcome.kind === 'undone') return outcome.results.some((result) => result.outcome === 'failed') ? 'error' : 'ok';
  if (outcome.kind !== 'run') return outcome.kind === 'empty' ? 'warning' : 'error';
  if (count(outcome.results, 'failed') > 0) return 'error';
  return outcome.results.some(({ remarks }) => remarks.length > 0) ? 'warning' : 'ok';
}

/** Whether there is something to take back. */
export function undoable(outcome: Outcome): boolean {
  return outcome.kind === 'run' && !outcome.run.dryRun && count(outcome.results, 'created', 'configured') > 0;
}

function runSummary(results: readonly RemarkedResult[], trial: boolean, say: SayEditor): string {
  const failed = count(results, 'failed');
  const changed = count(results, 'created', 'configured');
  const total = results.length;
  if (trial) return failed > 0 ? say('dryRunFailed', { n: failed }) : say('dryRunOk');
  if (failed === total) return say('appliedNone', { n: total });
  if (failed > 0) return say('appliedSome', { applied: total - failed, total, failed });
  return changed === 0 ? say('unchangedAll', { n: total }) : say('appliedAll', { n: total });
}

/** The line. */
export function summaryOf({ outcome, command }: Pick<Shown, 'outcome' | 'command'>, say: SayEditor): string {
  switch (outcome.kind) {
    case 'refused':
      return say('refused', { n: outcome.errors.length });
    case 'empty':
      return say('nothingToApply');
    case 'lost':
      return say('lostConnection', { message: outcome.message });
    case 'run':
      return runSummary(outcome.results, command !== 'apply', say);
    case 'undone': {
      const failed = outcome.results.filter((result) => result.outcome === 'failed').length;
      return failed > 0 ? say('undoneSome', { n: failed }) : say('undoneAll', { n: outcome.results.length });
    }
  }
}
