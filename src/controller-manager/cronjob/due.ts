/**
 * When a CronJob is due (`pkg/controller/cronjob/utils.go`). Pure; times in milliseconds.
 */
import type { CronJob } from '../../api/generated/types.ts';
import { badRequest } from '../../apimachinery/status.ts';
import type { Schedule } from '../../api/batch/schedule.ts';

/** Above so many missed times something is wrong: a long stop, or a skewed clock. */
const MANY_MISSED = 100;
/** Runs are planned a moment late, so that the clock has surely passed the time. */
export const NEXT_SCHEDULE_DELTA_MS = 100;

/** The last time that was missed, and how many were. */
export interface MostRecent {
  /** From when on times are looked for. */
  earliest: number;
  /** The latest time that is due; undefined when none is. */
  mostRecent: number | undefined;
  missed: 'none' | 'few' | 'many';
}

/**
 * The latest time not after `now` (`mostRecentScheduleTime`). Rather than walking over all missed times it jumps by the
 * first interval, one step less than that promises, and walks from there. Throws BadRequest for a schedule that is never due.
 */
export function mostRecentTime(cronJob: CronJob, now: number, schedule: Schedule, useDeadline: boolean): MostRecent {
  const { startingDeadlineSeconds } = cronJob.spec;
  let earliest = Date.parse(cronJob.status?.lastScheduleTime ?? cronJob.metadata.creationTimestamp);
  if (useDeadline && startingDeadlineSeconds !== undefined) earliest = Math.max(earliest, now - startingDeadlineSeconds * 1000);
  const first = schedule.next(earliest);
  const second = first === undefined ? undefined : schedule.next(first);
  if (first === undefined || second === undefined) throw badRequest('time difference between two schedules is less than 1 second');
  if (now < first) return { earliest, mostRecent: undefined, missed: 'none' };
  if (now < second) return { earliest, mostRecent: first, missed: 'none' };
  const interval = Math.round((second - first) / 1000) * 1000;
  const missedCount = Math.floor((now - first) / interval) + 1;
  let mostRecent: number | undefined;
  for (let time = schedule.next(first + (missedCount - 2) * interval); time !== undefined && time <= now; time = schedule.next(time))
    mostRecent = time;
  return { earliest, mostRecent, missed: missedCount > MANY_MISSED ? 'many' : 'few' };
}

/** In how many ms to look at the CronJob again: its next time and a moment more (`nextScheduleTimeDuration`). */
export function requeueMs(cronJob: CronJob, now: number, schedule: Schedule): number {
  const { earliest, mostRecent, missed } = mostRecentTime(cronJob, now, schedule, false);
  const from = mostRecent ?? (missed === 'none' ? earliest : now);
  return (schedule.next(from) ?? now) + NEXT_SCHEDULE_DELTA_MS - now;
}
