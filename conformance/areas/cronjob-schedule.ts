/** When a CronJob is due, and when to look at it again. */
import type { CronJob } from '../../src/api/generated/types.ts';
import { formatTime } from '../../src/apimachinery/durations.ts';
import { mostRecentTime, NEXT_SCHEDULE_DELTA_MS, requeueMs } from '../../src/controller-manager/cronjob/due.ts';
import { parseSchedule } from '../../src/api/batch/schedule.ts';
import type { Area } from '../area.ts';

const text = (ms: number | undefined): string | null => (ms === undefined ? null : formatTime(ms));

export const run: Area['run'] = ({
  op,
  schedule: expression,
  creationTimestamp,
  lastScheduleTime,
  startingDeadlineSeconds,
  useDeadline,
  now,
}) => {
  const cronJob = {
    metadata: { creationTimestamp },
    spec: { schedule: expression, startingDeadlineSeconds },
    status: { lastScheduleTime },
  } as unknown as CronJob;
  const schedule = parseSchedule(String(expression));
  const nowMs = Date.parse(String(now));
  if (op === 'requeueAfter') return { seconds: (requeueMs(cronJob, nowMs, schedule) - NEXT_SCHEDULE_DELTA_MS) / 1000 };
  const { earliest, mostRecent, missed } = mostRecentTime(cronJob, nowMs, schedule, op === 'next' || useDeadline === true);
  return { earliest: text(earliest), mostRecent: text(mostRecent), missed, start: text(mostRecent) };
};
