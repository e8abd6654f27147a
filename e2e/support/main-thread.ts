/**
 * How long the tasks of a page's main thread are. Wall time (`longtask`) is what a person feels, but on a machine that other work shares
 * it also counts the time in which the thread did not run; the browser's trace tells its CPU time, which does not depend on neighbours.
 */
import type { Browser, Page } from '@playwright/test';

/** Durations in ms of tasks over the limit, and of the longest. */
export interface Measured {
  /** By the CPU's clock. */
  cpu: { longest: number; over: number[] };
  /** By the wall's. */
  wall: { longest: number; over: number[] };
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** CPU time, µs. */
  tdur?: number;
  args?: { name?: string };
}

const summary = (durations: readonly number[], limit: number) => ({
  longest: Math.max(0, ...durations),
  over: durations.filter((duration) => duration > limit),
});

/** CPU times, in ms, of the tasks of the busiest page's main thread. */
function taskTimes(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const byThread = new Map<string, number[]>();
  for (const { name, ph, pid, tid, tdur } of traceEvents) {
    const thread = `${pid}/${tid}`;
    if (name !== 'RunTask' || ph !== 'X' || tdur === undefined || !mains.has(thread)) continue;
    const times = byThread.get(thread) ?? [];
    if (times.push(tdur / 1000) === 1) byThread.set(thread, times);
  }
  const sum = (times: readonly number[]) => times.reduce((total, time) => total + time, 0);
  const [busiest = []] = [...byThread.values()].sort((a, b) => sum(b) - sum(a));
  return busiest;
}

/** Measures the tasks that `work` leads to. */
export async function measureTasks(browser: Browser, page: Page, limit: number, work: () => Promise<void>): Promise<Measured> {
  await page.evaluate(async () => {
    for (let quiet = 0; quiet < 2; quiet++) await new Promise((resolve) => requestIdleCallback(resolve));
    const durations: number[] = [];
    const observer = new PerformanceObserver((entries) => durations.push(...entries.getEntries().map(({ duration }) => duration)));
    observer.observe({ type: 'longtask' });
    Object.assign(window, { measured: { durations, observer } });
  });
  await browser.startTracing(page, { categories: ['disabled-by-default-devtools.timeline'] });
  await work();
  const cpu = taskTimes(await browser.stopTracing());
  if (cpu.length === 0) throw new Error('the trace holds no tasks of the main thread');
  const wall = await page.evaluate(() => {
    const { durations, observer } = (window as unknown as { measured: { durations: number[]; observer: PerformanceObserver } }).measured;
    observer.disconnect();
    return durations;
  });
  return { cpu: summary(cpu, limit), wall: summary(wall, limit) };
}
