/** What a container does, in Kubernetes' words with a glyph. */
import type { ContainerStatus } from '../../api/generated/types.ts';

/** How a container fares. */
export interface ContainerLook {
  /** "Running", "CrashLoopBackOff", "Completed (exit 0)". */
  text: string;
  glyph: string;
  tone: 'good' | 'wait' | 'bad' | 'done';
}

/** The look of a container's status; without one it was not created yet. */
export function containerState(status: ContainerStatus | undefined): ContainerLook {
  const { running, waiting, terminated } = status?.state ?? {};
  if (terminated) {
    const text = `${terminated.reason ?? 'Terminated'} (exit ${String(terminated.exitCode)})`;
    return terminated.exitCode === 0 ? { text, glyph: '■', tone: 'done' } : { text, glyph: '✕', tone: 'bad' };
  }
  if (running)
    return status?.ready ? { text: 'Running', glyph: '✓', tone: 'good' } : { text: 'Running, not ready', glyph: '◐', tone: 'wait' };
  const text = waiting?.reason ?? 'Waiting';
  return /BackOff|^Err|Error|Invalid/.test(text) ? { text, glyph: '✕', tone: 'bad' } : { text, glyph: '…', tone: 'wait' };
}
