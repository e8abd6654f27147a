/**
 * `ip rule`: which routing table is asked for which packets, in the order of priorities (`net/ipv4/fib_rules.c`). The
 * local table is always first and is not here: what is local, the namespace's addresses say.
 */
import { type Cidr, contains, type Ipv4 } from './ipv4.ts';
import { networkChanged } from './generation.ts';
import type { Route, RouteTable } from './routes.ts';

/** "100: from 10.244.0.0/16 fwmark 0x1/0xff iif cni0 lookup vpn". */
export interface RoutingRule {
  readonly priority: number;
  readonly from?: Cidr;
  readonly to?: Cidr;
  readonly fwmark?: { readonly value: number; readonly mask: number };
  /** The device that the packet came in by. */
  readonly iif?: string;
  readonly table: RouteTable;
  /** For printing. */
  readonly tableName: string;
}

/** What a look-up is about. */
export interface RouteKey {
  readonly source: Ipv4 | undefined;
  readonly destination: Ipv4;
  readonly mark: number;
  readonly iif: string | undefined;
}

/** The rules of one namespace between the local table and the end. */
export class RoutingRules {
  #rules: readonly RoutingRule[] = [];

  list(): readonly RoutingRule[] {
    return this.#rules;
  }

  add(rule: RoutingRule): void {
    this.#rules = [...this.#rules, rule].sort((a, b) => a.priority - b.priority);
    networkChanged();
  }

  delete(rule: RoutingRule): void {
    this.#rules = this.#rules.filter((other) => other !== rule);
    networkChanged();
  }

  /** The first route that a matching rule's table has; a `throw` route goes on with the next rule. */
  lookup(key: RouteKey): Route | undefined {
    for (const rule of this.#rules) {
      const route = matches(rule, key) ? rule.table.lookup(key.destination) : undefined;
      if (route !== undefined && route.type !== 'throw') return route;
    }
    return undefined;
  }
}

function matches({ from, to, fwmark, iif }: RoutingRule, key: RouteKey): boolean {
  if (from !== undefined && (key.source === undefined || !contains(from, key.source))) return false;
  if (to !== undefined && !contains(to, key.destination)) return false;
  if (fwmark !== undefined && (key.mark & fwmark.mask) !== fwmark.value) return false;
  return iif === undefined || iif === key.iif;
}
