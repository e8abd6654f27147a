/** Probe thresholds: {ask: "defaults"} -> defaults; {kind, probe, results} -> {ready | restart} after each result. */
import type { Probe } from '../../src/api/generated/types.ts';
import { PROBE_DEFAULTS, initialRun, nextRun } from '../../src/kubelet/probes/result.ts';
import type { ProbeType } from '../../src/kubelet/probes/result.ts';
import type { Area } from '../area.ts';

interface Input {
  ask?: string;
  kind: ProbeType;
  probe: Probe | null;
  running?: boolean;
  results?: ('success' | 'failure')[];
}

export const run: Area['run'] = (input) => {
  const { ask, kind, probe, running, results = [] } = input as unknown as Input;
  if (ask === 'defaults') return PROBE_DEFAULTS;
  if (probe === null) return { ready: running };
  let state = initialRun(kind);
  const states = results.map((result) => (state = nextRun(probe, state, result)));
  if (kind === 'liveness') return { restart: states.map(({ result }) => result === 'failure') };
  return { ready: states.length === 0 ? state.result === 'success' : states.map(({ result }) => result === 'success') };
};
