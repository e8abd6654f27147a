/** SchedulingGates: a pod with gates is not even queued (`plugins/schedulinggates/scheduling_gates.go`). */
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { unresolvable } from '../framework/status.ts';

const NAME = 'SchedulingGates';

/** Makes the SchedulingGates plugin. */
export const schedulingGates = (): Plugin => ({
  name: NAME,
  events: [{ event: { resource: 'UnscheduledPod', action: Action.UpdatePodSchedulingGatesEliminated } }],
  preEnqueue({ spec: { schedulingGates: gates = [] } }) {
    if (gates.length === 0) return undefined;
    return unresolvable(NAME, `waiting for scheduling gates: [${gates.map(({ name }) => name).join(' ')}]`);
  },
});
