/** What `ip` and `bridge` of iproute2 print about a network namespace. */
import { broadcastOf, formatCidr, formatIpv4, networkOf } from './ipv4.ts';
import type { Address, Link, LinkKind, Neighbour } from './link.ts';
import { formatMac } from './mac.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Route } from './routes.ts';
import type { RoutingRule } from './routing-rules.ts';

const FLAGS: Readonly<Record<LinkKind, string>> = {
  loopback: 'LOOPBACK',
  eth: 'BROADCAST,MULTICAST',
  veth: 'BROADCAST,MULTICAST',
  bridge: 'BROADCAST,MULTICAST',
  dummy: 'BROADCAST,NOARP',
  vxlan: 'BROADCAST,MULTICAST',
  ipip: 'NOARP',
  tun: 'POINTOPOINT,MULTICAST,NOARP',
};
/** Whose carrier nobody can tell. */
const UNKNOWN_STATE: ReadonlySet<LinkKind> = new Set<LinkKind>(['loopback', 'vxlan', 'ipip', 'tun', 'dummy']);
/** base_reachable_time */
const REACHABLE_MS = 30_000;
const FOREVER = '       valid_lft forever preferred_lft forever';

/** `ip link` of one device. */
export function formatLink(link: Link): string {
  const { index, kind, mtu, master, up, carrier } = link;
  const flags = [FLAGS[kind], ...(up ? ['UP'] : []), ...(carrier ? ['LOWER_UP'] : [])].join(',');
  const state = !up ? 'DOWN' : UNKNOWN_STATE.has(kind) ? 'UNKNOWN' : carrier ? 'UP' : 'LOWERLAYERDOWN';
  const queue = !up ? 'noop' : kind === 'eth' || kind === 'tun' ? 'fq_codel' : 'noqueue';
  const belongsTo = master === undefined ? '' : ` master ${master.name}`;
  const first = `${index}: ${linkName(link)}: <${flags}> mtu ${mtu} qdisc ${queue}${belongsTo} state ${state} group default qlen 1000`;
  return `${first}\n    ${hardware(link)}`;
}

/** "veth1a2b@if2": a veth is named with the other end's number. */
function linkName({ name, peer, kind }: Link): string {
  if (kind === 'ipip') return `${name}@NONE`;
  return peer === undefined ? name : `${name}@if${peer.index}`;
}

function hardware(link: Link): string {
  const { kind, peer, netns } = link;
  if (kind === 'loopback') return 'link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00';
  if (kind === 'tun') return 'link/none';
  if (kind === 'ipip') return 'link/ipip 0.0.0.0 brd 0.0.0.0';
  const elsewhere = peer !== undefined && peer.netns !== netns ? ' link-netnsid 0' : '';
  return `link/ether ${formatMac(link.mac)} brd ff:ff:ff:ff:ff:ff${elsewhere}`;
}

function formatAddress(link: Link, { ip, prefixLength }: Address): string {
  const network = { network: networkOf(ip, prefixLength), prefixLength };
  const isHost = link.kind === 'loopback' && ip >>> 24 === 0x7f;
  const broadcast = isHost || prefixLength > 30 ? '' : ` brd ${formatIpv4(broadcastOf(network))}`;
  return `    inet ${formatIpv4(ip)}/${prefixLength}${broadcast} scope ${isHost ? 'host' : 'global'} ${link.name}\n${FOREVER}`;
}

const lines = (texts: Iterable<string>): string => [...texts].map((text) => `${text}\n`).join('');

/** `ip link`. */
export const ipLink = ({ links }: NetworkNamespace): string => lines(links.map(formatLink));

/** `ip addr`. */
export const ipAddress = ({ links }: NetworkNamespace): string =>
  lines(links.map((link) => [formatLink(link), ...link.addresses.map((address) => formatAddress(link, address))].join('\n')));

/** `ip route`: the default route first, then by network. */
export function ipRoute({ routes }: NetworkNamespace): string {
  const order = (a: Route, b: Route) => a.network - b.network || a.prefixLength - b.prefixLength || a.metric - b.metric;
  return lines([...routes.list()].sort(order).map(formatIpRoute));
}

/** A line of `ip route`. */
export function formatIpRoute(route: Route): string {
  const { gateway, link, metric, source, onlink, type = 'unicast', prefixLength } = route;
  const isKernels = gateway === undefined && source !== undefined && type === 'unicast';
  const protocol = route.protocol ?? (isKernels ? 'kernel' : undefined);
  const target = prefixLength === 0 ? 'default' : prefixLength === 32 ? formatIpv4(route.network) : formatCidr(route);
  return [
    ...(type === 'unicast' ? [] : [type]),
    target,
    ...(gateway === undefined ? [] : ['via', formatIpv4(gateway)]),
    ...(type === 'unicast' ? ['dev', link.name] : []),
    ...(protocol === undefined || protocol === 'boot' ? [] : ['proto', protocol]),
    ...(gateway === undefined && type === 'unicast' ? ['scope', 'link'] : []),
    ...(source === undefined ? [] : ['src', formatIpv4(source)]),
    ...(metric === 0 ? [] : ['metric', String(metric)]),
    ...(onlink ? ['onlink'] : []),
  ].join(' ');
}

/** `ip neigh`. */
export function ipNeighbour({ links, machine }: NetworkNamespace): string {
  const state = ({ permanent, confirmedAt }: Neighbour) =>
    permanent ? 'PERMANENT' : machine.now - confirmedAt <= REACHABLE_MS ? 'REACHABLE' : 'STALE';
  return lines(
    links.flatMap(({ name, neighbours }) =>
      [...(neighbours ?? [])].map(([ip, entry]) => `${formatIpv4(ip)} dev ${name} lladdr ${formatMac(entry.mac)} ${state(entry)}`),
    ),
  );
}

/** `bridge fdb`: where bridges have seen hardware addresses, and which machine a vxlan sends them to. */
export function bridgeFdb({ links }: NetworkNamespace): string {
  return lines(
    links.flatMap((link) => [
      ...[...(link.details.fdb ?? [])].map(([mac, { port }]) => `${formatMac(mac)} dev ${port.name} master ${link.name}`),
      ...[...(link.details.vxlan?.fdb ?? [])].map(([mac, ip]) => `${formatMac(mac)} dev ${link.name} dst ${formatIpv4(ip)} self permanent`),
    ]),
  );
}

/** `ip rule`. */
export function ipRule({ details }: NetworkNamespace): string {
  const own = (details.rules?.list() ?? []).map(formatRule);
  return lines(['0:\tfrom all lookup local', ...own, '32766:\tfrom all lookup main', '32767:\tfrom all lookup default']);
}

function formatRule({ priority, from, to, fwmark, iif, tableName }: RoutingRule): string {
  const mark = fwmark === undefined ? '' : ` fwmark 0x${fwmark.value.toString(16)}/0x${fwmark.mask.toString(16)}`;
  const target = to === undefined ? '' : ` to ${formatCidr(to)}`;
  return `${priority}:\tfrom ${from === undefined ? 'all' : formatCidr(from)}${target}${mark}${iif === undefined ? '' : ` iif ${iif}`} lookup ${tableName}`;
}
