/** What the runtime needs from a node's pod network. `cni/node-network.ts` is one; `cluster/` passes it in. */
import type { PortMapping } from '../linux/net/port-maps.ts';
import type { NetworkNamespace } from '../linux/net/namespace.ts';

/** CNI as containerd calls it. */
export interface PodNetwork {
  /** Why pods cannot have a network ("cni plugin not initialized"); undefined when they can. */
  readonly notReady: string | undefined;
  /** ADD: the sandbox's addresses, or why it failed. `ip` asks for exactly this one. */
  add(
    sandboxId: string,
    netns: NetworkNamespace,
    ip?: string,
    portMappings?: readonly PortMapping[],
    pod?: { readonly namespace: string; readonly name: string },
  ): { ips: readonly string[] } | { error: string };
  /** DEL. */
  remove(sandboxId: string, netns: NetworkNamespace): void;
}
