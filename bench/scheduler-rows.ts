/** The scheduler's part of `npm run bench`: what `scheduler.ts` measures, as µs of processor time per pod, beside upstream's thresholds. */
import { spawnSync } from 'node:child_process';

/** What `scheduler.ts --json` says of one workload. */
interface Figures {
  readonly name: string;
  /** Pods per second; absent where upstream has no threshold. */
  readonly upstream?: number;
  readonly off: number;
  readonly full: number;
}

/** One line of the bench. */
export interface SchedulerRow {
  measure: string;
  unit: string;
  peer: undefined;
  here: number;
  bar: number;
  note: string;
}

const INCLUDES =
  "upstream's figure includes HTTP, TLS, serialisation and etcd's disk, and uses 16 goroutines; ours is one core, with apiserver, watches, binding and events";

/** Two lines per workload: nothing recorded (5 times upstream's rate), every decision recorded (twice). */
export function schedulerRows(): SchedulerRow[] {
  const { stdout } = spawnSync(process.execPath, ['bench/scheduler.ts', '--json'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return (JSON.parse(stdout) as Figures[]).flatMap(({ name, upstream, off, full }) => {
    const row = (what: string, rate: number, times: number): SchedulerRow => ({
      measure: `${name}, ${what}${upstream === undefined ? '' : ` (${times} x upstream's ${upstream}/s)`}`,
      unit: 'µs',
      peer: undefined,
      here: 1e6 / rate,
      bar: upstream === undefined ? Infinity : 1e6 / (times * upstream),
      note: upstream === undefined ? 'upstream publishes no threshold' : INCLUDES,
    });
    return [row('a pod', off, 5), row('a pod, recorded', full, 2)];
  });
}
