/**
 * What kube-proxy is told by its configuration file (`kubeproxy.config.k8s.io/v1alpha1` KubeProxyConfiguration,
 * `pkg/proxy/apis/config/types.go`): the fields that the simulation acts on.
 */
import { parseGoDuration } from '../apimachinery/durations.ts';
import { parseYaml } from '../apimachinery/yaml.ts';
import { parseCidr } from '../linux/net/ipv4.ts';

/** Ways to bring Services into the kernel. `userspace` is history: it was removed in release 1.26. */
export const PROXY_MODES = ['iptables', 'ipvs', 'nftables', 'userspace'] as const;
export type ProxyMode = (typeof PROXY_MODES)[number];

/** Settings of one kube-proxy. */
export interface ProxyConfig {
  readonly mode: ProxyMode;
  /** Addresses of pods; empty when unknown. What comes from elsewhere is masqueraded. */
  readonly clusterCIDR: string;
  /** Networks whose addresses of the node accept node ports; empty: all addresses. */
  readonly nodePortAddresses: readonly string[];
  /** Masquerades everything that goes to a cluster address. */
  readonly masqueradeAll: boolean;
  /** Bit of the packet mark that asks for masquerading. */
  readonly masqueradeBit: number;
  /** Node ports answer on 127.0.0.1 too (iptables mode only). */
  readonly localhostNodePorts: boolean;
  readonly minSyncPeriodMs: number;
  readonly syncPeriodMs: number;
  readonly ipvs: IpvsConfig;
}

/** Settings of mode ipvs. */
export interface IpvsConfig {
  readonly scheduler: string;
  readonly strictARP: boolean;
  /** Virtual servers in these networks are not kube-proxy's. */
  readonly excludeCIDRs: readonly string[];
  /** Seconds; 0 leaves the kernel's values. */
  readonly tcpTimeoutSeconds: number;
  readonly tcpFinTimeoutSeconds: number;
  readonly udpTimeoutSeconds: number;
}

/** What kube-proxy does when told nothing (`pkg/proxy/apis/config/v1alpha1/defaults.go`). */
export const DEFAULT_PROXY_CONFIG: ProxyConfig = {
  mode: 'iptables',
  clusterCIDR: '',
  nodePortAddresses: [],
  masqueradeAll: false,
  masqueradeBit: 14,
  localhostNodePorts: true,
  minSyncPeriodMs: 1000,
  syncPeriodMs: 30_000,
  ipvs: { scheduler: 'rr', strictARP: false, excludeCIDRs: [], tcpTimeoutSeconds: 0, tcpFinTimeoutSeconds: 0, udpTimeoutSeconds: 0 },
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the text of config.conf. A text that is no configuration, or a mode that does not exist, throws an Error with
 * kube-proxy's words; fields of a wrong type are as if absent.
 */
export function parseProxyConfig(text: string): ProxyConfig {
  const fields = fieldsOf(parseYaml(text));
  const { clusterCIDR, nodePortAddresses, ipvs, iptables } = fields;
  const modeText = stringOf(fields['mode']) || DEFAULT_PROXY_CONFIG.mode;
  const mode = PROXY_MODES.find((known) => known === modeText);
  if (mode === undefined) {
    throw new Error(
      `mode: Invalid value: "${modeText}": must be iptables,ipvs,nftables or blank (blank means the best-available proxy [currently iptables])`,
    );
  }
  const masquerade = fieldsOf(iptables);
  const own = mode === 'iptables' || mode === 'userspace' ? masquerade : fieldsOf(fields[mode]);
  const virtualServers = fieldsOf(ipvs);
  const defaults = DEFAULT_PROXY_CONFIG;
  return {
    mode,
    clusterCIDR:
      stringOf(clusterCIDR)
        .split(',')
        .find((cidr) => parseCidr(cidr) !== undefined) ?? '',
    nodePortAddresses: textsOf(nodePortAddresses),
    // Mode ipvs reads these two from the iptables section; nftables has its own.
    masqueradeAll: (mode === 'nftables' ? own : masquerade)['masqueradeAll'] === true,
    masqueradeBit: numberOf((mode === 'nftables' ? own : masquerade)['masqueradeBit'], defaults.masqueradeBit),
    localhostNodePorts: masquerade['localhostNodePorts'] !== false,
    minSyncPeriodMs: durationMs(own['minSyncPeriod']) || defaults.minSyncPeriodMs,
    syncPeriodMs: durationMs(own['syncPeriod']) || defaults.syncPeriodMs,
    ipvs: {
      scheduler: stringOf(virtualServers['scheduler']) || defaults.ipvs.scheduler,
      strictARP: virtualServers['strictARP'] === true,
      excludeCIDRs: textsOf(virtualServers['excludeCIDRs']),
      tcpTimeoutSeconds: durationMs(virtualServers['tcpTimeout']) / 1000,
      tcpFinTimeoutSeconds: durationMs(virtualServers['tcpFinTimeout']) / 1000,
      udpTimeoutSeconds: durationMs(virtualServers['udpTimeout']) / 1000,
    },
  };
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
const stringOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const numberOf = (value: unknown, otherwise: number): number => (typeof value === 'number' ? value : otherwise);
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);

/** "1m30s" as 90000; 0 when nothing is said. Throws for what is no duration. */
const durationMs = (value: unknown): number => (stringOf(value) === '' ? 0 : parseGoDuration(stringOf(value)));
