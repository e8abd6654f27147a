/** NodeName: a pod that names its node runs there only (`plugins/nodename/node_name.go`). */
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { unresolvable } from '../framework/status.ts';

const NAME = 'NodeName';
const MISMATCH = unresolvable(NAME, "node(s) didn't match the requested node name");

/** Makes the NodeName plugin. */
export const nodeName = (): Plugin => ({
  name: NAME,
  nodeLocal: true,
  events: [{ event: { resource: 'Node', action: Action.Add } }],
  filter(_state, { pod }, node) {
    return pod.spec.nodeName && pod.spec.nodeName !== node.name ? MISMATCH : undefined;
  },
});
