/**
 * TaintToleration (`plugins/tainttoleration/taint_toleration.go`).
 * Filter: no NoSchedule or NoExecute taint may be left untolerated.
 * Score: raw = number of PreferNoSchedule taints that the pod does not tolerate; 100 - 100 · raw / max.
 */
import type { Node, Toleration } from '../../api/generated/types.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { StateKey } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { defaultNormalizeScore } from '../framework/normalize.ts';
import { unresolvable } from '../framework/status.ts';
import { toleratedBy, untoleratedTaint } from '../../api/core/taints.ts';

const NAME = 'TaintToleration';
const preferNoSchedule = new StateKey<readonly Toleration[]>(`PreScore${NAME}`);

const untolerated = (node: Node | undefined, tolerations: readonly Toleration[] | undefined) =>
  untoleratedTaint(node?.spec.taints ?? [], tolerations);

/** Makes the TaintToleration plugin. */
export const taintToleration = (): Plugin => ({
  name: NAME,
  nodeLocal: true,
  events: [
    {
      event: { resource: 'Node', action: Action.Add | Action.UpdateNodeTaint },
      hint({ spec: { tolerations } }, { old, object }) {
        if (untolerated(object as Node, tolerations) !== undefined) return false;
        return old === undefined || untolerated(old as Node, tolerations) !== undefined;
      },
    },
    { event: { resource: 'UnscheduledPod', action: Action.UpdatePodToleration } },
  ],
  filter(_state, { pod }, { taints }) {
    if (taints.length === 0) return undefined;
    const taint = untoleratedTaint(taints, pod.spec.tolerations);
    return taint && unresolvable(NAME, `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`);
  },
  preScore(state: CycleState, { pod }) {
    state.write(
      preferNoSchedule,
      (pod.spec.tolerations ?? []).filter(({ effect }) => !effect || effect === 'PreferNoSchedule'),
    );
    return undefined;
  },
  score(state, _pod, { taints }) {
    if (taints.length === 0) return 0;
    const tolerations = state.read(preferNoSchedule);
    return taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !toleratedBy(tolerations, taint)).length;
  },
  normalizeScore(_state, _pod, nodes, scores) {
    defaultNormalizeScore(scores, nodes.length, true);
  },
});
