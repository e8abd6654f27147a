/** Puts ipsets in place. */
import { IpSets } from './ip-sets.ts';
import { ipSets } from './late.ts';

/** Call once per process, before rules of users' come. */
export function installIpSets(): void {
  ipSets.install({ newIpSets: () => new IpSets() });
}
