/**
 * Why no node was found, and its text (`pkg/scheduler/framework/types.go`: Diagnosis, FitError.Error).
 * `0/<all> nodes are available:` + (PreFilter's message | counts of reasons, as strings sorted as strings) + PostFilter's message.
 */
import type { PluginAnswer } from '../../api/kubarium/scheduling-decision.ts';
import type { NodeStatuses } from './interface.ts';
import { StatusList } from './status-list.ts';
import { Status } from './status.ts';

export const NO_NODES_AVAILABLE = 'no nodes available to schedule pods';

/** The findings of one attempt. */
export class Diagnosis implements NodeStatuses {
  byNode: StatusList = new StatusList();
  /** Stands for all nodes without an entry in `byNode`. */
  absent: Status = new Status('UnschedulableAndUnresolvable', [], '');
  /** The plugins that refused; their events bring the pod back. */
  readonly unschedulablePlugins: Set<string> = new Set();
  preFilterMessage = '';
  postFilterMessage = '';
  /** What PreFilter and PostFilter plugins answered besides plain success. */
  readonly preFilter: PluginAnswer[] = [];
  readonly postFilter: PluginAnswer[] = [];

  addPlugin(status: Status): void {
    if (status.plugin !== '' && status.isRejected) this.unschedulablePlugins.add(status.plugin);
  }
}

function tallyOf(statuses: Iterable<Status>): ReadonlyMap<Status, number> {
  const tally = new Map<Status, number>();
  for (const status of statuses) tally.set(status, (tally.get(status) ?? 0) + 1);
  return tally;
}

/** The text for users. `nodeCount` is the number of all nodes. */
export function fitErrorMessage(
  nodeCount: number,
  {
    byNode,
    absent,
    preFilterMessage = '',
    postFilterMessage = '',
  }: NodeStatuses & { preFilterMessage?: string; postFilterMessage?: string },
): string {
  let text = `0/${nodeCount} nodes are available:`;
  if (preFilterMessage !== '') text += ` ${preFilterMessage}.`;
  else {
    const counts = new Map<string, number>();
    const count = (reason: string, nodes: number) => counts.set(reason, (counts.get(reason) ?? 0) + nodes);
    for (const [status, nodes] of byNode.tally?.() ?? tallyOf(byNode.values())) for (const reason of status.reasons) count(reason, nodes);
    if (byNode.size < nodeCount) for (const reason of absent.reasons) count(reason, nodeCount - byNode.size);
    const entries = [...counts].map(([reason, nodes]) => `${nodes} ${reason}`).sort();
    if (entries.length > 0) text += ` ${entries.join(', ')}.`;
  }
  return postFilterMessage === '' ? text : `${text} ${postFilterMessage}`;
}
