/** What one Service port asks of IPVS and of the sets on one node (`pkg/proxy/ipvs/proxier.go`, the loop of syncProxyRules). Pure. */
import { contains, parseIpv4 } from '../../linux/net/ipv4.ts';
import type { Endpoint } from '../endpoints.ts';
import type { ServicePortEntry } from '../service-model.ts';
import { type ProxyProtocol, sourceCidrs } from '../service-port.ts';
import { categorizeEndpoints, type NodePlace } from '../topology.ts';
import { type IpSetName, nodePortSet } from './ip-sets.ts';

/** A virtual server with the endpoints behind it. */
export interface DesiredServer {
  /** "tcp 10.96.0.1:80" */
  readonly key: string;
  readonly protocol: ProxyProtocol;
  readonly ip: string;
  readonly port: number;
  readonly persistentSeconds: number;
  /** The address belongs on kube-ipvs0; node ports have addresses of the node. */
  readonly bind: boolean;
  /** Sorted by text. */
  readonly endpoints: readonly Endpoint[];
}

/** All of a Service port. */
export interface Desired {
  readonly members: readonly (readonly [IpSetName, string])[];
  readonly servers: readonly DesiredServer[];
}

/** A node, as far as virtual servers depend on it. */
export interface IpvsNode extends NodePlace {
  readonly ip: string;
  /** Addresses that accept node ports. */
  readonly nodePortIps: readonly string[];
}

/** What the kernel of `node` needs for `entry`. */
export function desiredOf({ info, endpoints }: ServicePortEntry, node: IpvsNode): Desired {
  const { protocol, port, nodePort, persistentSeconds } = { ...info, persistentSeconds: info.affinitySeconds };
  const members: [IpSetName, string][] = [];
  const servers: DesiredServer[] = [];
  const { cluster, local } = categorizeEndpoints(endpoints, info, node);
  // Where Local finds nobody, IPVS goes anywhere: the packet's way back then fails for clients from outside.
  const chosen = (onlyLocal: boolean) => (onlyLocal && local.length > 0 ? local : cluster);
  const serve = (ip: string, at: number, bind: boolean, onlyLocal: boolean) =>
    servers.push({ key: `${protocol} ${ip}:${at}`, protocol, ip, port: at, persistentSeconds, bind, endpoints: chosen(onlyLocal) });

  for (const { ip, port: target, nodeName } of endpoints) {
    if (nodeName === node.name) members.push(['KUBE-LOOP-BACK', `${ip},${protocol}:${target},${ip}`]);
  }
  members.push(['KUBE-CLUSTER-IP', `${info.clusterIP},${protocol}:${port}`]);
  serve(info.clusterIP, port, true, info.internalPolicyLocal);
  for (const ip of info.externalIPs) {
    members.push([info.externalPolicyLocal ? 'KUBE-EXTERNAL-IP-LOCAL' : 'KUBE-EXTERNAL-IP', `${ip},${protocol}:${port}`]);
    serve(ip, port, true, info.externalPolicyLocal);
  }
  const ranges = sourceCidrs(info);
  const allowFromNode = ranges.some((range) => contains(range, parseIpv4(node.ip) ?? 0));
  for (const ip of info.loadBalancerVIPs) {
    const member = `${ip},${protocol}:${port}`;
    members.push(['KUBE-LOAD-BALANCER', member]);
    if (info.externalPolicyLocal) members.push(['KUBE-LOAD-BALANCER-LOCAL', member]);
    if (ranges.length > 0) members.push(['KUBE-LOAD-BALANCER-FW', member]);
    for (const range of info.sourceRanges) members.push(['KUBE-LOAD-BALANCER-SOURCE-CIDR', `${member},${range}`]);
    // A node that holds the address itself calls with it as its source.
    if (allowFromNode) members.push(['KUBE-LOAD-BALANCER-SOURCE-IP', `${member},${ip}`]);
    serve(ip, port, true, info.externalPolicyLocal);
  }
  if (nodePort !== 0) {
    const ports = protocol === 'sctp' ? node.nodePortIps.map((ip) => `${ip},sctp:${nodePort}`) : [String(nodePort)];
    for (const member of ports) {
      members.push([nodePortSet(protocol, false), member]);
      if (info.externalPolicyLocal) members.push([nodePortSet(protocol, true), member]);
    }
    for (const ip of node.nodePortIps) serve(ip, nodePort, false, info.externalPolicyLocal);
  }
  if (info.healthCheckNodePort !== 0) members.push(['KUBE-HEALTH-CHECK-NODE-PORT', String(info.healthCheckNodePort)]);
  return { members, servers };
}
