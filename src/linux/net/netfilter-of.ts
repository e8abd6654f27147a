/** The packet filter of a namespace, which it has from the first time that somebody asks for it. */
import { Netfilter } from '../netfilter/netfilter.ts';
import { NamespaceContext } from './hooks.ts';
import type { NetworkNamespace } from './namespace.ts';
import { findRoute } from './routing.ts';

/** nat is at -100. */
const AFTER_NAT = -99;

/** The namespace's netfilter; made when there is none yet. */
export function netfilterOf(netns: NetworkNamespace): Netfilter {
  const known = netns.netfilter;
  if (known !== undefined) return known;
  const netfilter = new Netfilter();
  // ip_route_me_harder: with another destination the packet leaves by another device, which the filter table is to see.
  netfilter.register('OUTPUT', {
    priority: AFTER_NAT,
    pure: true,
    run: (packet, evaluation) => {
      if (packet.conntrack?.destinationNat) {
        const local = netns.isLocal(packet.destination);
        evaluation.output = local ? netns.loopback : findRoute(netns, packet.destination, packet.source, packet.mark)?.link;
      }
      return 'accept';
    },
  });
  netns.configure({ netfilter, hookContext: new NamespaceContext(netns) });
  return netfilter;
}
