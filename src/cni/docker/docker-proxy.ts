/**
 * docker-proxy (`cmd/docker-proxy`): one process for each published port, which takes the connections that the rules leave out: from the
 * machine's own loopback, and from containers of the same bridge. It dials the container itself, which then sees the bridge's address.
 */
import { connect } from '../../linux/net/connect.ts';
import { formatIpv4, type Ipv4 } from '../../linux/net/ipv4.ts';
import type { Machine } from '../../linux/machine.ts';
import type { PortMapping } from '../../linux/net/port-maps.ts';
import type { Service } from '../../linux/net/socket.ts';
import type { Process } from '../../linux/process.ts';
import { EMPTY_INPUT, NULL_OUTPUT } from '../../linux/streams.ts';
import { PAUSE, type Program } from '../../linux/syscalls.ts';

const PATH = '/usr/bin/docker-proxy';

/** Starts it. Undefined when the port is taken. */
export function startDockerProxy(machine: Machine, mapping: PortMapping, container: Ipv4): Process | undefined {
  const { protocol, hostPort, containerPort, hostIp = 0 } = mapping;
  const service: Service = {
    serve(process, message) {
      const recorder = message.kind === 'http' ? message.recorder : undefined;
      const outcome = connect(process.context.netns, container, containerPort, protocol, recorder && { recorder });
      if (outcome.state !== 'connected') return undefined;
      return outcome.socket.service.serve(outcome.socket.process, message, outcome.peer);
    },
  };
  const options = ['-proto', protocol.toLowerCase(), '-host-ip', formatIpv4(hostIp), '-host-port', `${hostPort}`];
  const process = machine.spawn({
    context: machine.context,
    argv: [PATH, ...options, '-container-ip', formatIpv4(container), '-container-port', `${containerPort}`],
    executable: waits,
    stdin: EMPTY_INPUT,
    stdout: NULL_OUTPUT,
    stderr: NULL_OUTPUT,
  });
  if (machine.netns.listen({ protocol, ip: hostIp, port: hostPort, process, service })) return process;
  machine.exit(process, 1);
  return undefined;
}

function* waits(): Program {
  yield PAUSE;
  return 0;
}
