/** A table: its built-in chains, one for each hook that it works at, and the users' chains that they lead to. */
import { Chain } from './chain.ts';
import type { Hook, TableName } from './recorder.ts';

/** Tables in the order in which iptables-save prints them (`nft_table_type`). */
export const TABLE_ORDER: readonly TableName[] = ['mangle', 'security', 'raw', 'filter', 'nat'];

/** The hooks of each table, in the order of their chains. */
export const BUILT_IN: Readonly<Record<TableName, readonly Hook[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
  raw: ['PREROUTING', 'OUTPUT'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** Whether there is such a table. */
export const isTableName = (name: string): name is TableName => Object.hasOwn(BUILT_IN, name);

/** Chains by name; the built-in ones are always there. */
export class Table {
  readonly name: TableName;
  readonly chains = new Map<string, Chain>();

  constructor(name: TableName) {
    this.name = name;
    for (const hook of BUILT_IN[name]) this.chains.set(hook, new Chain(hook, 'ACCEPT'));
  }

  /** Whether the chain is one of a hook. */
  isBuiltIn(chain: string): boolean {
    return (BUILT_IN[this.name] as readonly string[]).includes(chain);
  }

  /** Built-in chains in the order of the hooks, then the users' by name. */
  ordered(): Chain[] {
    const users: Chain[] = [];
    for (const chain of this.chains.values()) if (chain.policy === undefined) users.push(chain);
    users.sort((a, b) => (a.name < b.name ? -1 : 1));
    const builtIn = BUILT_IN[this.name].map((hook) => this.chains.get(hook)).filter((chain) => chain !== undefined);
    return [...builtIn, ...users];
  }
}
