/**
 * Mode userspace, history: the first kube-proxy (removed in release 1.26). Rules lead every connection to a port that
 * kube-proxy listens on; it accepts, chooses an endpoint, dials, and copies bytes both ways: two connections instead
 * of one, and the endpoint sees the node's address.
 */
// Differs: endpoints come from EndpointSlices with today's ready conditions; the release of this mode read Endpoints objects.
import { formatIpv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Random } from '../../sim/random.ts';
import type { IptablesTool } from '../iptables-tool.ts';
import type { RuleWriter, RuleWriterOptions } from '../rule-writer.ts';
import type { ProxyProtocol, ServicePortInfo } from '../service-port.ts';
import { RoundRobinBalancer } from './load-balancer.ts';
import { ensurePortalChains, type PortalRule, portalRules, TRACE_CHAIN } from './portal-rules.ts';

/** Where kube-proxy opens its own ports. */
export interface PortalPorts {
  /**
   * Listens on a free port of all addresses; `choose` names the endpoint ("ip:port") for a client's new connection.
   * Returns the port.
   */
  open(protocol: ProxyProtocol, choose: (clientIp: string) => string | undefined): number;
  close(protocol: ProxyProtocol, port: number): void;
}

interface Portal {
  readonly info: ServicePortInfo;
  readonly proxyPort: number;
  readonly balancer: RoundRobinBalancer;
  readonly rules: readonly PortalRule[];
}

/** Opens a port and writes rules for every Service port. */
export class UserspaceProxier implements RuleWriter {
  readonly #options: RuleWriterOptions;
  readonly #iptables: IptablesTool;
  readonly #ports: PortalPorts;
  readonly #clock: { readonly now: number; readonly random: Random };
  readonly #portals = new Map<string, Portal>();

  constructor(
    options: RuleWriterOptions,
    iptables: IptablesTool,
    ports: PortalPorts,
    clock: { readonly now: number; readonly random: Random },
  ) {
    this.#options = options;
    this.#iptables = iptables;
    this.#ports = ports;
    this.#clock = clock;
  }

  write(changed: ReadonlySet<string> | undefined): void {
    const { entries } = this.#options.model;
    ensurePortalChains(this.#iptables);
    for (const name of changed ?? new Set([...this.#portals.keys(), ...entries.keys()])) {
      const entry = entries.get(name);
      const old = this.#portals.get(name);
      const same = entry !== undefined && old !== undefined && JSON.stringify(old.info) === JSON.stringify(entry.info);
      if (old !== undefined && !same) this.#close(name, old);
      if (entry === undefined) continue;
      const portal = same ? old : this.#open(name, entry.info);
      portal.balancer.update(entry.endpoints.filter(({ ready }) => ready).map(({ text }) => text));
      for (const { table, chain, rule } of portal.rules) this.#iptables.ensureRule('append', table, chain, rule);
    }
  }

  isIntact(): boolean {
    return this.#iptables.hasChain('nat', TRACE_CHAIN);
  }

  stop(): void {
    for (const { info, proxyPort } of this.#portals.values()) this.#ports.close(info.protocol, proxyPort);
    this.#portals.clear();
  }

  #open(name: string, info: ServicePortInfo): Portal {
    const balancer = new RoundRobinBalancer(this.#clock.random, info.affinitySeconds);
    const proxyPort = this.#ports.open(info.protocol, (client) => balancer.next(client, this.#clock.now));
    const host = formatIpv4(parseIpv4(this.#options.node.ip) ?? 0);
    const portal: Portal = { info, proxyPort, balancer, rules: portalRules(info, host, proxyPort) };
    this.#portals.set(name, portal);
    return portal;
  }

  #close(name: string, { info, proxyPort, rules }: Portal): void {
    for (const { table, chain, rule } of rules) this.#iptables.deleteRule(table, chain, rule);
    this.#ports.close(info.protocol, proxyPort);
    this.#portals.delete(name);
  }
}
