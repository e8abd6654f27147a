/** PrioritySort: higher priority first, then whoever has waited longer (`plugins/queuesort/priority_sort.go`). */
import type { Plugin } from '../framework/interface.ts';

/** Makes the PrioritySort plugin. */
export const prioritySort = (): Plugin => ({
  name: 'PrioritySort',
  events: [],
  less(a, b) {
    if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
    return a.timestamp !== b.timestamp ? a.timestamp < b.timestamp : a.sequence < b.sequence;
  },
});
