/** Removes everything that mode ipvs has made (`pkg/proxy/ipvs/proxier_linux.go`, CleanupLeftovers). */
import { IP_SET_NAMES } from './ip-sets.ts';
import { IPVS_CHAINS, IPVS_JUMPS } from './iptables-rules.ts';
import type { IpvsTools } from './tools.ts';

/** Does nothing where the mode has left no trace. */
export function cleanUpIpvs({ device, ipvs, iptables, ipset }: IpvsTools): void {
  if (!device.exists) return;
  ipvs.flush();
  device.delete();
  for (const { table, from, to, comment } of IPVS_JUMPS) iptables.deleteRule(table, from, `-m comment --comment "${comment}" -j ${to}`);
  let text = '';
  for (const table of ['nat', 'filter'] as const) {
    const chains = IPVS_CHAINS[table].filter((chain) => iptables.hasChain(table, chain));
    text += `*${table}\n${chains.map((chain) => `:${chain} - [0:0]\n`).join('')}${chains.map((chain) => `-X ${chain}\n`).join('')}COMMIT\n`;
  }
  iptables.restore(text);
  // Sets go last: rules have asked them.
  const sets = IP_SET_NAMES.filter((name) => ipset.has(name));
  if (sets.length > 0) ipset.restore(sets.map((name) => `destroy ${name}\n`).join(''));
}
