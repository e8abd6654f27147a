/** NodePorts: the host ports that the pod asks for must be free (`plugins/nodeports/node_ports.go`). */
import type { Pod } from '../../api/generated/types.ts';
import { HostPorts } from '../cache/host-ports.ts';
import { containerFacts } from '../cache/resource.ts';
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { skip, unschedulable } from '../framework/status.ts';

const NAME = 'NodePorts';
const SKIP = skip(NAME);
const TAKEN = unschedulable(NAME, "node(s) didn't have free ports for the requested pod ports");

/** Makes the NodePorts plugin. */
export const nodePorts = (): Plugin => ({
  name: NAME,
  nodeLocal: true,
  events: [
    {
      event: { resource: 'AssignedPod', action: Action.Delete },
      hint(pod, { old }) {
        const freed = new HostPorts();
        for (const port of containerFacts((old as Pod).spec).hostPorts) freed.add(port);
        return containerFacts(pod.spec).hostPorts.some((port) => freed.conflicts(port));
      },
    },
    { event: { resource: 'Node', action: Action.Add } },
  ],
  preFilter(_state, { facts }) {
    return facts.hostPorts.length === 0 ? SKIP : undefined;
  },
  filter(_state, { facts }, { hostPorts }) {
    for (const port of facts.hostPorts) if (hostPorts.conflicts(port)) return TAKEN;
    return undefined;
  },
});
