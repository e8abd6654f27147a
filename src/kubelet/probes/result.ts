/** Thresholds of probes: when a run of equal outcomes becomes the probe's result (`pkg/kubelet/prober/worker.go`). Pure. */
import type { Probe } from '../../api/generated/types.ts';

/** Which of a container's three probes. */
export type ProbeType = 'startup' | 'liveness' | 'readiness';

/** The result that other parts of the kubelet see. */
export type ProbeResult = 'success' | 'failure' | 'unknown';

/** The API's defaults (`SetDefaults_Probe`), in seconds and counts. */
export const PROBE_DEFAULTS = {
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
} as const;

/** A run of equal outcomes. */
export interface ProbeRun {
  readonly last: ProbeResult;
  readonly length: number;
  /** What counts now. */
  readonly result: ProbeResult;
}

/** Before the first outcome: not ready, alive, startup unknown. */
export function initialRun(type: ProbeType): ProbeRun {
  return { last: 'unknown', length: 0, result: type === 'readiness' ? 'failure' : type === 'liveness' ? 'success' : 'unknown' };
}

const thresholdOf = (probe: Probe, outcome: ProbeResult): number =>
  outcome === 'failure'
    ? (probe.failureThreshold ?? PROBE_DEFAULTS.failureThreshold)
    : (probe.successThreshold ?? PROBE_DEFAULTS.successThreshold);

/** The run after one more outcome. The result changes only when the run is as long as the outcome's threshold. */
export function nextRun(probe: Probe, run: ProbeRun, outcome: 'success' | 'failure'): ProbeRun {
  const length = run.last === outcome ? run.length + 1 : 1;
  const result = length >= thresholdOf(probe, outcome) ? outcome : run.result;
  // A long steady run keeps its object, so that a steady probe allocates nothing.
  if (run.last === outcome && result === run.result && length > 1000) return run;
  return { last: outcome, length, result };
}

/** True when more equal outcomes would change nothing. */
export const isSettled = (probe: Probe, run: ProbeRun): boolean => run.length > 0 && run.length >= thresholdOf(probe, run.last);
