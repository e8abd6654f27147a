/** A small network for tests: two machines on one LAN, each with a bridge and two pods, and routes to each other's pods. */
import { Simulation } from '../../../sim/simulation.ts';
import { TaskScope } from '../../../sim/task-scope.ts';
import { Machine } from '../../machine.ts';
import { pause } from '../../syscalls.ts';
import { remember } from '../arp.ts';
import { Fabric } from '../fabric.ts';
import { parseCidr, parseIpv4 } from '../ipv4.ts';
import { addAddress, addLink, addVethPair, type Link, setMaster } from '../link.ts';
import { NetworkNamespace } from '../namespace.ts';
import type { ListeningSocket, Protocol } from '../socket.ts';
import { configureIpip, configureTun, configureVxlan } from '../tunnels.ts';

/** "10.244.1.2" as a number. */
export const ip = (text: string) => parseIpv4(text)!;
/** "10.244.1.0/24". */
export const cidr = (text: string) => parseCidr(text)!;

/** How the machines reach each other's pods. */
export type Backend = 'host-gw' | 'vxlan' | 'udp' | 'ipip';

/** Machine N has eth0 172.18.0.(N+1) and cni0 10.244.N.1/24; its pods have .2 and .3. */
export function lan(backend: Backend = 'host-gw') {
  const sim = new Simulation();
  const scope = new TaskScope(sim, 'test');
  const fabric = new Fabric(cidr('172.18.0.0/16'));
  const machines = [1, 2].map((number) => node(scope, fabric, number));
  for (const [index, { machine, eth }] of machines.entries()) connectPods(machine, eth, index + 1, 2 - index, backend);
  return { sim, scope, fabric, a: machines[0]!, b: machines[1]! };
}

function node(scope: TaskScope, fabric: Fabric, number: number) {
  const machine = new Machine(scope, { hostname: `m${number}`, milliCpu: 1000, memoryBytes: 2 ** 30 });
  const eth = fabric.plug(machine, ip(`172.18.0.${number + 1}`));
  const bridge = addLink(machine.netns, 'cni0', 'bridge');
  addAddress(bridge, ip(`10.244.${number}.1`), 24);
  const pods = [2, 3].map((last) => {
    const netns = new NetworkNamespace(machine, `pod${number}${last}`);
    netns.bringLoopbackUp();
    const [inside, outside] = addVethPair(netns, 'eth0', machine.netns, `veth${last}`);
    setMaster(outside, bridge);
    outside.hairpin = true;
    addAddress(inside, ip(`10.244.${number}.${last}`), 24);
    netns.addRoute({ network: 0, prefixLength: 0, link: inside, gateway: ip(`10.244.${number}.1`) });
    return netns;
  });
  return { machine, bridge, eth, pods };
}

function connectPods({ netns }: Machine, eth: Link, number: number, other: number, backend: Backend): void {
  const subnet = cidr(`10.244.${other}.0/24`);
  const remote = ip(`172.18.0.${other + 1}`);
  const local = ip(`172.18.0.${number + 1}`);
  if (backend === 'host-gw') netns.addRoute({ ...subnet, gateway: remote, link: eth });
  if (backend === 'vxlan') {
    const vtep = addLink(netns, 'flannel.1', 'vxlan');
    configureVxlan(vtep, { vni: 1, local, port: 8472, underlay: eth });
    addAddress(vtep, ip(`10.244.${number}.0`), 32);
    netns.addRoute({ ...subnet, gateway: subnet.network, link: vtep, onlink: true });
    const mac = 0x0a58_0000_0000 + subnet.network;
    remember(vtep, subnet.network, { mac, confirmedAt: 0, permanent: true });
    vtep.details.vxlan?.fdb.set(mac, remote);
  }
  if (backend === 'udp') {
    const tun = addLink(netns, 'flannel0', 'tun');
    configureTun(tun, 'flanneld', 8285, (destination) => (destination >>> 8 === subnet.network >>> 8 ? remote : undefined));
    addAddress(tun, ip(`10.244.${number}.0`), 32);
    netns.addRoute({ ...cidr('10.244.0.0/16'), link: tun });
  }
  if (backend === 'ipip') {
    const tunnel = addLink(netns, 'tunl0', 'ipip');
    configureIpip(tunnel, local, eth);
    netns.addRoute({ ...subnet, gateway: remote, link: tunnel, onlink: true, protocol: 'bird' });
  }
}

/** Something listens in `netns`, under this name. */
export function listen(netns: NetworkNamespace, port: number, protocol: Protocol = 'TCP', name = 'server'): ListeningSocket {
  const { machine } = netns;
  const process = machine.spawn({
    context: machine.context,
    argv: [name],
    stdin: { read: () => '', reader: undefined },
    stdout: { write: () => true },
    stderr: { write: () => true },
    *executable() {
      yield* pause();
      return 0;
    },
  });
  const socket = { protocol, ip: 0, port, process, service: { serve: () => undefined } };
  netns.listen(socket);
  return socket;
}
