/** Removes everything that mode iptables has written (`pkg/proxy/iptables/cleanup.go`). KUBE-FIREWALL stays: it is the kubelet's too. */
import type { IptablesTool } from '../iptables-tool.ts';
import { isServiceChain } from './chain-names.ts';
import { CANARY, CANARY_TABLES, JUMPS } from './fixed-rules.ts';

/** No other mode has this chain. */
const TRACE = 'KUBE-EXTERNAL-SERVICES';
const NAT_CHAINS = new Set(['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ']);
const FILTER_CHAINS = new Set(['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL']);

/** Does nothing where the mode has left no trace. */
export function cleanUpIptables(iptables: IptablesTool): void {
  if (!iptables.hasChain('filter', TRACE)) return;
  for (const { table, from, rule } of JUMPS) iptables.deleteRule(table, from, rule);
  const nat = [...iptables.chains('nat')].filter((chain) => NAT_CHAINS.has(chain) || isServiceChain(chain));
  const filter = [...iptables.chains('filter')].filter((chain) => FILTER_CHAINS.has(chain));
  iptables.restore(removal('filter', filter) + removal('nat', nat));
  for (const table of CANARY_TABLES) iptables.deleteChain(table, CANARY);
}

/** Empties the chains, then deletes them. */
function removal(table: string, chains: readonly string[]): string {
  const lines = [...chains.map((chain) => `:${chain} - [0:0]`), ...chains.map((chain) => `-X ${chain}`)];
  return `*${table}\n${lines.map((line) => `${line}\n`).join('')}COMMIT\n`;
}
