/** The format of a case; what each key means is told in fixtures/oracle/README.md. */
import type { EndpointSlice, Node, Service } from '../../src/api/generated/types.ts';

export interface Listener {
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

export interface NodePlan {
  readonly name: string;
  readonly ip: string;
  readonly podCIDR?: string;
  readonly hairpin?: boolean;
  readonly extraIPs?: readonly string[];
  readonly listen?: readonly Listener[];
  readonly routes?: readonly string[];
}

export interface PodPlan {
  readonly name: string;
  readonly node: string;
  readonly ip: string;
  readonly listen?: readonly Listener[];
  readonly hairpin?: boolean;
  readonly hostNetwork?: boolean;
  readonly ifName?: string;
}

export interface ExternalPlan {
  readonly name: string;
  readonly ip: string;
  readonly listen?: readonly Listener[];
}

export interface Topology {
  readonly mode: 'host-gw' | 'vxlan';
  readonly nodeCIDR?: string;
  readonly nodes: readonly NodePlan[];
  readonly pods: readonly PodPlan[];
  readonly external?: readonly ExternalPlan[];
  readonly routes?: readonly { readonly to: string; readonly via: string }[];
  readonly routeLocalnet?: boolean;
  readonly bridgeNfCallIptables?: boolean;
  readonly rpFilter?: number;
  readonly sysctls?: Readonly<Record<string, number | string>>;
  readonly vxlanPort?: number;
}

export interface PacketPlan {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly connections?: number;
  readonly trace?: number;
  readonly sourceIP?: string;
  readonly sourcePort?: number;
  readonly gapMs?: number;
  readonly action?: {
    readonly sleepMs?: number;
    readonly conntrackFlush?: boolean;
    readonly iptables?: Readonly<Record<string, string | readonly string[]>>;
    readonly noflush?: boolean;
  };
}

export interface KernelCase {
  readonly name: string;
  readonly description?: string;
  readonly cluster?: { readonly clusterCIDR?: string; readonly proxyMode?: string; readonly cni?: string };
  readonly kubernetes?: readonly (Node | Service | EndpointSlice)[];
  readonly topology: Topology;
  readonly ipsets?: Readonly<Record<string, string | readonly string[]>>;
  readonly iptables?: Readonly<Record<string, string | readonly string[]>>;
  readonly packets: readonly PacketPlan[];
}

/** A text that a case gives as lines or as one string. */
export const textOf = (lines: string | readonly string[] | undefined): string =>
  lines === undefined ? '' : typeof lines === 'string' ? lines : `${lines.join('\n')}\n`;
