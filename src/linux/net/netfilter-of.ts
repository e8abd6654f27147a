/** The packet filter of a namespace, which it has from the first time that somebody asks for it. */
import { Netfilter } from '../netfilter/netfilter.ts';
import { NamespaceContext } from './hooks.ts';
import type { NetworkNamespace } from './namespace.ts';

/** The namespace's netfilter; made when there is none yet. */
export function netfilterOf(netns: NetworkNamespace): Netfilter {
  const known = netns.netfilter;
  if (known !== undefined) return known;
  const netfilter = new Netfilter();
  netns.configure({ netfilter, hookContext: new NamespaceContext(netns) });
  return netfilter;
}
