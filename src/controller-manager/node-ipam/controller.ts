/**
 * Gives every node its range of pod addresses (`pkg/controller/nodeipam`, range allocator): a /24 of 10.244.0.0/16
 * unless configured otherwise. IPv4 only.
 */
import { NodeResource } from '../../api/core/node.ts';
import type { Node } from '../../api/generated/types.ts';
import { startController } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';
import { CidrSet } from './cidr-set.ts';

/** Starts the controller. `clusterCidr` as "10.244.0.0/16", `nodeMaskSize` as 24. */
export function startNodeIpamController(deps: ControllerDeps, options: { clusterCidr: string; nodeMaskSize: number }): void {
  const nodes = deps.informers.informer(NodeResource);
  const ranges = new CidrSet(options.clusterCidr, options.nodeMaskSize);
  const controller = startController(deps.scope, 'nodes', reconcile, [nodes]);
  const occupy = (node: Node) => {
    for (const range of rangesOf(node)) ranges.occupy(range);
    controller.enqueue(node.metadata.name);
  };
  nodes.addHandler(
    {
      add: occupy,
      update: occupy,
      delete: (node) => rangesOf(node).forEach((range) => ranges.release(range)),
    },
    deps.scope,
  );

  function reconcile(name: string): void {
    const node = nodes.get(name);
    if (node === undefined || rangesOf(node).length > 0) return;
    const range = ranges.allocate();
    if (range === undefined) return deps.recorder.event(node, 'Normal', 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
    try {
      deps.client.patch(NodeResource, { name }, 'strategic', { spec: { podCIDR: range, podCIDRs: [range] } });
    } catch (error) {
      ranges.release(range);
      throw error;
    }
  }
}

function rangesOf({ spec }: Node): string[] {
  return spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
}
