/** An IptablesTool that only keeps the rules as they are written, for tests that do not need a kernel. */
import type { IptablesTable, IptablesTool } from '../iptables-tool.ts';

const BUILT_IN: Readonly<Record<IptablesTable, readonly string[]>> = {
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** Tables of chains of rules, each rule as its text without "-A CHAIN". */
export class RecordedIptables implements IptablesTool {
  readonly #tables = new Map<string, Map<string, string[]>>();
  /** All texts given to `restore`, in order. */
  readonly restored: string[] = [];

  constructor() {
    for (const [table, chains] of Object.entries(BUILT_IN)) {
      this.#tables.set(table, new Map(chains.map((chain) => [chain, []])));
    }
  }

  restore(text: string): void {
    this.restored.push(text);
    let table = '';
    for (const line of text.split('\n')) {
      if (line.startsWith('*')) table = line.slice(1);
      else if (line.startsWith(':')) this.#chains(table).set(line.slice(1).split(' ')[0] ?? '', []);
      else if (line.startsWith('-')) this.#run(table, line);
    }
  }

  chains(table: IptablesTable): Iterable<string> {
    return this.#chains(table).keys();
  }

  hasChain(table: IptablesTable, chain: string): boolean {
    return this.#chains(table).has(chain);
  }

  ensureChain(table: IptablesTable, chain: string): void {
    if (!this.hasChain(table, chain)) this.#chains(table).set(chain, []);
  }

  ensureRule(position: 'prepend' | 'append', table: IptablesTable, chain: string, rule: string): void {
    const rules = this.rules(table, chain);
    if (rules.includes(rule)) return;
    if (position === 'prepend') rules.unshift(rule);
    else rules.push(rule);
  }

  deleteRule(table: IptablesTable, chain: string, rule: string): void {
    const rules = this.rules(table, chain);
    const index = rules.indexOf(rule);
    if (index >= 0) rules.splice(index, 1);
  }

  deleteChain(table: IptablesTable, chain: string): void {
    this.#chains(table).delete(chain);
  }

  rules(table: IptablesTable, chain: string): string[] {
    const rules = this.#chains(table).get(chain);
    if (rules === undefined) throw new Error(`No chain ${chain} in table ${table}`);
    return rules;
  }

  /** Everything, as iptables-restore reads it. */
  text(): string {
    let text = '';
    for (const [table, chains] of this.#tables) {
      text += `*${table}\n`;
      for (const chain of chains.keys()) text += `:${chain} ${/^[A-Z]+$/.test(chain) ? 'ACCEPT' : '-'} [0:0]\n`;
      for (const [chain, rules] of chains) text += rules.map((rule) => `-A ${chain} ${rule}\n`).join('');
      text += 'COMMIT\n';
    }
    return text;
  }

  #run(table: string, line: string): void {
    const [command = '', chain = ''] = line.split(' ', 2);
    if (command === '-X') {
      for (const rules of this.#chains(table).values()) {
        if (rules.some((rule) => rule.endsWith(`-j ${chain}`))) throw new Error(`CHAIN_DEL failed: ${chain} is referenced`);
      }
      this.#chains(table).delete(chain);
      return;
    }
    this.rules(table as IptablesTable, chain).push(line.slice(command.length + chain.length + 2));
  }

  #chains(table: string): Map<string, string[]> {
    const chains = this.#tables.get(table);
    if (chains === undefined) throw new Error(`No table ${table}`);
    return chains;
  }
}
