/** Stepping the simulation, and remembering what the step ran for the timeline. */
import { create } from 'zustand';
import type { ClusterActions } from '../cluster/actions.ts';
import { announce } from '../state/announcer.ts';
import type { TaskInfo } from '../../worker/protocol.ts';

/** The tasks that the last step ran. */
export const useLastStep = create<{ tasks: readonly TaskInfo[] }>()(() => ({ tasks: [] }));

/** "kube-scheduler bind pods/default/web" */
export function describeTask({ component, action, object }: TaskInfo): string {
  return [component, action, object].filter(Boolean).join(' ');
}

/** Pauses if time runs, runs one event or up to the next revision, and says what it was. */
export async function stepAndTell(actions: ClusterActions, paused: boolean, unit: 'event' | 'revision'): Promise<void> {
  if (!paused) await actions.setClock({ paused: true });
  const tasks = await actions.step(unit);
  useLastStep.setState({ tasks });
  const last = tasks.at(-1);
  if (last) announce(describeTask(last), 'step');
}
