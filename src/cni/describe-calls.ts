/**
 * The calls of CNI plugins as they are on a real node: environment, configuration on standard input, result on standard
 * output (CNI specification, section 2 and 5). Made from what the kernel has, when somebody wants to see them.
 */
import { formatIpv4 } from '../linux/net/ipv4.ts';
import { type Link, macOf } from '../linux/net/link.ts';
import type { PortMapping } from '../linux/net/port-maps.ts';
import type { CniResult, NetworkConfigList, PodRef } from './contract.ts';

/** One run of a plugin. */
export interface CniCall {
  /** "flannel": the file in /opt/cni/bin. */
  readonly plugin: string;
  /** CNI_COMMAND, CNI_CONTAINERID, CNI_NETNS, CNI_IFNAME, CNI_ARGS, CNI_PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** Standard input, JSON. */
  readonly config: object;
  /** Standard output, JSON. */
  readonly result: CniResult;
}

/** ADD for the sandbox whose device is `link`, plugin by plugin. */
export function describeCalls(
  { cniVersion, name, plugins }: NetworkConfigList,
  containerId: string,
  link: Link,
  pod: PodRef,
  portMappings: readonly PortMapping[],
): CniCall[] {
  const result = resultOf(cniVersion, link);
  const environment = {
    CNI_COMMAND: 'ADD',
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/var/run/netns/${link.netns.name}`,
    CNI_IFNAME: link.name,
    CNI_ARGS: `IgnoreUnknown=1;K8S_POD_NAMESPACE=${pod.namespace};K8S_POD_NAME=${pod.name};K8S_POD_INFRA_CONTAINER_ID=${containerId}`,
    CNI_PATH: '/opt/cni/bin',
  };
  return plugins.map((plugin, index) => {
    const mapped = plugin.type === 'portmap' && portMappings.length > 0 && { runtimeConfig: { portMappings } };
    const config = { cniVersion, name, ...plugin, ...mapped, ...(index > 0 && { prevResult: result }) };
    return { plugin: plugin.type, environment, config, result };
  });
}

/** The result, read back from the devices that the plugins made. */
function resultOf(cniVersion: string, link: Link): CniResult {
  const outside = link.peer;
  const bridge = outside?.master;
  const route = link.netns.routes.list().find(({ prefixLength }) => prefixLength === 0);
  const gateway = route?.gateway === undefined ? '' : formatIpv4(route.gateway);
  const hosts = [bridge, outside].filter((each) => each !== undefined).map((each) => ({ name: each.name, mac: macOf(each) }));
  return {
    cniVersion,
    interfaces: [...hosts, { name: link.name, mac: macOf(link), sandbox: `/var/run/netns/${link.netns.name}` }],
    ips: link.addresses.map(({ ip, prefixLength }) => ({ address: `${formatIpv4(ip)}/${prefixLength}`, gateway, interface: hosts.length })),
    routes: gateway === '' ? [] : [{ dst: '0.0.0.0/0', gw: gateway }],
  };
}
