/** CPU use that follows traffic: requests are counted, and once a second become the use of the second before. */
import type { Process } from '../../linux/process.ts';

const WINDOW_MS = 1000;

interface Load {
  /** CPU time in ms since the window began. */
  cpuMs: number;
  readonly idleMilliCpu: number;
}

const loads = new WeakMap<Process, Load>();

/** Adds a request's CPU time. Only a server that has traffic costs tasks: one a second. */
export function countRequest(process: Process, cpuMs: number): void {
  const load = loads.get(process);
  if (load !== undefined) load.cpuMs += cpuMs;
  else {
    loads.set(process, { cpuMs, idleMilliCpu: process.milliCpu });
    measureLater(process);
  }
}

function measureLater(process: Process): void {
  const { machine } = process;
  machine.scope.after(WINDOW_MS, 'load measured', process.context.label, () => measure(process), { background: true });
}

function measure(process: Process): void {
  const load = loads.get(process);
  if (load === undefined || !process.alive) return;
  process.use({ milliCpu: load.idleMilliCpu + Math.round((load.cpuMs / WINDOW_MS) * 1000) });
  if (load.cpuMs === 0) loads.delete(process);
  else {
    load.cpuMs = 0;
    measureLater(process);
  }
}
