/**
 * Borg's packing experiment ("Large-scale cluster management at Google with Borg", section 5.2 and figure 5): how many machines does a
 * workload need when production and batch jobs share them, and how many when each has machines of its own? The paper finds 20-30 % more
 * for separate cells in the median. Production pods ask for more than they use ("reserve for rare spikes"); batch pods may run in
 * what is reserved but idle, as non-production work in Borg is packed against usage, not limits.
 * A pure function: same seed, same numbers.
 */
import { Random } from '../../sim/random.ts';
import { PLACEMENTS } from '../borg/placement.ts';
import type { Shares } from '../borg/placement.ts';

/** What to try. */
export interface PackingOptions {
  seed: string;
  /** Pods of both kinds. Default 400 and 800. */
  production?: number;
  batch?: number;
  placement?: keyof typeof PLACEMENTS;
  /** How much of what production requests it uses, 0 to 1. Default 0.6. */
  used?: number;
  /** Repetitions with other seeds. Default 5. */
  trials?: number;
}

/** A pod, in shares of a machine. */
interface Task extends Shares {
  readonly production: boolean;
}

/** One repetition. */
export interface PackingTrial {
  mixed: number;
  production: number;
  batch: number;
  /** (production + batch - mixed) / mixed, in per cent. */
  overheadPercent: number;
}

/** What came out. */
export interface PackingResult {
  trials: readonly PackingTrial[];
  /** Machines: the medians. */
  mixed: number;
  separate: number;
  medianOverheadPercent: number;
  /** Placement questions asked: machines looked at. */
  examined: number;
}

interface Machine {
  /** Requested by production: its promise. */
  production: Shares;
  /** What is really expected to be in use. */
  expected: Shares;
}

const EMPTY: Shares = { cpu: 0, memory: 0 };
const plus = (a: Shares, b: Shares, factor = 1): Shares => ({ cpu: a.cpu + b.cpu * factor, memory: a.memory + b.memory * factor });
const fits = ({ cpu, memory }: Shares) => cpu <= 1 && memory <= 1;

/** Sizes are skewed: many small tasks, few large ones; production leans to memory, batch to cpu. */
function tasksOf(random: Random, production: number, batch: number): Task[] {
  const size = () => 0.02 + 0.4 * random.float() ** 3;
  const make = (isProduction: boolean): Task => {
    const [small, large] = [size() * (0.5 + 0.5 * random.float()), size()];
    return isProduction ? { cpu: small, memory: large, production: true } : { cpu: large, memory: small, production: false };
  };
  return [...Array.from({ length: production }, () => make(true)), ...Array.from({ length: batch }, () => make(false))];
}

/** Packs in the order of priority onto as few machines as the placement finds; a machine is added when nothing fits. */
function pack(
  tasks: readonly Task[],
  { placement, used }: { placement: keyof typeof PLACEMENTS; used: number },
): { machines: number; examined: number } {
  const machines: Machine[] = [];
  const weigh = PLACEMENTS[placement];
  let examined = 0;
  for (const task of tasks) {
    const usage = task.production ? used : 1;
    let best: Machine | undefined;
    let bestScore = -Infinity;
    for (const machine of machines) {
      examined++;
      const expected = plus(machine.expected, task, usage);
      if (!fits(expected) || (task.production && !fits(plus(machine.production, task)))) continue;
      const score = weigh(machine.expected, expected);
      if (score > bestScore) [best, bestScore] = [machine, score];
    }
    if (best === undefined) machines.push((best = { production: EMPTY, expected: EMPTY }));
    best.expected = plus(best.expected, task, usage);
    if (task.production) best.production = plus(best.production, task);
  }
  return { machines: machines.length, examined };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Runs the experiment. */
export function packingExperiment(options: PackingOptions): PackingResult {
  const { seed, production = 400, batch = 800, placement = 'Hybrid', used = 0.6, trials: count = 5 } = options;
  let examined = 0;
  const trials = Array.from({ length: count }, (_, index): PackingTrial => {
    const tasks = tasksOf(new Random(`${seed}/${index}`), production, batch);
    const run = (some: readonly Task[]) => {
      const result = pack(some, { placement, used });
      examined += result.examined;
      return result.machines;
    };
    const mixed = run(tasks);
    const [alone, batchAlone] = [run(tasks.filter((task) => task.production)), run(tasks.filter((task) => !task.production))];
    const overheadPercent = mixed === 0 ? 0 : Math.round(((alone + batchAlone - mixed) / mixed) * 1000) / 10;
    return { mixed, production: alone, batch: batchAlone, overheadPercent };
  });
  return {
    trials,
    mixed: median(trials.map(({ mixed }) => mixed)),
    separate: median(trials.map((trial) => trial.production + trial.batch)),
    medianOverheadPercent: median(trials.map(({ overheadPercent }) => overheadPercent)),
    examined,
  };
}
