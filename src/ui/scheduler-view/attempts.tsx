/** The attempts on a pod as a timeline: what queued it, how long it waited, how each attempt ended, and what comes next. */
import { parseTime } from '../../apimachinery/durations.ts';
import { useNow } from '../cluster/hooks.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { clockText } from './queue-lanes.ts';
import { useViewState } from './view-state.ts';
import { outcome } from './words.ts';
import styles from './attempts.module.css';
import type { QueueMove, SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { QueuedPod } from './queue-lanes.ts';
import type { SayScheduler } from './words.ts';

/** Waits are told to a tenth of a second below ten. */
const waitText = (ms: number): string => (ms < 10_000 ? `${String(Math.round(ms / 100) / 10)} s` : clockText(ms));
const timeOf = (time: string): string => time.slice(11, 19);

function moveText(t: SayScheduler, { event, lane, plugin, backoffMs }: QueueMove): string {
  const parts = [t('attempts.move', { event, lane: t(`lane.${lane}`) })];
  if (plugin) parts.push(t('attempts.hint', { plugin }));
  if (backoffMs) parts.push(t('attempts.backoff', { time: waitText(backoffMs) }));
  return parts.join(', ');
}

interface AttemptsProps {
  decisions: readonly SchedulingDecision[];
  shown: SchedulingDecision;
  /** Where the pod waits now, if it does. */
  waiting: QueuedPod | undefined;
}

/** The timeline. */
export function Attempts({ decisions, shown, waiting }: AttemptsProps) {
  const t = useText(schedulerText);
  const now = useNow();
  const set = useViewState((state) => state.set);
  return (
    <>
      <ol className={styles.attempts} aria-label={t('attempts.label')}>
        {decisions.map((decision) => {
          const { spec, status, metadata } = decision;
          const { queuedBy, waitedMs, hint, moves = [] } = status.queue;
          const isShown = decision === shown;
          return (
            <li key={metadata.uid} className={styles.attempt} data-result={status.result} aria-current={isShown || undefined}>
              <div className={styles.head}>
                <time dateTime={metadata.creationTimestamp}>{timeOf(metadata.creationTimestamp)}</time>
                <b>{t('attempts.number', { n: spec.attempt })}</b>
                {isShown ? (
                  <span className={styles.muted}>{t('attempts.shown')}</span>
                ) : (
                  <button
                    type="button"
                    className={styles.link}
                    onClick={() => set({ attempt: spec.attempt, cell: undefined, pipelineStage: undefined })}
                  >
                    {t('attempts.show', { n: spec.attempt })}
                  </button>
                )}
              </div>
              <p className={styles.muted}>
                {t('attempts.queuedBy', { event: queuedBy })}
                {hint ? `, ${t('attempts.hint', { plugin: hint })}` : ''}, {t('attempts.waited', { time: waitText(waitedMs) })}
              </p>
              <p>{outcome(t, decision)}</p>
              {moves.length > 0 && (
                <ul className={styles.moves}>
                  {moves.map((move, index) => (
                    <li key={index}>
                      <time dateTime={move.time}>{timeOf(move.time)}</time> {moveText(t, move)}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ol>
      {waiting && (
        <p className={styles.next}>
          {t('attempts.next', {
            lane: t(`lane.${waiting.lane}`),
            left: waiting.leftMs === undefined ? '–' : t('lane.left', { left: clockText(nextLeft(waiting, decisions, now)) }),
          })}
        </p>
      )}
    </>
  );
}

/** What is left until the pod is tried again at the latest, counted from the last move that the record has. */
function nextLeft({ leftMs = 0 }: QueuedPod, decisions: readonly SchedulingDecision[], now: number): number {
  const last = decisions.at(-1)?.status.queue.moves?.at(-1);
  return last?.lane === 'backoff' && last.backoffMs !== undefined ? Math.max(0, parseTime(last.time) + last.backoffMs - now) : leftMs;
}
