/** NodeUnschedulable: cordoned nodes take only pods that tolerate it (`plugins/nodeunschedulable/node_unschedulable.go`). */
import type { Node, Taint } from '../../api/generated/types.ts';
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { unresolvable } from '../framework/status.ts';
import { toleratedBy, UNSCHEDULABLE as TAINT_KEY } from '../../api/core/taints.ts';

const NAME = 'NodeUnschedulable';
const UNSCHEDULABLE = unresolvable(NAME, 'node(s) were unschedulable');
/** What `spec.unschedulable` amounts to. */
const TAINT: Taint = { key: TAINT_KEY, effect: 'NoSchedule' };

/** Makes the NodeUnschedulable plugin. */
export const nodeUnschedulable = (): Plugin => ({
  name: NAME,
  nodeLocal: true,
  events: [
    {
      event: { resource: 'Node', action: Action.Add | Action.UpdateNodeTaint },
      hint(_pod, { old, object }) {
        return (object as Node).spec.unschedulable !== true && (old === undefined || (old as Node).spec.unschedulable === true);
      },
    },
    { event: { resource: 'UnscheduledPod', action: Action.UpdatePodToleration } },
  ],
  filter(_state, { pod }, { node }) {
    return node?.spec.unschedulable && !toleratedBy(pod.spec.tolerations, TAINT) ? UNSCHEDULABLE : undefined;
  },
});
