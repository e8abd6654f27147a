/**
 * What translating a Service's address costs by proxy mode, counted in the model's own units: comparisons of rules and look-ups in hash
 * tables for the first packet of a connection to the last Service of N. And what a real kernel took, measured (docs/fidelity.md says how).
 */

/** Numbers of Services in the plot. */
export const SERVICE_COUNTS = [10, 100, 1_000, 5_000, 20_000] as const;

/** Operations of one mode for N Services. */
export interface ModeCost {
  mode: 'iptables' | 'ipvs' | 'nftables';
  operations(services: number): number;
}

/**
 * iptables: N rules of KUBE-SERVICES, then three to reach the endpoint (masquerade?, endpoint, DNAT).
 * ipvs: about a dozen rules whatever N is (KUBE-SERVICES and its sets), and one look-up in the table of virtual servers.
 * nftables: two verdict maps and the endpoint's chain.
 */
export const MODE_COSTS: readonly ModeCost[] = [
  { mode: 'iptables', operations: (services) => services + 3 },
  { mode: 'ipvs', operations: () => 13 },
  { mode: 'nftables', operations: () => 5 },
];

/** A row of the measurement: median round trip in µs of the first packet of a connection, second packet in brackets. */
export interface MeasuredRow {
  services: number;
  rules: number;
  iptablesNft: string;
  iptablesLegacy: string;
  ipset: string;
  nftablesMap: string;
}

/** Measured on Linux 6.18, iptables 1.8.9, one UDP question and answer through a node's namespace to the last of N Services. */
export const MEASURED: readonly MeasuredRow[] = [
  {
    services: 100,
    rules: 507,
    iptablesNft: '24.8 (19.1)',
    iptablesLegacy: '22.9 (19.1)',
    ipset: '22.4 (18.8)',
    nftablesMap: '22.0 (18.8)',
  },
  {
    services: 1_000,
    rules: 5_007,
    iptablesNft: '41.4 (18.6)',
    iptablesLegacy: '29.4 (19.1)',
    ipset: '22.5 (19.2)',
    nftablesMap: '22.1 (19.2)',
  },
  {
    services: 5_000,
    rules: 25_007,
    iptablesNft: '114 (18.5)',
    iptablesLegacy: '53 (18.9)',
    ipset: '22.3 (18.8)',
    nftablesMap: '22.4 (19.3)',
  },
  {
    services: 20_000,
    rules: 100_007,
    iptablesNft: '375 (18.9)',
    iptablesLegacy: '134 (19.3)',
    ipset: '22.5 (19.3)',
    nftablesMap: '22.3 (18.9)',
  },
];
