/**
 * The iptables commands that kube-proxy runs (`pkg/util/iptables/iptables.go`), as an interface: every mode writes some
 * rules, and the kernel that takes them is the caller's.
 */

/** Tables that kube-proxy writes to. */
export type IptablesTable = 'filter' | 'nat' | 'mangle';

/** The tools of one node. Rules are given as on a command line, without the command: "-m comment … -j KUBE-SERVICES". */
export interface IptablesTool {
  /** `iptables-restore --noflush --counters`. Throws an Error when the kernel refuses; nothing is changed then. */
  restore(text: string): void;
  /** Names of the chains of a table. */
  chains(table: IptablesTable): Iterable<string>;
  hasChain(table: IptablesTable, chain: string): boolean;
  /** `-N`, unless it exists. */
  ensureChain(table: IptablesTable, chain: string): void;
  /** `-I chain` or `-A chain`, unless `-C` finds the rule. */
  ensureRule(position: 'prepend' | 'append', table: IptablesTable, chain: string, rule: string): void;
  /** `-D`, if `-C` finds the rule. */
  deleteRule(table: IptablesTable, chain: string, rule: string): void;
  /** `-F` and `-X`, if the chain exists. */
  deleteChain(table: IptablesTable, chain: string): void;
}
