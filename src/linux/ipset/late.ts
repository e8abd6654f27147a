/** The place of ipsets: no rule of a cluster in mode iptables asks one. */
import { LatePart } from '../../apimachinery/late-part.ts';
import type { IpSets } from './ip-sets.ts';

/** Makes the sets of one namespace. */
export interface IpSetsMaker {
  newIpSets(): IpSets;
}

/** ipset(8) and its part of the kernel. */
export const ipSets = new LatePart<IpSetsMaker>('ipsets');
